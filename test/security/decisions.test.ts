import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { below, Sfc32 } from '../../src/base/random.ts';
import {
  type Acl,
  type AclOperation,
  aclKey,
  operationCodes,
  patternTypeCodes,
  permissionCodes,
  type ResourceType,
  resourceTypeCodes,
} from '../../src/security/acl/acl.ts';
import { StandardAuthorizer } from '../../src/security/acl/standard-authorizer.ts';

/** The authorizer decides as Apache Kafka's own class does, on random ACLs and requests. */

/** `DECISIONS_SETS=20000 DECISIONS_SEED=…` tests more sets, or repeats a run. */
const SETS = Number(process.env.DECISIONS_SETS ?? 2000);
const ACLS_MAX = 8;
const ASKED = 12;

const jars = kafkaJars('tools');
const names = [
  'a',
  'ab',
  'abc',
  'abd',
  'b',
  'ba',
  'orders',
  'ordersé',
  'orders-',
  '*',
  '\u{1f600}',
  '\uffee',
  'A',
];
const principals = [
  'User:alice',
  'User:bob',
  'User:admin',
  'User:*',
  'User:ALICE',
  'Group:alice',
  'User:CN=a,O=b:c',
];
/** Kafka fails with an error for a user with the name *. */
const askers = principals.filter((principal) => principal !== 'User:*');
const hosts = ['*', '10.0.0.1', '10.0.0.2', '0:0:0:0:0:0:0:1'];
const operations = Object.keys(operationCodes) as AclOperation[];
const types = Object.keys(resourceTypeCodes) as ResourceType[];
/** Most cases use few operations and types, so that rules meet. */
const commonOperations: readonly AclOperation[] = ['READ', 'WRITE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER'];
const commonTypes: readonly ResourceType[] = ['TOPIC', 'TOPIC', 'GROUP'];

test.skipIf(!jars)('the authorizer agrees with Apache Kafka’s StandardAuthorizer', () => {
  const seed = Number(process.env.DECISIONS_SEED ?? randomInt(2 ** 32));
  const { lines, ours } = cases(new Sfc32(seed));
  const folder = mkdtempSync(join(tmpdir(), 'millrace-decisions-'));
  try {
    const file = join(folder, 'cases');
    writeFileSync(file, lines.map(({ line }) => line).join('\n'));
    const java = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx1g', '-cp', `${jars}/*`];
    const theirs = execFileSync('java', [...java, join(import.meta.dirname, 'java/Decisions.java'), file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    }).toString();
    expect(theirs.length).toBe(ours.length);
    const differing = [...theirs].findIndex((verdict, index) => verdict !== ours[index]);
    if (differing !== -1)
      expect.fail(`seed ${seed}: Kafka says ${theirs[differing]} here\n${story(lines, differing)}`);
    expect(new Set(theirs).size).toBe(2);
    process.stdout.write(`decisions: seed ${seed}, ${ours.length} requests of ${SETS} sets of ACLs\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

interface Line {
  readonly line: string;
  /** The set of ACLs that it belongs to. */
  readonly set: number;
  /** The index of its decision among all; null if nothing is decided. */
  readonly decision: number | null;
}

function story(lines: readonly Line[], decision: number): string {
  const asked = lines.find((each) => each.decision === decision);
  const rules = lines.filter(({ set, decision: one }) => set === asked?.set && one === null);
  return [...rules, asked].map((each) => each?.line).join('\n');
}

/** The input lines for Kafka, and the decisions of Millrace's authorizer for them. */
function cases(random: Sfc32): { readonly lines: readonly Line[]; readonly ours: string } {
  const one = <T>(of: readonly T[]): T => of[below(random, of.length)] as T;
  const operation = () => one(below(random, 4) === 0 ? operations : commonOperations);
  const type = () => one(below(random, 6) === 0 ? types : commonTypes);
  const name = (of: ResourceType) => (of === 'CLUSTER' ? 'kafka-cluster' : one(names));
  const lines: Line[] = [];
  let ours = '';
  for (let set = 0; set < SETS; set++) {
    const everyone = below(random, 2) === 0;
    const superUsers = below(random, 2) === 0 ? ['User:admin'] : [];
    const tell = (fields: readonly string[], decision: number | null = null) =>
      lines.push({ line: fields.join('\t'), set, decision });
    tell(['set', superUsers.join(';'), String(everyone)]);
    const acls = new Map<string, Acl>();
    for (let left = below(random, ACLS_MAX + 1); left > 0; left--) {
      const resource = type();
      const all = below(random, 4) === 0;
      const operationName = operation();
      const pattern = one(['LITERAL', 'PREFIXED'] as const);
      const permission = one(['ALLOW', 'ALLOW', 'DENY'] as const);
      const acl: Acl = {
        resourceType: resourceTypeCodes[resource],
        resourceName: name(resource),
        patternType: patternTypeCodes[pattern],
        principal: one(principals),
        host: one(hosts),
        operation: all ? 2 : operationCodes[operationName],
        permissionType: permissionCodes[permission],
      };
      if (acls.has(aclKey(acl))) continue;
      acls.set(aclKey(acl), acl);
      tell([
        'acl',
        resource,
        acl.resourceName,
        pattern,
        acl.principal,
        acl.host,
        all ? 'ALL' : operationName,
        permission,
      ]);
    }
    const authorizer = new StandardAuthorizer({ superUsers, allowEveryoneIfNoAclFound: everyone });
    authorizer.replaceAcls(acls.values());
    for (let i = 0; i < ASKED; i++) {
      const asker = { principal: one(askers), host: one(hosts.slice(1)) };
      const [asked, resource] = [operation(), type()];
      const from = [asker.principal, asker.host];
      const decision = ours.length;
      if (below(random, 4) === 0) {
        tell(['some', ...from, asked, resource], decision);
        ours += authorizer.allowsSome(asker, asked, resource) ? '1' : '0';
        continue;
      }
      const wanted = name(resource);
      tell(['ask', ...from, asked, resource, wanted], decision);
      ours += authorizer.allows(asker, asked, resource, wanted) ? '1' : '0';
    }
  }
  return { lines, ours };
}
