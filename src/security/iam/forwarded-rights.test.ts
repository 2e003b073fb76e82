import { expect, test } from 'vitest';
import { rightsOf, rightsText } from './forwarded-rights.ts';
import { CLUSTER_ARN, directoryOf, policyText, roleIdentity, userIdentity } from './testing/directory-of.ts';

const ALL = { Effect: 'Allow', Action: '*', Resource: '*' };
const directory = directoryOf({ users: { alice: [ALL] }, roles: { reader: [ALL] } });

test('a controller learns the policies of the one that asks, and nothing secret', () => {
  const identity = roleIdentity('reader', 'nightly', policyText([ALL]));
  const text = rightsText(identity, directory);
  expect(text).not.toContain(directory.tokenKey.toString('base64'));
  expect(text).not.toContain('alice');
  const rights = rightsOf(text, identity.principalArn);
  expect(rights?.identity).toEqual(identity);
  expect(rights?.directory).toMatchObject({
    account: '123456789012',
    region: 'us-east-1',
    clusterArn: CLUSTER_ARN,
  });
  expect(rights?.directory?.policies(identity.identityArn)).toEqual(directory.policies(identity.identityArn));
  expect(rights?.directory?.identityId(identity.identityArn)).toBe(
    directory.identityId(identity.identityArn),
  );
  expect(rights?.directory?.identityId(userIdentity('alice').identityArn)).toBeNull();
});

test('of whom the broker knows nothing the controller knows nothing either', () => {
  const bob = userIdentity('bob');
  const rights = rightsOf(rightsText(bob, directory), bob.principalArn);
  expect(rights?.directory?.identityId(bob.identityArn)).toBeNull();
  expect(rights?.directory?.policies(bob.identityArn)).toEqual([]);
  expect(rightsOf(rightsText(bob, null), bob.principalArn)).toEqual({ identity: bob, directory: null });
});

test('what no broker writes gives no rights', () => {
  const told: { readonly known: object } = JSON.parse(rightsText(userIdentity('alice'), directory));
  const wrong = ['', '{', '[]', '{}', 'null', '7'];
  for (const name of Object.keys(told))
    for (const value of [7, undefined]) wrong.push(JSON.stringify({ ...told, [name]: value }));
  for (const name of Object.keys(told.known))
    for (const value of [7, undefined])
      wrong.push(JSON.stringify({ ...told, known: { ...told.known, [name]: value } }));
  wrong.push(JSON.stringify({ ...told, known: { ...told.known, policies: [['a']] } }));
  wrong.push(JSON.stringify({ ...told, known: { ...told.known, clusterArn: '' } }));
  for (const text of wrong) expect({ text, rights: rightsOf(text, 'a') }).toEqual({ text, rights: null });
});
