import { describe, expect, test } from 'vitest';
import type { AclOperation, ResourceType } from '../acl/acl.ts';
import type { IamDirectory } from './directory.ts';
import { IamAuthorizer } from './iam-authorizer.ts';
import {
  arnOf,
  CLUSTER_ARN,
  directoryOf,
  policyText,
  roleIdentity,
  userIdentity,
} from './testing/directory-of.ts';

const allow = (Action: string | readonly string[], Resource: string, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const CONNECT = allow('kafka-cluster:Connect', CLUSTER_ARN);
const ALICE = { identity: userIdentity('alice'), host: '203.0.113.9' };

function authorizerOf(statements: readonly object[]): IamAuthorizer {
  const directory = directoryOf({ users: { alice: statements } });
  return new IamAuthorizer({ directory: () => directory, nowMs: () => 0 });
}

describe('an operation of Kafka is one action of kafka-cluster', () => {
  /** The table of actions in the guide of MSK: which ACL each is like, and what its resource is. */
  const table: readonly (readonly [action: string, operation: AclOperation, type: ResourceType])[] = [
    ['DescribeCluster', 'DESCRIBE', 'CLUSTER'],
    ['AlterCluster', 'ALTER', 'CLUSTER'],
    ['DescribeClusterDynamicConfiguration', 'DESCRIBE_CONFIGS', 'CLUSTER'],
    ['AlterClusterDynamicConfiguration', 'ALTER_CONFIGS', 'CLUSTER'],
    ['WriteDataIdempotently', 'IDEMPOTENT_WRITE', 'CLUSTER'],
    ['CreateTopic', 'CREATE', 'TOPIC'],
    ['DescribeTopic', 'DESCRIBE', 'TOPIC'],
    ['AlterTopic', 'ALTER', 'TOPIC'],
    ['DeleteTopic', 'DELETE', 'TOPIC'],
    ['DescribeTopicDynamicConfiguration', 'DESCRIBE_CONFIGS', 'TOPIC'],
    ['AlterTopicDynamicConfiguration', 'ALTER_CONFIGS', 'TOPIC'],
    ['ReadData', 'READ', 'TOPIC'],
    ['WriteData', 'WRITE', 'TOPIC'],
    ['DescribeGroup', 'DESCRIBE', 'GROUP'],
    ['AlterGroup', 'READ', 'GROUP'],
    ['DeleteGroup', 'DELETE', 'GROUP'],
    ['DescribeTransactionalId', 'DESCRIBE', 'TRANSACTIONAL_ID'],
    ['AlterTransactionalId', 'WRITE', 'TRANSACTIONAL_ID'],
  ];
  const kinds = { TOPIC: 'topic', GROUP: 'group', TRANSACTIONAL_ID: 'transactional-id' };

  test.each(table)('%s is like %s of a %s, and allows nothing else', (action, operation, type) => {
    const resource = type in kinds ? arnOf(kinds[type as keyof typeof kinds], 'a') : CLUSTER_ARN;
    const authorizer = authorizerOf([CONNECT, allow(`kafka-cluster:${action}`, resource)]);
    expect(authorizer.decide(ALICE, operation, type, 'a').allowed).toBe(true);
    expect(authorizer.decide(ALICE, operation, type, 'b').allowed).toBe(type === 'CLUSTER');
    const others = table.filter(([other]) => other !== action);
    expect(others.filter(([, one, of]) => authorizer.decide(ALICE, one, of, 'a').allowed)).toEqual([]);
  });

  test('what has no action is denied to whoever may do everything', () => {
    const authorizer = authorizerOf([allow('*', '*')]);
    const without: readonly (readonly [AclOperation, ResourceType])[] = [
      ['CLUSTER_ACTION', 'CLUSTER'],
      ['CREATE', 'CLUSTER'],
      ['TWO_PHASE_COMMIT', 'TRANSACTIONAL_ID'],
      ['DESCRIBE_CONFIGS', 'GROUP'],
      ['ALTER_CONFIGS', 'GROUP'],
      ['DESCRIBE', 'DELEGATION_TOKEN'],
      ['CREATE_TOKENS', 'USER'],
    ];
    for (const [operation, type] of without)
      expect(authorizer.decide(ALICE, operation, type, 'a')).toMatchObject({
        allowed: false,
        rule: { kind: 'no action' },
      });
  });
});

test('without Connect nothing is allowed, and Connect is what the denial names', () => {
  const authorizer = authorizerOf([allow('kafka-cluster:ReadData', '*')]);
  expect(authorizer.decide(ALICE, 'READ', 'TOPIC', 'a')).toEqual({
    allowed: false,
    action: 'kafka-cluster:Connect',
    resource: CLUSTER_ARN,
    rule: { kind: 'no statement' },
  });
});

test('with another cluster of the same name nothing is allowed', () => {
  const authorizer = authorizerOf([allow('*', '*'), { ...allow('*', CLUSTER_ARN), Effect: 'Deny' }]);
  expect(authorizer.decide(ALICE, 'READ', 'TOPIC', 'a').allowed).toBe(false);
  const other = authorizerOf([CONNECT, allow('*', arnOf('topic', '*').replace('uuid-1', 'uuid-2'))]);
  expect(other.decide(ALICE, 'READ', 'TOPIC', 'a').allowed).toBe(false);
});

test('names of groups may hold colons, slashes and asterisks', () => {
  const authorizer = authorizerOf([CONNECT, allow('kafka-cluster:AlterGroup', arnOf('group', 'a:b/c'))]);
  expect(authorizer.decide(ALICE, 'READ', 'GROUP', 'a:b/c').allowed).toBe(true);
  expect(authorizer.decide(ALICE, 'READ', 'GROUP', '*').allowed).toBe(false);
  expect(authorizer.decide(ALICE, 'READ', 'GROUP', 'a:b/d').allowed).toBe(false);
});

test('some topic is allowed to whoever may write to all of them', () => {
  const some = (...statements: object[]) =>
    authorizerOf([CONNECT, ...statements]).decideSome(ALICE, 'WRITE', 'TOPIC').allowed;
  expect(some(allow('kafka-cluster:WriteData', arnOf('topic', '*')))).toBe(true);
  expect(some(allow('kafka-cluster:WriteData', arnOf('topic', 'paid')))).toBe(false);
  expect(some()).toBe(false);
});

describe('what is remembered', () => {
  function changing(first: IamDirectory | null) {
    const state = { directory: first, nowMs: Date.UTC(2026, 0, 1) };
    const authorizer = new IamAuthorizer({ directory: () => state.directory, nowMs: () => state.nowMs });
    return { state, may: () => authorizer.decide(ALICE, 'READ', 'TOPIC', 'a') };
  }
  const all = directoryOf({ users: { alice: [allow('*', '*')] } });

  test('ends with the directory that it was decided by', () => {
    const { state, may } = changing(all);
    expect(may().allowed).toBe(true);
    state.directory = directoryOf({ users: { alice: [CONNECT] } });
    expect(may()).toMatchObject({ allowed: false, rule: { kind: 'no statement' } });
    state.directory = all;
    expect(may().allowed).toBe(true);
  });

  test('gives a deleted user nothing, nor anybody while the directory is not known', () => {
    const { state, may } = changing(all);
    expect(may().allowed).toBe(true);
    state.directory = directoryOf({ users: { bob: [allow('*', '*')] } });
    expect(may()).toMatchObject({ allowed: false, rule: { kind: 'no identity' } });
    state.directory = null;
    expect(may()).toMatchObject({ allowed: false, rule: { kind: 'no directory' } });
  });

  test('ends within a second where a policy asks for the time', () => {
    const until = { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:10Z' } };
    const { state, may } = changing(
      directoryOf({ users: { alice: [allow('*', '*', { Condition: until })] } }),
    );
    expect(may().allowed).toBe(true);
    state.nowMs += 11_000;
    expect(may().allowed).toBe(false);
  });

  test('is of one address and one session', () => {
    const from = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } };
    const directory = directoryOf({
      users: { alice: [allow('*', '*', { Condition: from })] },
      roles: { reader: [allow('*', '*')] },
    });
    const authorizer = new IamAuthorizer({ directory: () => directory, nowMs: () => 0 });
    const may = (asker: typeof ALICE) => authorizer.decide(asker, 'READ', 'TOPIC', 'a').allowed;
    expect(may(ALICE)).toBe(true);
    expect(may({ ...ALICE, host: '192.0.2.1' })).toBe(false);
    expect(may(ALICE)).toBe(true);
    const { host } = ALICE;
    expect(may({ host, identity: roleIdentity('reader', 's') })).toBe(true);
    const nothing = policyText([CONNECT]);
    expect(may({ host, identity: roleIdentity('reader', 's', nothing) })).toBe(false);
    expect(may({ host, identity: roleIdentity('reader', 's') })).toBe(true);
  });

  test('of two names and actions is never taken for each other', () => {
    const authorizer = authorizerOf([CONNECT, allow('kafka-cluster:ReadData', arnOf('topic', 'a'))]);
    for (let round = 0; round < 2; round++) {
      expect(authorizer.decide(ALICE, 'READ', 'TOPIC', 'a').allowed).toBe(true);
      expect(authorizer.decide(ALICE, 'READ', 'TOPIC', 'b').allowed).toBe(false);
      expect(authorizer.decide(ALICE, 'READ', 'GROUP', 'a').allowed).toBe(false);
      expect(authorizer.decide(ALICE, 'WRITE', 'TOPIC', 'a').allowed).toBe(false);
    }
  });
});

test('the policies of a role are read once for all its sessions', () => {
  let reads = 0;
  const policy = {
    name: 'readers',
    get document() {
      reads++;
      return policyText([CONNECT]);
    },
  };
  const directory: IamDirectory = { ...directoryOf({ roles: { reader: [] } }), policies: () => [policy] };
  const authorizer = new IamAuthorizer({ directory: () => directory, nowMs: () => 0 });
  for (let nth = 0; nth < 100; nth++) {
    const asker = { identity: roleIdentity('reader', `session-${nth}`), host: '203.0.113.9' };
    expect(authorizer.decideConnect(asker).allowed).toBe(true);
  }
  expect(reads).toBe(1);
});
