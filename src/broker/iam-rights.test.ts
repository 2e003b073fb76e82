import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../test/coordinator/manual-clock.ts';
import { silent } from '../base/log.ts';
import { controllerHandlers } from '../controller/handlers/handlers.ts';
import type { AclOperation, ResourceType } from '../security/acl/acl.ts';
import { directoryOf, userIdentity } from '../security/iam/testing/directory-of.ts';
import { allowAll, type Right } from '../server/authorizer.ts';
import { AuthorizerByPrincipal } from '../server/iam/authorizer-by-principal.ts';
import { PolicyAuthorizer } from '../server/iam/policy-authorizer.ts';
import { handlers } from './handlers.ts';

/** Everything that a handler can ask for: its card lists it, and the compiler lets it ask for nothing else. */
const rights = [
  ...new Set<Right>([...handlers, ...controllerHandlers].flatMap(({ operations }) => operations)),
];

/** What somebody with these statements may do in a cluster whose ACLs allow everybody everything. */
function granted(statements: readonly object[]): readonly Right[] {
  const directory = directoryOf({ users: { alice: statements } });
  const policies = new PolicyAuthorizer({ clock: new ManualClock(), log: silent }, () => directory);
  onTestFinished(() => policies.stop());
  const authorizer = new AuthorizerByPrincipal(allowAll, policies);
  const iam = userIdentity('alice');
  const caller = { principal: `IAM:${iam.principalArn}`, iam, clientHost: '203.0.113.9', isPeer: false };
  return rights.filter((right) => {
    const [type, operation] = partsOf(right);
    const answers = [
      authorizer.authorize(caller, operation, type, 'a'),
      authorizer.allows(caller, operation, type, 'a'),
      authorizer.authorizeSome(caller, operation, type),
    ];
    expect(new Set(answers).size, right).toBe(1);
    return answers[0];
  });
}

function partsOf(right: Right): [ResourceType, AclOperation] {
  // A right is these two, with a colon between.
  return right.split(':') as [ResourceType, AclOperation];
}

test('no API gives anything to a client of IAM that may only connect', () => {
  expect(rights.length).toBeGreaterThan(20);
  expect(granted([{ Effect: 'Allow', Action: 'kafka-cluster:Connect', Resource: '*' }])).toEqual([]);
});

test('what brokers do among themselves no policy can give, nor what MSK has no right for', () => {
  const all = granted([{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  expect(rights.filter((right) => !all.includes(right)).sort()).toEqual([
    'CLUSTER:CLUSTER_ACTION',
    'CLUSTER:CREATE',
    'GROUP:ALTER_CONFIGS',
    'GROUP:DESCRIBE_CONFIGS',
    'USER:CREATE_TOKENS',
  ]);
});
