import { expect, test } from 'vitest';
import { Iam } from './iam.ts';
import type { IamUser, ManagedPolicy } from './identity.ts';
import { policiesOf } from './policies-of.ts';

const NAMED = { path: '/', createdAt: 0, tags: {} };
const ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
const DENY = ALLOW.replace('Allow', 'Deny');

function managed(name: string, documents: readonly string[], defaultVersion: string): ManagedPolicy {
  const versions = documents.map((document, nth) => ({ id: `v${nth + 1}`, document, createdAt: 0 }));
  return {
    ...{ ...NAMED, kind: 'policy', arn: `arn:aws:iam::123456789012:policy/${name}`, id: 'ANPA1', name },
    ...{ description: null, changedAt: 0, versions, defaultVersion, nextVersion: documents.length + 1 },
  };
}

function user(
  name: string,
  attached: readonly ManagedPolicy[],
  policies: Record<string, string> = {},
): IamUser {
  return {
    ...{ ...NAMED, kind: 'user', arn: `arn:aws:iam::123456789012:user/${name}`, id: 'AIDA1', name },
    ...{ accessKeys: [], policies, attached: attached.map(({ arn }) => arn) },
  };
}

test('what counts of a user are its own policies and those attached, in their default versions', () => {
  const iam = new Iam();
  const [readers, others] = [managed('readers', [ALLOW, DENY], 'v1'), managed('others', [DENY], 'v1')];
  const alice = user('alice', [readers], { own: DENY });
  for (const identity of [readers, others, alice]) iam.replay({ type: 'IdentityRecord', identity });
  expect(policiesOf(iam, alice)).toEqual([
    { name: 'own', document: DENY },
    { name: readers.arn, document: ALLOW },
  ]);
  iam.replay({ type: 'IdentityRecord', identity: { ...readers, defaultVersion: 'v2' } });
  expect(policiesOf(iam, alice).at(-1)).toEqual({ name: readers.arn, document: DENY });
});

test('a policy of several users is one object, which files that brokers get have once', () => {
  const iam = new Iam();
  const readers = managed('readers', [ALLOW], 'v1');
  iam.replay({ type: 'IdentityRecord', identity: readers });
  const [one, other] = ['alice', 'bob'].map((name) => policiesOf(iam, user(name, [readers])));
  expect(one?.[0]).toBe(other?.[0]);
});
