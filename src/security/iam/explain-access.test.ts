import { expect, test } from 'vitest';
import { explainAccess } from './explain-access.ts';
import { arnOf, CLUSTER_ARN, directoryOf, userIdentity } from './testing/directory-of.ts';

const ALICE = { identity: userIdentity('alice'), host: '203.0.113.9' };
const directory = directoryOf({
  users: {
    alice: [
      { Sid: 'In', Effect: 'Allow', Action: 'kafka-cluster:Connect', Resource: CLUSTER_ARN },
      { Sid: 'Read', Effect: 'Allow', Action: 'kafka-cluster:ReadData', Resource: arnOf('topic', '*') },
      { Sid: 'Secret', Effect: 'Deny', Action: '*', Resource: arnOf('topic', 'secret*') },
    ],
  },
});
const at = { directory, nowMs: 0 };

test('an explanation names the statement that decides, and what clients need besides', () => {
  expect(explainAccess(ALICE, at, 'ReadData', arnOf('topic', 'paid'))).toEqual({
    allowed: true,
    action: 'kafka-cluster:ReadData',
    resource: arnOf('topic', 'paid'),
    rule: { kind: 'statement', policy: 'of-alice', number: 2, sid: 'Read' },
    needs: [
      {
        action: 'DescribeTopic',
        decision: {
          allowed: false,
          action: 'kafka-cluster:DescribeTopic',
          resource: arnOf('topic', 'paid'),
          rule: { kind: 'no statement' },
        },
      },
      { action: 'AlterGroup', decision: null },
    ],
  });
  expect(explainAccess(ALICE, at, 'ReadData', arnOf('topic', 'secret-a'))).toMatchObject({
    allowed: false,
    rule: { kind: 'statement', number: 3, sid: 'Secret' },
  });
});

test('of another cluster, Connect to that one is what is missing', () => {
  const there = arnOf('topic', 'paid').replace('orders/uuid-1', 'other/uuid-2');
  expect(explainAccess(ALICE, at, 'ReadData', there)).toMatchObject({
    allowed: false,
    action: 'kafka-cluster:Connect',
    resource: CLUSTER_ARN.replace('orders/uuid-1', 'other/uuid-2'),
  });
});

test('an ARN of another kind of resource is refused with an example', () => {
  expect(explainAccess(ALICE, at, 'ReadData', arnOf('group', 'g'))).toEqual({
    wrong: `${arnOf('group', 'g')} is no ARN that kafka-cluster:ReadData is about: it takes one as ${arnOf('topic', 'NAME')}.`,
  });
  expect(explainAccess(ALICE, at, 'Connect', 'orders')).toHaveProperty('wrong');
  expect(explainAccess(ALICE, at, 'Connect', `${CLUSTER_ARN}/a`)).toHaveProperty('wrong');
});
