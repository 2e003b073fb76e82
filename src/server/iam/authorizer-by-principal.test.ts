import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { silent } from '../../base/log.ts';
import type { IamDirectory } from '../../security/iam/directory.ts';
import { directoryOf, userIdentity } from '../../security/iam/testing/directory-of.ts';
import { allowAll, type Caller } from '../authorizer.ts';
import { AuthorizerByPrincipal } from './authorizer-by-principal.ts';
import { PolicyAuthorizer } from './policy-authorizer.ts';

const identity = userIdentity('alice');
const client = { clientHost: '203.0.113.9', isPeer: false };
const alice: Caller = { ...client, principal: `IAM:${identity.principalArn}`, iam: identity };
const CONNECT = { Effect: 'Allow', Action: 'kafka-cluster:Connect', Resource: '*' };
const READ = { Effect: 'Allow', Action: 'kafka-cluster:ReadData', Resource: '*' };

function policies(statements: readonly object[] | null) {
  const directory = statements && directoryOf({ users: { alice: statements } });
  const authorizer = new PolicyAuthorizer({ clock: new ManualClock(), log: silent }, () => directory);
  onTestFinished(() => authorizer.stop());
  return authorizer;
}

function mayRead(caller: Caller, of: PolicyAuthorizer | null): boolean[] {
  const authorizer = new AuthorizerByPrincipal(allowAll, of);
  return [
    authorizer.authorize(caller, 'READ', 'TOPIC', 'a'),
    authorizer.allows(caller, 'READ', 'TOPIC', 'a'),
    authorizer.authorizeSome(caller, 'READ', 'TOPIC'),
  ];
}
const YES = [true, true, true];
const NO = [false, false, false];

test('ACLs that let everybody in let nobody in who signed in by IAM', () => {
  expect(mayRead({ ...client, principal: 'User:alice' }, policies([]))).toEqual(YES);
  expect(mayRead(alice, policies([CONNECT]))).toEqual(NO);
  expect(mayRead(alice, null)).toEqual(NO);
  expect(mayRead(alice, policies([CONNECT, READ]))).toEqual(YES);
});

test('a principal of IAM that nothing was proved of may do nothing', () => {
  expect(mayRead({ ...alice, iam: null }, policies([CONNECT, READ]))).toEqual(NO);
});

test('whoever is called as in IAM and is a user is a user', () => {
  expect(mayRead({ ...client, principal: `User:${alice.principal}` }, null)).toEqual(YES);
});

test('a peer is above policies, whatever it is called', () => {
  expect(mayRead({ ...alice, iam: null, isPeer: true }, null)).toEqual(YES);
});

test('while users and roles are not known nothing is allowed, and connecting neither', () => {
  expect(mayRead(alice, policies(null))).toEqual(NO);
  expect(policies(null).connectDenial(identity, client.clientHost)).toContain(
    'does not know users and roles',
  );
  expect(policies([READ]).connectDenial(identity, client.clientHost)).toContain('no statement allows it');
  expect(policies([CONNECT]).connectDenial(identity, client.clientHost)).toBeNull();
});

test('a request that a broker brings has its policies read once, however many names it asks about', () => {
  const directory = directoryOf({ users: { alice: [CONNECT, READ] } });
  let reads = 0;
  const iamDirectory: IamDirectory = {
    ...directory,
    policies(arn) {
      reads++;
      return directory.policies(arn);
    },
  };
  const authorizer = policies([]);
  const mayRead = Array.from({ length: 100 }, (_, nth) =>
    authorizer.authorize({ ...alice, iamDirectory }, 'READ', 'TOPIC', `topic-${nth}`),
  );
  expect(new Set(mayRead)).toEqual(new Set([true]));
  expect(reads).toBe(1);
  // What it knows counts for it alone.
  expect(authorizer.authorize(alice, 'READ', 'TOPIC', 'topic-1')).toBe(false);
});

test('only a refusal counts as a denial', () => {
  const authorizer = policies([CONNECT]);
  authorizer.allows(alice, 'READ', 'TOPIC', 'a');
  authorizer.authorizeSome(alice, 'READ', 'TOPIC');
  expect([...authorizer.denials]).toEqual([]);
  authorizer.authorize(alice, 'READ', 'TOPIC', 'a');
  authorizer.authorize(alice, 'CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster');
  expect([...authorizer.denials]).toEqual([
    ['no statement', 1],
    ['no action', 1],
  ]);
});
