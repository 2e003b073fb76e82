import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { program } from '../../src/commands.ts';
import { block } from '../support/page-blocks.ts';
import { ApiHarness } from './api-harness.ts';

/** The commands on who signs in by IAM, and what AWS's SDK says of what they did. */

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kafka-cluster:*', Resource: '*', Sid: 'All' }],
});

let api: ApiHarness;
let aws: iam.IAMClient;
let folder: string;
beforeEach(async () => {
  api = await ApiHarness.start();
  aws = new iam.IAMClient({
    endpoint: api.control.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  folder = mkdtempSync(join(tmpdir(), 'millrace-iam-commands-'));
});
afterEach(async () => {
  aws.destroy();
  rmSync(folder, { recursive: true });
  await api[Symbol.asyncDispose]();
});

/** The exit status, and the output or the error of a command. */
async function millrace(line: string): Promise<[status: number, printed: string]> {
  const printed: string[] = [];
  const status = await run(
    program({ main: 'main.mjs', version: '1' }),
    [...line.split(' '), '--api', api.control.url],
    {
      line: (text) => void printed.push(text),
      complain: (text) => void printed.push(text),
      onUnheard() {},
    },
  );
  return [status, printed.join('\n')];
}

function policyFile(text: string): string {
  const path = join(folder, 'policy.json');
  writeFileSync(path, text);
  return path;
}

test('a user is made, listed and deleted with all that it has', async () => {
  expect(await millrace('iam users list')).toEqual([0, expect.stringContaining('There is no IAM user')]);
  expect(await millrace('iam users create orders')).toEqual([
    0,
    expect.stringMatching(/^orders is made: arn:aws:iam::000000000000:user\/orders\n/),
  ]);
  expect(await millrace('iam users create orders')).toEqual([1, expect.stringContaining('orders')]);
  const [, listed] = await millrace('iam users list');
  expect(listed).toMatch(
    /^NAME +ARN +CREATED\norders +arn:aws:iam::000000000000:user\/orders +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  );

  await millrace('iam keys create orders');
  await millrace(`iam policies put orders mine --file ${policyFile(POLICY)}`);
  const { Policy } = await aws.send(
    new iam.CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: POLICY }),
  );
  await aws.send(new iam.AttachUserPolicyCommand({ UserName: 'orders', PolicyArn: Policy?.Arn }));
  expect(await millrace('iam users delete orders')).toEqual([0, 'orders is deleted.']);
  expect((await aws.send(new iam.ListUsersCommand({}))).Users).toEqual([]);
  expect((await aws.send(new iam.ListPoliciesCommand({}))).Policies).toHaveLength(1);
  expect(await millrace('iam users delete orders')).toEqual([
    4,
    'millrace: The user with name orders cannot be found.',
  ]);
});

test('users of more than one page are all listed', async () => {
  for (let i = 100; i < 205; i++) await aws.send(new iam.CreateUserCommand({ UserName: `u${i}` }));
  const [, listed] = await millrace('iam users list');
  expect(listed.split('\n')).toHaveLength(106);
  expect(listed).toContain('u204');
});

test('a new access key is printed as variables to paste, and its secret by no other command', async () => {
  await millrace('iam users create orders');
  const [status, printed] = await millrace('iam keys create orders');
  expect(status, printed).toBe(0);
  const [, id = '', secret = ''] =
    /^# .*not shown again\.\nexport AWS_ACCESS_KEY_ID=(AKIA[A-Z2-7]{16})\nexport AWS_SECRET_ACCESS_KEY=([\w+/]{40})\nexport AWS_REGION=us-east-1$/.exec(
      printed,
    ) ?? [];
  const signed = new sts.STSClient({
    endpoint: api.control.url,
    region: 'us-east-1',
    credentials: { accessKeyId: id, secretAccessKey: secret },
    maxAttempts: 1,
  });
  const { Arn } = await signed.send(new sts.GetCallerIdentityCommand({}));
  signed.destroy();
  expect(Arn).toBe('arn:aws:iam::000000000000:user/orders');

  const statusOf = async () =>
    (await aws.send(new iam.ListAccessKeysCommand({ UserName: 'orders' }))).AccessKeyMetadata?.map(
      ({ Status }) => Status,
    );
  expect(await millrace(`iam keys deactivate orders ${id}`)).toEqual([0, `${id} of orders is Inactive.`]);
  expect(await statusOf()).toEqual(['Inactive']);
  expect(await millrace(`iam keys activate orders ${id}`)).toEqual([0, `${id} of orders is Active.`]);
  expect(await statusOf()).toEqual(['Active']);

  const [, listed] = await millrace('iam keys list orders');
  expect(listed).toMatch(new RegExp(`^ID +STATUS +CREATED\n${id} +Active +\\S+Z$`));
  expect(`${listed}${(await millrace('iam keys list orders --json'))[1]}`).not.toContain(secret);
  const [, second] = await millrace('iam keys create orders --json');
  expect(JSON.parse(second)).toMatchObject({ UserName: 'orders', SecretAccessKey: expect.any(String) });
  expect(await millrace('iam keys create orders')).toEqual([
    1,
    'millrace: Cannot exceed quota for AccessKeysPerUser: 2',
  ]);
  expect(await millrace(`iam keys delete orders ${id}`)).toEqual([0, `${id} of orders is deleted.`]);
  expect(await millrace(`iam keys delete orders ${id}`)).toEqual([4, expect.stringContaining(id)]);
  expect(await statusOf()).toEqual(['Active']);
  expect(await millrace('iam keys list nobody')).toEqual([
    4,
    'millrace: The user with name nobody cannot be found.',
  ]);
});

test.each([
  ['a user', '', 'orders'],
  ['a role', ' --role', 'readers'],
])('policies of %s are put, shown, listed and deleted', async (_, option, name) => {
  await millrace('iam users create orders');
  await aws.send(
    new iam.CreateRoleCommand({
      RoleName: 'readers',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'sts:AssumeRole' },
        ],
      }),
    }),
  );
  const policies = (line: string) => millrace(`iam policies ${line}${option}`);
  expect(await policies(`list ${name}`)).toEqual([0, expect.stringContaining('has no policy')]);
  expect(await policies(`put ${name} all --file ${policyFile(`${POLICY}\n`)}`)).toEqual([
    0,
    `${name} has the policy all.`,
  ]);
  expect(await policies(`get ${name} all`)).toEqual([0, POLICY]);
  expect(await policies(`list ${name}`)).toEqual([0, 'POLICY  ATTACHED\nall']);
  expect(await policies(`put ${name} bad --file ${policyFile('{"Version":"2012-10-17"}')} --json`)).toEqual([
    1,
    expect.stringMatching(/^\{"error":\{"code":"MalformedPolicyDocument","message":".+"\}\}$/),
  ]);
  expect(await policies(`put ${name} bad --file ${join(folder, 'missing')}`)).toEqual([
    2,
    expect.stringContaining('cannot be read'),
  ]);
  expect(await policies(`delete ${name} all`)).toEqual([0, `The policy all of ${name} is deleted.`]);
  expect(await policies(`get ${name} all`)).toEqual([4, expect.stringContaining('all')]);
});

test('a cluster made with --iam has the listener for it alone', async () => {
  const [status, printed] = await millrace('clusters create orders --iam');
  expect(status, printed).toBe(0);
  expect(printed).toMatch(/^Bootstrap brokers: \S+:\d+,\S+:\d+,\S+:\d+$/m);
  const cluster = api.control.store.clusters.byName('orders');
  expect(cluster?.brokers.map(({ listeners }) => listeners)).toEqual([['iam'], ['iam'], ['iam']]);
  expect(await millrace('topics list')).toEqual([1, expect.stringContaining('sign in by IAM')]);
  expect(await millrace('clusters create other --iam --client-broker PLAINTEXT')).toEqual([
    1,
    'millrace: --client-broker: IAM access control needs TLS as the encryption between clients and brokers, not PLAINTEXT.',
  ]);
});

test('what a user or role may do is told with the statement that decides, and what clients need besides', async () => {
  await millrace('clusters create orders --iam');
  await millrace('iam users create alice');
  const simulated = (words: string) => millrace(`iam simulate ${words}`);
  const arn = String(api.control.store.clusters.byName('orders')?.arn);
  const topic = (name: string) => `${arn.replace(':cluster/', ':topic/')}/${name}`;
  const alice = 'arn:aws:iam::000000000000:user/alice';
  expect(await simulated('alice Connect')).toEqual([
    0,
    `${alice} may not kafka-cluster:Connect ${arn}: no statement allows it`,
  ]);
  const statements = [
    { Sid: 'In', Effect: 'Allow', Action: 'kafka-cluster:Connect', Resource: arn },
    { Sid: 'Read', Effect: 'Allow', Action: 'kafka-cluster:ReadData', Resource: topic('*') },
    { Sid: 'Secret', Effect: 'Deny', Action: '*', Resource: topic('secret*') },
  ];
  const readers = policyFile(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  await millrace(`iam policies put alice readers --file ${readers}`);
  expect(await simulated('alice kafka-cluster:ReadData paid')).toEqual([
    0,
    [
      `${alice} may kafka-cluster:ReadData ${topic('paid')}: statement Read of the policy readers`,
      `Clients need kafka-cluster:DescribeTopic besides: ${alice} may not kafka-cluster:DescribeTopic ${topic('paid')}: no statement allows it`,
      'Clients need kafka-cluster:AlterGroup besides, on another resource.',
    ].join('\n'),
  ]);
  const [status, printed] = await simulated(`${alice} ReadData ${topic('secret-a')} --json`);
  expect([status, JSON.parse(printed)]).toEqual([
    0,
    expect.objectContaining({ allowed: false, because: 'statement Secret of the policy readers' }),
  ]);
});

test('a role is asked about by --role, and from where by --host', async () => {
  await millrace('clusters create orders --iam');
  await aws.send(
    new iam.CreateRoleCommand({
      RoleName: 'readers',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'sts:AssumeRole' },
        ],
      }),
    }),
  );
  const inside = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } };
  const statement = { Effect: 'Allow', Action: 'kafka-cluster:*', Resource: '*', Condition: inside };
  const near = policyFile(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
  await millrace(`iam policies put readers near --role --file ${near}`);
  const group = 'iam simulate readers DescribeGroup g --role';
  expect(await millrace(`${group} --host 203.0.113.9`)).toEqual([
    0,
    expect.stringMatching(/:role\/readers may .*:group\/orders\/.*\/g: statement 1 of the policy near$/),
  ]);
  expect(await millrace(group)).toEqual([
    0,
    expect.stringMatching(/, because it needs kafka-cluster:Connect:\n.* may not kafka-cluster:Connect /),
  ]);
});

test.each([
  [
    'alice ReadDate paid',
    2,
    'There is no action ReadDate: see "millrace iam simulate --help". Did you mean ReadData?',
  ],
  ['alice ReadData', 2, 'kafka-cluster:ReadData is about a topic: name it as RESOURCE.'],
  ['alice Connect paid', 2, 'leave paid out'],
  ['alice Connect --cluster other', 4, 'There is no cluster other'],
  ['bob Connect', 4, 'The user with name bob cannot be found.'],
  ['arn:aws:iam::000000000000:role/none Connect', 4, 'There is no IAM user or role arn:'],
  ['alice Connect arn:aws:kafka:us-east-1:000000000000:topic/orders/a/b', 4, 'cluster'],
  ['alice Connect arn:aws:s3:::orders', 1, 'RESOURCE: arn:aws:s3:::orders is no ARN'],
])('what cannot be told about (%s) ends with status %i', async (words, status, sentence) => {
  await millrace('clusters create orders');
  await millrace('iam users create alice');
  expect(await millrace(`iam simulate ${words}`)).toEqual([status, expect.stringContaining(sentence)]);
});

test('docs/iam.md: its commands make a user who may write and read one topic, and its clients are those that are printed', async () => {
  const lines = block(PAGE, 'millrace clusters create').split('\n');
  const [create = '', user = '', put = '', key = ''] = lines.map((line) => line.replace('millrace ', ''));
  expect(lines).toHaveLength(4);
  expect(await millrace(create)).toEqual([0, expect.stringContaining('orders is ACTIVE')]);
  const [, cluster = ''] = String(api.control.store.clusters.byName('orders')?.arn).split(':cluster/');
  const policy = policyFile(block(PAGE, '{').replaceAll('CLUSTER', cluster));
  for (const line of [user, put.replace('orders.json', policy), key])
    expect(await millrace(line)).toEqual([0, expect.any(String)]);
  expect(await millrace('iam simulate orders ReadData orders')).toEqual([
    0,
    expect.stringMatching(/^\S+ may kafka-cluster:ReadData \S+: statement 2 of the policy orders\n/),
  ]);
  for (const [tool, begins] of [
    ['java', '# With software.amazon.msk'],
    ['python', 'from aws_msk_iam_sasl_signer'],
    ['kafkajs', 'import { readFileSync }'],
    ['go', '// github.com/twmb/franz-go'],
  ] as const) {
    const shown = block(PAGE, begins);
    const config = `clusters client-config orders --listener iam --ca /etc/orders/ca.pem --tool ${tool}`;
    const [status, printed] = await millrace(config);
    expect([status, withoutPorts(printed)]).toEqual([0, withoutPorts(shown)]);
  }
  expect(await millrace('clusters client-config orders --tool kcat')).toEqual([
    2,
    'millrace: kcat cannot sign in by IAM: choose another --tool, or another --listener where the cluster has one.',
  ]);
});

const PAGE = 'docs/iam.md';
const withoutPorts = (text: string): string => text.replaceAll(/localhost:\d+/g, 'localhost');
