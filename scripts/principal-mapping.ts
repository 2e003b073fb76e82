// Prints how Kafka's SslPrincipalMapper maps names with rules:
// node scripts/principal-mapping.ts > src/security/certificates/principal-mapping.vector.json
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaJars } from './kafka-jars.ts';

const NAMES = [
  'CN=alice,OU=ServiceUsers,O=Org,C=DE',
  'CN=Alice Example,OU=Sales,O=Example\\, Inc.,L=Berlin,C=DE',
  'cn=bob',
  'CN=Jürgen Ärger,O=Büro/West',
  '1.2.840.113549.1.9.1=#1613616c696365406578616d706c652e6f7267,CN=alice,O=Org',
  'CN=a+OU=b,DC=example,DC=org',
  '',
];

const RULES = [
  'DEFAULT',
  '',
  ' DEFAULT , ',
  'DEFAULTS',
  'default',
  'RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/',
  'RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/,DEFAULT',
  'RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),C=(.*?)$/$1@$2/L,DEFAULT',
  'RULE:^CN=(.*?),OU=(.*?),O=(.*?),C=(.*?)$/$1@$2/U',
  'RULE:^cn=(.*)$/user-$1/L, RULE:^CN=([^,]+).*$/$1/U',
  'RULE:.*CN=(.*?),O=(.*?)$/$1-$2/',
  'RULE:(.*)/a$1/',
  'RULE:.*/fixed/',
  'RULE:.*/x$0x/',
  'RULE:.*/$1/',
  'RULE:^CN=(.*?),.*$/$1@$2/',
  'RULE:^CN=(.*?),.*$/$2@$3/',
  'RULE:^CN=(.*?),.*$/$12/',
  'RULE:^(C)(N)=(.)(.)(.)(.).*$/$6$5$4$3$23/',
  'RULE:^CN=(.*?),.*$/$01/',
  'RULE:^CN=(.*?),.*$/$/',
  'RULE:^CN=(.*?),.*$/$x/',
  'RULE:^CN=(.*?),.*$/\\$1/',
  'RULE:^CN=(.*?),.*$/a\\/$1/',
  'RULE:^CN=(.*)\\/(.*)$/$1|$2/',
  'RULE:^CN=(.*),O=(.*)\\/West$/$2\\\\$1/L',
  'RULE:^CN=([^,]*),(OU=(.*),)?O=.*$/[$1|$3]/',
  'RULE:^CN=(a|al|ali)(.*?),.*$/$1-$2/',
  'RULE:CN|CN=.*/x/',
  'RULE:(CN=)?.*/y/',
  'RULE:a*/b/',
  'RULE:^CN=(.*?),(.*)$/$1/L,RULE:^cn=(.*)$/$1/U,DEFAULT',
  'RULE:^CN=(.*?),.*$/$1/LU',
  'RULE:^CN=(.*?),.*$/$1/l',
  'RULE:^CN=(.*?),.*$/$1/ L',
  'RULE:^CN=(.*?),.*$/$1/L ,DEFAULT',
  'RULE:^CN=(.*?),.*$/$1',
  'RULE:^CN=(.*?),.*$',
  'RULE:/x/',
  'RULE:^CN=(.*?),.*$//',
  'RULE:^CN=(.*?),.*$/$1/L,,DEFAULT',
  'DEFAULT,RULE:.*/never/',
  'DEFAULT RULE:.*/x/',
  'RULE:[/x/',
  'RULE:^CN=(?i)(ALICE).*$/$1/',
  'RULE:^CN=\\w+ \\w+,.*$/two words/',
  'RULE:^CN=(\\p{L}+) (\\p{L}+),.*$/$2 $1/U',
  'RULE:(?i)cn=([a-z]+)[^a-z].*/$1/',
  'nonsense,DEFAULT',
];

const PROGRAM = `
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.kafka.common.security.ssl.SslPrincipalMapper;
public class Mapping {
  static String text(String hex) { return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_8); }
  static String answer(String rules, String name) {
    SslPrincipalMapper mapper;
    try { mapper = SslPrincipalMapper.fromRules(rules); } catch (RuntimeException error) { return "invalid"; }
    try { return "=" + HexFormat.of().formatHex(mapper.getName(name).getBytes(StandardCharsets.UTF_8)); }
    catch (java.io.IOException error) { return "none"; }
    catch (RuntimeException error) { return "throws"; }
  }
  public static void main(String[] args) throws Exception {
    for (String line : new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split("\\n")) {
      String[] pair = line.split(":", -1);
      System.out.println(answer(text(pair[0]), text(pair[1])));
    }
  }
}`;

const jars = kafkaJars('tools');
if (!jars) throw new Error('Kafka’s jars are missing: run `node scripts/test-tools.mjs`');
const folder = mkdtempSync(join(tmpdir(), 'millrace-mapping-'));
try {
  const file = join(folder, 'Mapping.java');
  writeFileSync(file, PROGRAM);
  const pairs = RULES.flatMap((rules) => NAMES.map((name) => ({ rules, name })));
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const input = pairs.map(({ rules, name }) => `${hex(rules)}:${hex(name)}`).join('\n');
  const java = spawnSync('java', ['-cp', `${jars}/*`, file], { input, encoding: 'utf8' });
  if (java.status !== 0) throw new Error(java.stderr);
  const answers = java.stdout.trimEnd().split('\n');
  const rows = pairs.map(({ rules, name }, i) => {
    const answer = answers[i] ?? '';
    return answer.startsWith('=')
      ? { rules, name, is: Buffer.from(answer.slice(1), 'hex').toString() }
      : { rules, name, fails: answer };
  });
  process.stdout.write(`[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
