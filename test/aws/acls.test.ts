import * as kafka from '@aws-sdk/client-kafka';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aclAdd } from '../../src/cli/acl/acl-add.ts';
import { aclExplain } from '../../src/cli/acl/acl-explain.ts';
import { aclList } from '../../src/cli/acl/acl-list.ts';
import { aclRemove } from '../../src/cli/acl/acl-remove.ts';
import { run } from '../../src/cli/run.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/** The acl commands through the API, with a list of ACLs in place of a cluster. */

const COMMANDS = [aclAdd, aclExplain, aclList, aclRemove];

let api: ApiHarness;
let access: FakeAccess;

beforeEach(async () => {
  access = new FakeAccess([]);
  api = await ApiHarness.start(() => access);
  await api.aws.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
    }),
  );
  await api.control.settled();
  for (const user of ['alice', 'bob', 'carol']) access.users.set(user, 'unused');
});
afterEach(() => api[Symbol.asyncDispose]());

async function acl(line: string): Promise<{ status: number; printed: string; complaint: string }> {
  const printed: string[] = [];
  const complaints: string[] = [];
  const commands = COMMANDS.map((command) => ({ ...command, load: async () => command }));
  const [verb = '', ...words] = line.split(' ');
  const args = ['acl', verb, 'orders', ...words, '--api', api.control.url];
  const status = await run({ version: '1', commands }, args, {
    line: (text) => void printed.push(text),
    complain: (text) => void complaints.push(text),
    onUnheard() {},
  });
  return { status, printed: printed.join('\n'), complaint: complaints.join('\n') };
}

async function json(line: string): Promise<unknown> {
  const { status, printed, complaint } = await acl(`${line} --json`);
  expect({ status, complaint }).toEqual({ status: 0, complaint: '' });
  return JSON.parse(printed);
}

/** `PRINCIPAL PERMISSION OPERATION TYPE NAME PATTERN HOST`, sorted. */
async function listed(options = ''): Promise<string[]> {
  const { printed } = await acl(`list${options}`);
  return printed
    .split('\n')
    .slice(1)
    .map((line) => line.replaceAll(/ +/g, ' '))
    .sort();
}

describe('options in the words of kafka-acls become ACLs', () => {
  test('of every principal, host, operation and resource that is named', async () => {
    await acl(
      'add --allow-principal User:alice --allow-principal User:bob --allow-host 10.0.0.1 --operation Read --operation DescribeConfigs --topic a --topic b',
    );
    const lines = await listed();
    expect(lines).toHaveLength(8);
    expect(lines[0]).toBe('User:alice ALLOW DESCRIBE_CONFIGS TOPIC a LITERAL 10.0.0.1');
    await acl('add --deny-principal User:* --operation Write --topic team- --resource-pattern-type prefixed');
    expect(await listed(' --topic team-events --resource-pattern-type match')).toEqual([
      'User:* DENY WRITE TOPIC team- PREFIXED *',
    ]);
    expect(await listed(' --principal User:bob --operation Read')).toEqual([
      'User:bob ALLOW READ TOPIC a LITERAL 10.0.0.1',
      'User:bob ALLOW READ TOPIC b LITERAL 10.0.0.1',
    ]);
  });

  test('--producer and --consumer are what kafka-acls makes of them, and remove takes the same back', async () => {
    const producer = '--allow-principal User:alice --producer --idempotent --topic a --transactional-id t';
    const consumer = '--allow-principal User:bob --consumer --topic a --group g';
    await acl(`add ${producer}`);
    await acl(`add ${consumer}`);
    expect(await listed()).toEqual([
      'User:alice ALLOW CREATE TOPIC a LITERAL *',
      'User:alice ALLOW DESCRIBE TOPIC a LITERAL *',
      'User:alice ALLOW DESCRIBE TRANSACTIONAL_ID t LITERAL *',
      'User:alice ALLOW IDEMPOTENT_WRITE CLUSTER kafka-cluster LITERAL *',
      'User:alice ALLOW WRITE TOPIC a LITERAL *',
      'User:alice ALLOW WRITE TRANSACTIONAL_ID t LITERAL *',
      'User:bob ALLOW DESCRIBE TOPIC a LITERAL *',
      'User:bob ALLOW READ GROUP g LITERAL *',
      'User:bob ALLOW READ TOPIC a LITERAL *',
    ]);
    await acl(`remove ${producer}`);
    expect(await listed(' --principal User:alice')).toEqual([]);
    expect(await listed()).toHaveLength(3);
  });

  test('remove without a principal means everybody; with one and no operation the entries of All, as kafka-acls', async () => {
    await acl('add --allow-principal User:alice --topic a');
    await acl('add --allow-principal User:alice --operation Read --topic a');
    await acl('remove --allow-principal User:alice --topic a');
    expect(await listed()).toEqual(['User:alice ALLOW READ TOPIC a LITERAL *']);
    await acl('remove --topic a');
    expect(await listed()).toEqual([]);
  });

  test.each([
    ['add --topic a', '--allow-principal or --deny-principal'],
    ['add --allow-principal User:a', 'Name a resource'],
    ['add --allow-principal User:a --allow-host 1.1.1.1 --deny-host 1.1.1.1 --topic a', '--deny-principal'],
    ['add --allow-principal User:a --producer --topic a --operation Read', 'leave --operation out'],
    ['add --allow-principal User:a --consumer --topic a', 'name a --group'],
    ['add --deny-principal User:a --producer --topic a', '--deny-principal'],
    ['add --allow-principal User:a --topic a --resource-pattern-type any', 'literal, prefixed'],
    ['remove', 'Name what to remove'],
    ['explain --principal User:a --topic a', '--operation'],
    ['explain --operation Read --topic a', '--principal'],
    ['explain --principal User:a --operation All --topic a', 'All'],
  ])('%s is refused before anything is asked', async (line, word) => {
    expect(await acl(line)).toMatchObject({ status: 2, complaint: expect.stringContaining(word) });
  });

  test.each([
    ['add --allow-principal alice --topic a', 'must be a type and a name'],
    ['add --deny-principal User:a --deny-host 10.0.0.0/8 --topic a', 'is no IP address'],
    ['add --allow-principal User:a --topic a --operation Rread', 'must be one of [ALL, READ'],
    ['add --allow-principal User:a --group g --operation Write', 'A GROUP has the operations ALL, READ'],
  ])('%s is refused by the API', async (line, word) => {
    expect(await acl(line)).toMatchObject({ status: 1, complaint: expect.stringContaining(word) });
    expect(access.acls.known).toEqual([]);
  });
});

test('an IPv6 host is kept as brokers spell it, and found however it is written', async () => {
  await acl('add --deny-principal User:alice --deny-host ::1 --operation Read --topic a');
  expect(await listed()).toEqual(['User:alice DENY READ TOPIC a LITERAL 0:0:0:0:0:0:0:1']);
  await acl('remove --deny-principal User:alice --deny-host 0::1 --operation Read --topic a');
  expect(await listed()).toEqual([]);
});

describe('a dry run', () => {
  test('says whom the first ACL of a topic shuts out, and changes nothing', async () => {
    const told = await json('add --allow-principal User:alice --operation Read --topic payments --dry-run');
    expect(told).toMatchObject({
      dryRun: true,
      added: [{ principal: 'User:alice', operation: 'READ', resourceName: 'payments' }],
      removed: [],
      allows: [],
      warnings: [],
    });
    const { denies } = Object(told);
    expect(denies).toContainEqual({
      resourceType: 'TOPIC',
      resourceName: 'payments',
      patternType: 'LITERAL',
      host: '*',
      operations: [
        'READ',
        'WRITE',
        'CREATE',
        'DESCRIBE',
        'DELETE',
        'ALTER',
        'DESCRIBE_CONFIGS',
        'ALTER_CONFIGS',
      ],
      principals: ['User:bob', 'User:carol', 'User:ANONYMOUS', 'User:*'],
    });
    expect(access.acls.known).toEqual([]);
    const { printed } = await acl(
      'add --allow-principal User:alice --operation Read --topic payments --dry-run',
    );
    expect(printed).toMatch(/User:bob, User:carol, User:ANONYMOUS, \(everybody else\) .*READ, WRITE/);
    expect(printed).toContain('Nothing was changed.');
  });

  test('warns of who could not change ACLs any more, and of a user that nobody is called', async () => {
    const { printed } = await acl('add --allow-principal User:alicia --operation Alter --cluster --dry-run');
    expect(printed).toMatch(/Warning: User:alice, User:bob.*everybody else could not change ACLs any more/);
    expect(printed).toContain('Warning: No user of this cluster signs in by SCRAM as User:alicia.');
  });

  test('of a removal says what it would remove and give', async () => {
    await acl('add --allow-principal User:alice --operation Read --topic payments');
    const told = await json('remove --topic payments --dry-run');
    expect(told).toMatchObject({ removed: [{ principal: 'User:alice' }], denies: [] });
    expect(Object(told).allows.length).toBeGreaterThan(0);
    expect(access.acls.known).toHaveLength(1);
  });

  test('of what is there already says that nothing changes', async () => {
    await acl('add --allow-principal User:alice --operation Read --topic payments');
    const { printed } = await acl('add --allow-principal User:alice --operation Read --topic payments');
    expect(printed).toBe('No ACL changes.');
  });
});

describe('explain', () => {
  const asked = async (line: string) => {
    const answers = await json(`explain ${line}`);
    return Object(answers)[0];
  };

  test('names the rule that decides', async () => {
    expect(await asked('--principal User:bob --operation Read --topic payments')).toMatchObject({
      allowed: true,
      rule: 'NO_ACL_FOUND',
      because: 'No ACL is for TOPIC payments, and allow.everyone.if.no.acl.found is true.',
    });
    await acl('add --allow-principal User:alice --operation Read --topic payments');
    await acl('add --deny-principal User:alice --deny-host 10.0.0.9 --operation Read --topic payments');
    expect(await asked('--principal User:bob --operation Read --topic payments')).toMatchObject({
      allowed: false,
      rule: 'NO_ACL_ALLOWS_IT',
      aclsOfResource: [{ principal: 'User:alice' }, { host: '10.0.0.9' }],
    });
    expect(await asked('--principal User:alice --operation Read --topic payments')).toMatchObject({
      allowed: true,
      rule: 'ACL',
      acl: { permissionType: 'ALLOW', operation: 'READ' },
    });
    expect(await asked('--principal User:alice --operation Describe --topic payments')).toMatchObject({
      allowed: true,
      rule: 'IMPLIED_BY_ACL',
      because:
        'An ACL allows READ to User:alice from every host on TOPIC payments (LITERAL), and who may READ may DESCRIBE.',
    });
    expect(
      await asked('--principal User:alice --host 10.0.0.9 --operation Read --topic payments'),
    ).toMatchObject({ allowed: false, rule: 'ACL', acl: { permissionType: 'DENY' } });
  });

  test('of a role goes through all that it needs', async () => {
    await acl('add --allow-principal User:bob --operation Read --topic payments');
    await acl('add --allow-principal User:alice --operation Read --group g');
    const { printed } = await acl('explain --principal User:bob --consumer --topic payments --group g');
    expect(printed.split('\n').slice(0, 3)).toEqual([
      'User:bob may READ TOPIC payments: An ACL allows READ to User:bob from every host on TOPIC payments (LITERAL).',
      'User:bob may DESCRIBE TOPIC payments: An ACL allows READ to User:bob from every host on TOPIC payments (LITERAL), and who may READ may DESCRIBE.',
      'User:bob may not READ GROUP g: GROUP g has ACLs (1), and none of them allows it.',
    ]);
    expect(printed).toMatch(/User:alice +ALLOW +READ +GROUP +g/);
  });
});

test('a cluster without an authorizer says so', async () => {
  access.acls.known = null;
  expect(await acl('list')).toMatchObject({
    status: 1,
    complaint: expect.stringContaining('The cluster orders has no authorizer'),
  });
});
