// `node scripts/connect-jars.ts > src/connect/release/connect-jars.ts` needs Maven and the jars of Kafka
// Connect that tests use. It prints the list of jars that `millrace up --kafka-from-maven` fetches, each with
// its checksum.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kafkaJars } from './kafka-jars.ts';

const { toolsVersion } = JSON.parse(readFileSync(join(import.meta.dirname, 'kafka-release.json'), 'utf8'));
const jars = kafkaJars('connect');
if (jars === null)
  throw new Error('There are no jars of Kafka Connect: node scripts/test-tools.mjs kafka-connect');
const folder = mkdtempSync(join(tmpdir(), 'millrace-jars-'));
try {
  const list = join(folder, 'list');
  execFileSync(
    'mvn',
    [
      ...['-q', '-B', '-f', join(import.meta.dirname, 'test-tools/connect-pom.xml')],
      ...[`-Dkafka.version=${toolsVersion}`, 'dependency:list'],
      ...['-DincludeScope=runtime', `-DoutputFile=${list}`],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const found = readFileSync(list, 'utf8').matchAll(/^ +([\w.-]+):([\w.-]+):jar:([\w.-]+):\w+/gm);
  const lines = [...found]
    .map(([, group, artifact, release]) => {
      const sha512 = createHash('sha512')
        .update(readFileSync(join(jars, `${artifact}-${release}.jar`)))
        .digest('base64');
      return `${group}:${artifact}:${release} ${sha512}`;
    })
    .sort();
  process.stdout.write(`// Made by \`node scripts/connect-jars.ts\`, not by hand.

/** The release of Kafka Connect that these jars are. */
export const CONNECT_RELEASE = '${toolsVersion}';

/** Each jar by its coordinates in Maven, with its SHA-512 in Base64. */
export const CONNECT_JARS = \`
${lines.join('\n')}
\`;
`);
} finally {
  rmSync(folder, { recursive: true });
}
