import { expect, test } from 'vitest';
import { directoryText, type IamDirectoryFile, parseDirectory } from './directory-file.ts';

const ACCOUNT = '123456789012';
const ALICE = `arn:aws:iam::${ACCOUNT}:user/team/alice`;
const READER = `arn:aws:iam::${ACCOUNT}:role/reader`;
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const POLICY = { name: 'all', document: '{"Version":"2012-10-17","Statement":[]}' };
const FILE: IamDirectoryFile = {
  account: ACCOUNT,
  region: 'eu-central-1',
  clusterArn: `arn:aws:kafka:eu-central-1:${ACCOUNT}:cluster/orders/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-1`,
  tokenKey: Buffer.alloc(32, 7),
  users: [
    {
      id: 'AIDACKCEVSQ6C2EXAMPLE',
      arn: ALICE,
      accessKeys: [{ id: 'AKIAIOSFODNN7EXAMPLE', secret: SECRET, active: true }],
      policies: [POLICY],
    },
  ],
  roles: [{ id: 'AROACKCEVSQ6C2EXAMPLE', arn: READER, policies: [POLICY] }],
};

test('a directory is read as it was written', () => {
  const read = parseDirectory(directoryText(FILE));
  expect(read.accessKey('AKIAIOSFODNN7EXAMPLE')).toEqual({
    ...{ id: 'AKIAIOSFODNN7EXAMPLE', secret: SECRET, active: true },
    principalArn: ALICE,
  });
  expect(read.accessKey('AKIAIOSFODNN7EXAMPLF')).toBeNull();
  expect([ALICE, READER, `${READER}s`].map((arn) => read.identityId(arn))).toEqual([
    'AIDACKCEVSQ6C2EXAMPLE',
    'AROACKCEVSQ6C2EXAMPLE',
    null,
  ]);
  expect(read.policies(READER)).toEqual([POLICY]);
  expect(read.policies('arn:aws:iam::1:user/x')).toEqual([]);
  expect([read.account, read.region, read.clusterArn, read.tokenKey]).toEqual([
    FILE.account,
    FILE.region,
    FILE.clusterArn,
    FILE.tokenKey,
  ]);
});

test.each([
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
  ['aws-eusc', 'eusc-de-east-1'],
])('a directory may be of the partition %s', (partition, region) => {
  const text = directoryText(FILE)
    .replaceAll('arn:aws:', `arn:${partition}:`)
    .replaceAll('eu-central-1', region);
  const read = parseDirectory(text);
  expect(read.region).toBe(region);
  expect(read.identityId(READER.replace('arn:aws:', `arn:${partition}:`))).not.toBeNull();
});

const FIRST_KEY = 'users.0.accessKeys.0';

/** What is put where in the file, and the sentence for it. */
test.each([
  ['version', 2, 'version is not 1'],
  ['account', '12345678901', 'account is missing or not of its form'],
  ['region', 'EU', 'region is missing or not of its form'],
  ['clusterArn', 'arn:aws:kafka', 'clusterArn is missing or not of its form'],
  ['clusterArn', FILE.clusterArn.replace('central', 'west'), 'clusterArn is missing or not of its form'],
  ['tokenKey', SECRET, 'tokenKey is missing or not of its form'],
  ['users', undefined, 'users is no list'],
  ['roles', [READER], 'roles[0] is no object'],
  ['groups', [], 'the file has a field that is not known'],
  ['users.0.arn', READER, 'users[0].arn is missing or not of its form'],
  ['users.0.arn', ALICE.replace(ACCOUNT, '210987654321'), 'users[0].arn is missing or not of its form'],
  ['users.0.id', 'AROACKCEVSQ6C2EXAMPLE', 'users[0].id is missing or not of its form'],
  ['users.0.admin', true, 'users[0] has a field that is not known'],
  [
    'users.1',
    { id: 'AIDACKCEVSQ6C2EXAMPLE', arn: ALICE, accessKeys: [], policies: [] },
    'users[1].arn is there twice',
  ],
  [`${FIRST_KEY}.active`, 'yes', 'users[0].accessKeys[0].active is neither true nor false'],
  [`${FIRST_KEY}.secret`, '', 'users[0].accessKeys[0].secret is missing or not of its form'],
  [`${FIRST_KEY}.id`, 'ASIAIOSFODNN7EXAMPLE', 'users[0].accessKeys[0].id is missing or not of its form'],
  ['users.0.accessKeys.1', FILE.users[0]?.accessKeys[0], 'users[0].accessKeys[1].id is there twice'],
  ['policies', undefined, 'policies is no list'],
  ['policies.0.document', {}, 'policies[0].document is missing or not of its form'],
  ['policies.0.admin', true, 'policies[0] has a field that is not known'],
  ['roles.0.policies', {}, 'roles[0].policies is no list'],
  ...[1, -1, 0.5, '0', POLICY, null].map((place): [string, unknown, string] => [
    'roles.0.policies.0',
    place,
    'roles[0].policies[0] is no place in the list of policies',
  ]),
])('a file with something wrong in it counts for nothing: %s', (path, value, sentence) => {
  const file: unknown = JSON.parse(directoryText(FILE));
  const names = path.split('.');
  const last = names.pop() ?? '';
  const holder = names.reduce((one, name) => Reflect.get(Object(one), name), file);
  Reflect.set(Object(holder), last, value);
  expect(() => parseDirectory(JSON.stringify(file))).toThrow(new Error(sentence));
});

test('a policy of thousands of users is there once', () => {
  const long = { name: 'long', document: POLICY.document.padEnd(6_000) };
  const users = Array.from({ length: 5_000 }, (_, nth) => ({
    ...{ id: 'AIDACKCEVSQ6C2EXAMPLE', arn: `arn:aws:iam::${ACCOUNT}:user/u${nth}`, accessKeys: [] },
    policies: [POLICY, long],
  }));
  const text = directoryText({ ...FILE, users });
  expect(text.split('"long"')).toHaveLength(2);
  const read = parseDirectory(text);
  const [first, last] = [users[0], users.at(-1)].map((user) => read.policies(user?.arn ?? ''));
  expect(first).toEqual([POLICY, long]);
  expect(last?.[1]).toBe(first?.[1]);
  expect(read.policies(READER)).toEqual([POLICY]);
});

test('what is wrong is told without what may be a secret', () => {
  const text = directoryText(FILE).replace('"active"', 'active');
  expect(() => parseDirectory(text)).toThrow(new Error('the file is no JSON'));
});
