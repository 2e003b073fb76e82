import { describe, expect, test } from 'vitest';
import { GroupBench, subscribed } from '../../../test/coordinator/group-bench.ts';
import { settle } from '../../../test/coordinator/manual-clock.ts';
import { TransactionBench } from '../../../test/coordinator/transaction-bench.ts';
import { ZERO_UUID } from '../../base/brand.ts';
import { PeerConnections } from '../../client/peers/peer-connections.ts';
import { Peers } from '../../client/peers/peers.ts';
import { errorName } from '../../protocol/errors.ts';
import { offsetCommit } from '../../protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../protocol/messages/09-offset-fetch.ts';
import { joinGroup } from '../../protocol/messages/11-join-group.ts';
import { heartbeat } from '../../protocol/messages/12-heartbeat.ts';
import { leaveGroup } from '../../protocol/messages/13-leave-group.ts';
import { syncGroup } from '../../protocol/messages/14-sync-group.ts';
import { describeGroups } from '../../protocol/messages/15-describe-groups.ts';
import { listGroups } from '../../protocol/messages/16-list-groups.ts';
import { initProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import { addPartitionsToTxn } from '../../protocol/messages/24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from '../../protocol/messages/25-add-offsets-to-txn.ts';
import { endTxn } from '../../protocol/messages/26-end-txn.ts';
import { txnOffsetCommit } from '../../protocol/messages/28-txn-offset-commit.ts';
import { deleteGroups } from '../../protocol/messages/42-delete-groups.ts';
import { offsetDelete } from '../../protocol/messages/47-offset-delete.ts';
import { describeTransactions } from '../../protocol/messages/65-describe-transactions.ts';
import { listTransactions } from '../../protocol/messages/66-list-transactions.ts';
import type { Authorize, Right } from '../../server/authorizer.ts';
import type { BrokerContext } from '../context.ts';
import { TransactionPartitions } from '../peers/transaction-partitions.ts';
import { ask, CLICKS, imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { offsetCommitHandler } from './08-offset-commit.ts';
import { offsetFetchHandler } from './09-offset-fetch.ts';
import { joinGroupHandler } from './11-join-group.ts';
import { heartbeatHandler } from './12-heartbeat.ts';
import { leaveGroupHandler } from './13-leave-group.ts';
import { syncGroupHandler } from './14-sync-group.ts';
import { describeGroupsHandler } from './15-describe-groups.ts';
import { listGroupsHandler } from './16-list-groups.ts';
import { initProducerIdHandler } from './22-init-producer-id.ts';
import { addPartitionsToTxnHandler } from './24-add-partitions-to-txn.ts';
import { addOffsetsToTxnHandler } from './25-add-offsets-to-txn.ts';
import { endTxnHandler } from './26-end-txn.ts';
import { txnOffsetCommitHandler } from './28-txn-offset-commit.ts';
import { deleteGroupsHandler } from './42-delete-groups.ts';
import { offsetDeleteHandler } from './47-offset-delete.ts';
import { describeTransactionsHandler } from './65-describe-transactions.ts';
import { listTransactionsHandler } from './66-list-transactions.ts';

const image = imageOf(
  ...topicRecords('orders', ORDERS, [
    { replicas: [1], leader: 1 },
    { replicas: [1], leader: 1 },
  ]),
  ...topicRecords('__transaction_state', CLICKS, [{ replicas: [1], leader: 1 }]),
);

async function broker() {
  const groups = await GroupBench.elected({ initialRebalanceDelayMs: 0 });
  const transactions = await TransactionBench.elected();
  const context = {
    world: groups.world,
    image: () => image,
    groups: groups.coordinator,
    transactions: transactions.coordinator,
    topicCreation: { ensure: async () => null },
    transactionPartitions: new TransactionPartitions(transactions.world, {
      brokerId: 1,
      image: () => image,
      transactions: transactions.coordinator,
      connections: new PeerConnections(new Peers(transactions.world, null), {
        clientId: 'broker',
        timeoutMs: 1000,
        address: () => null,
      }),
      entry: () => undefined,
      retry: () => ({ backoffMs: 20, maxMs: 100 }),
    }),
  } as unknown as BrokerContext;
  return { groups, transactions, context };
}

function versionsOf(handler: { readonly versions: readonly [number, number] }): number[] {
  const [first, last] = handler.versions;
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

const deny =
  (type: string): Authorize<Right> =>
  (_operation, resource) =>
    resource !== type;

describe('the requests of a member', () => {
  test.each(versionsOf(joinGroupHandler))(
    'JoinGroup v%i: from the first join to the last leave',
    async (version) => {
      const { groups, context } = await broker();
      const join = (memberId: string) =>
        ask(joinGroup, joinGroupHandler, context, {
          version,
          request: {
            groupId: 'app',
            sessionTimeoutMs: 10_000,
            ...(version >= 1 && { rebalanceTimeoutMs: 20_000 }),
            memberId,
            protocolType: 'consumer',
            protocols: [{ name: 'range', metadata: subscribed('orders') }],
          },
        });
      const first = version >= 4 ? await join('') : null;
      if (first) expect(errorName(first.errorCode)).toBe('MEMBER_ID_REQUIRED');
      const joining = join(first?.memberId ?? '');
      await groups.clock.advance(1);
      const joined = await joining;
      expect(joined).toMatchObject({
        errorCode: 0,
        generationId: 1,
        protocolName: 'range',
        leader: joined.memberId,
      });
      expect(joined.members).toHaveLength(1);
      expect(joined.protocolType).toBe(version >= 7 ? 'consumer' : null);

      const member = { groupId: 'app', memberId: joined.memberId, generationId: 1 };
      const synced = await ask(syncGroup, syncGroupHandler, context, {
        version: Math.min(version, 5),
        request: {
          ...member,
          ...(version >= 5 && { protocolType: 'consumer', protocolName: 'range' }),
          assignments: [{ memberId: joined.memberId, assignment: Buffer.from('all') }],
        },
      });
      expect(synced).toMatchObject({ errorCode: 0, assignment: Buffer.from('all') });
      const beat = await ask(heartbeat, heartbeatHandler, context, {
        version: Math.min(version, 4),
        request: member,
      });
      expect(beat.errorCode).toBe(0);
      const leaveVersion = Math.min(version, 5);
      const left = await ask(leaveGroup, leaveGroupHandler, context, {
        version: leaveVersion,
        request:
          leaveVersion >= 3
            ? { groupId: 'app', members: [{ memberId: joined.memberId }] }
            : { groupId: 'app', memberId: joined.memberId },
      });
      expect(left.errorCode).toBe(0);
      expect(left.members).toHaveLength(leaveVersion >= 3 ? 1 : 0);
      expect((await groups.describe()).groupState).toBe('Empty');
    },
  );

  test('an error of JoinGroup has a place in every version', async () => {
    const { context } = await broker();
    for (const version of versionsOf(joinGroupHandler)) {
      const answer = await ask(joinGroup, joinGroupHandler, context, {
        version,
        authorize: deny('GROUP'),
        request: {
          groupId: 'app',
          sessionTimeoutMs: 10_000,
          memberId: '',
          protocolType: 'consumer',
          protocols: [],
        },
      });
      expect(errorName(answer.errorCode)).toBe('GROUP_AUTHORIZATION_FAILED');
    }
  });

  test('SyncGroup names its protocol from version 5 on (KIP-559)', async () => {
    const { context } = await broker();
    const request = { groupId: 'app', memberId: 'm', generationId: 1, assignments: [] };
    const v4 = await ask(syncGroup, syncGroupHandler, context, { version: 4, request });
    const v5 = await ask(syncGroup, syncGroupHandler, context, { version: 5, request });
    expect(errorName(v4.errorCode)).toBe('UNKNOWN_MEMBER_ID');
    expect(errorName(v5.errorCode)).toBe('INCONSISTENT_GROUP_PROTOCOL');
  });

  test('LeaveGroup before version 3 has the error of its one member as its own', async () => {
    const { context } = await broker();
    const answer = await ask(leaveGroup, leaveGroupHandler, context, {
      version: 2,
      request: { groupId: 'app', memberId: 'm' },
    });
    expect(errorName(answer.errorCode)).toBe('UNKNOWN_MEMBER_ID');
  });
});

describe('committed offsets', () => {
  const named = (version: number) => (version >= 10 ? { topicId: ORDERS } : { name: 'orders' });

  test.each(versionsOf(offsetCommitHandler))(
    'OffsetCommit v%i: each partition for itself',
    async (version) => {
      const { groups, context } = await broker();
      const partition = (partitionIndex: number) => ({
        partitionIndex,
        committedOffset: 7,
        committedMetadata: null,
      });
      const answer = await ask(offsetCommit, offsetCommitHandler, context, {
        version,
        request: {
          groupId: 'app',
          memberId: '',
          topics: [
            { ...named(version), partitions: [partition(0), partition(9)] },
            version >= 10
              ? { topicId: 'unkn0wnAAAAAAAAAAAAAAA', partitions: [partition(0)] }
              : { name: 'unknown', partitions: [partition(0)] },
          ],
        },
      });
      const errors = answer.topics.map(({ partitions }) =>
        partitions.map(({ errorCode }) => errorName(errorCode)),
      );
      expect(errors).toEqual([
        ['NONE', 'UNKNOWN_TOPIC_OR_PARTITION'],
        [version >= 10 ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION'],
      ]);
      expect(answer.topics[0]).toMatchObject(named(version));
      expect(await groups.committed()).toBe(7);
    },
  );

  test.each(versionsOf(offsetFetchHandler))(
    'OffsetFetch v%i: what was committed, -1 for the rest',
    async (version) => {
      const { groups, context } = await broker();
      await groups.commit(7);
      const asked = { partitionIndexes: [0, 1] };
      const fetch = (topics: (typeof asked)[] | null) =>
        ask(offsetFetch, offsetFetchHandler, context, {
          version,
          request:
            version >= 8
              ? {
                  groups: [
                    {
                      groupId: 'app',
                      topics: topics?.map((topic) => ({ ...topic, ...named(version) })) ?? null,
                    },
                  ],
                }
              : { groupId: 'app', topics: topics?.map((topic) => ({ ...topic, name: 'orders' })) ?? null },
        });
      const topicsOf = (answer: Awaited<ReturnType<typeof fetch>>) =>
        version >= 8 ? (answer.groups[0]?.topics ?? []) : answer.topics;
      const answer = await fetch([asked]);
      expect(topicsOf(answer)).toMatchObject([
        {
          ...named(version),
          partitions: [
            { partitionIndex: 0, committedOffset: 7, errorCode: 0 },
            { partitionIndex: 1, committedOffset: -1, errorCode: 0 },
          ],
        },
      ]);
      if (version >= 2) {
        const all = topicsOf(await fetch(null));
        expect(all).toMatchObject([{ ...named(version), partitions: [{ committedOffset: 7 }] }]);
      }
    },
  );

  test('OffsetFetch says who may not see a group, or a topic', async () => {
    const { groups, context } = await broker();
    await groups.commit(7);
    const fetch = (version: number, authorize: Authorize<Right>) =>
      ask(offsetFetch, offsetFetchHandler, context, {
        version,
        authorize,
        request:
          version >= 8
            ? { groups: [{ groupId: 'app', topics: [{ name: 'orders', partitionIndexes: [0] }] }] }
            : { groupId: 'app', topics: [{ name: 'orders', partitionIndexes: [0] }] },
      });
    const group = deny('GROUP');
    expect(errorName((await fetch(1, group)).topics[0]?.partitions[0]?.errorCode ?? 0)).toBe(
      'GROUP_AUTHORIZATION_FAILED',
    );
    expect(errorName((await fetch(5, group)).errorCode)).toBe('GROUP_AUTHORIZATION_FAILED');
    expect(errorName((await fetch(9, group)).groups[0]?.errorCode ?? 0)).toBe('GROUP_AUTHORIZATION_FAILED');
    const topic = await fetch(9, deny('TOPIC'));
    expect(topic.groups[0]?.topics[0]?.partitions[0]).toMatchObject({ committedOffset: -1, errorCode: 29 });
  });

  test('OffsetDelete: each partition for itself', async () => {
    const { groups, context } = await broker();
    await groups.commit(7);
    const answer = await ask(offsetDelete, offsetDeleteHandler, context, {
      version: 0,
      request: {
        groupId: 'app',
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 0 }, { partitionIndex: 5 }] }],
      },
    });
    expect(answer.topics[0]?.partitions.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'NONE',
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    expect(await groups.committed()).toBe(-1);
  });
});

describe('what tools ask of groups', () => {
  test('DescribeGroups, ListGroups and DeleteGroups in every version', async () => {
    for (const version of versionsOf(describeGroupsHandler)) {
      const { groups, context } = await broker();
      await groups.commit(7);
      const answer = await ask(describeGroups, describeGroupsHandler, context, {
        version,
        request: { groups: ['app', 'none'], ...(version >= 3 && { includeAuthorizedOperations: true }) },
      });
      expect(answer.groups.map(({ groupState }) => groupState)).toEqual(['Empty', 'Dead']);
      expect(errorName(answer.groups[1]?.errorCode ?? 0)).toBe(version >= 6 ? 'GROUP_ID_NOT_FOUND' : 'NONE');
      // READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS and ALTER_CONFIGS, by their codes.
      const bits = (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11);
      expect(answer.groups[0]?.authorizedOperations).toBe(version >= 3 ? bits : -2147483648);
    }
    for (const version of versionsOf(listGroupsHandler)) {
      const { groups, context } = await broker();
      await groups.commit(7);
      const answer = await ask(listGroups, listGroupsHandler, context, { version, request: {} });
      expect(answer.groups).toMatchObject([
        { groupId: 'app', groupState: version >= 4 ? 'Empty' : '', groupType: version >= 5 ? 'classic' : '' },
      ]);
      const hidden = await ask(listGroups, listGroupsHandler, context, {
        version,
        request: {},
        authorize: () => false,
      });
      expect(hidden.groups).toEqual([]);
    }
    for (const version of versionsOf(deleteGroupsHandler)) {
      const { groups, context } = await broker();
      await groups.commit(7);
      const answer = await ask(deleteGroups, deleteGroupsHandler, context, {
        version,
        request: { groupsNames: ['app', 'app', 'none'] },
      });
      expect(answer.results.map(({ errorCode }) => errorName(errorCode))).toEqual([
        'NONE',
        'GROUP_ID_NOT_FOUND',
      ]);
    }
  });
});

describe('the requests of a transaction', () => {
  test('a transaction from InitProducerId to EndTxn, in every version of each', async () => {
    for (let version = 0; version <= 5; version++) {
      const { groups, transactions, context } = await broker();
      const initialized = await ask(initProducerId, initProducerIdHandler, context, {
        version,
        request: { transactionalId: 'tx', transactionTimeoutMs: 1000 },
      });
      expect(initialized).toMatchObject({ errorCode: 0, producerId: 1000, producerEpoch: 0 });
      const producer = { producerId: 1000, producerEpoch: 0 };
      const topics = [{ name: 'orders', partitions: [0] }];
      const added = await ask(addPartitionsToTxn, addPartitionsToTxnHandler, context, {
        version,
        request:
          version >= 4
            ? { transactions: [{ transactionalId: 'tx', ...producer, topics }] }
            : {
                v3AndBelowTransactionalId: 'tx',
                v3AndBelowProducerId: 1000,
                v3AndBelowProducerEpoch: 0,
                v3AndBelowTopics: topics,
              },
      });
      const result =
        version >= 4 ? added.resultsByTransaction[0]?.topicResults : added.resultsByTopicV3AndBelow;
      expect(result).toEqual([
        { name: 'orders', resultsByPartition: [{ partitionIndex: 0, partitionErrorCode: 0 }] },
      ]);
      const offsets = await ask(addOffsetsToTxn, addOffsetsToTxnHandler, context, {
        version: Math.min(version, 4),
        request: { transactionalId: 'tx', ...producer, groupId: 'app' },
      });
      expect(offsets.errorCode).toBe(0);
      const committed = await ask(txnOffsetCommit, txnOffsetCommitHandler, context, {
        version,
        request: {
          transactionalId: 'tx',
          groupId: 'app',
          ...producer,
          topics: [
            {
              name: 'orders',
              partitions: [{ partitionIndex: 0, committedOffset: 9, committedMetadata: null }],
            },
          ],
        },
      });
      expect(committed.topics[0]?.partitions[0]?.errorCode).toBe(0);
      expect(await groups.committed()).toBe(-1);
      const ended = await ask(endTxn, endTxnHandler, context, {
        version,
        request: { transactionalId: 'tx', ...producer, committed: true },
      });
      expect(ended).toMatchObject({ errorCode: 0, producerEpoch: version >= 5 ? 1 : -1 });
      await settle();
      expect(transactions.brokers.received.map(({ topic, partition }) => [topic, partition])).toEqual([
        ['orders', 0],
        ['__consumer_offsets', 0],
      ]);
    }
  });

  test('one partition that cannot be added leaves the others unattempted', async () => {
    const { transactions, context } = await broker();
    await transactions.producer();
    const answer = await ask(addPartitionsToTxn, addPartitionsToTxnHandler, context, {
      version: 3,
      request: {
        v3AndBelowTransactionalId: 'tx',
        v3AndBelowProducerId: 1000,
        v3AndBelowProducerEpoch: 0,
        v3AndBelowTopics: [{ name: 'orders', partitions: [0, 9] }],
      },
    });
    expect(
      answer.resultsByTopicV3AndBelow[0]?.resultsByPartition.map(({ partitionErrorCode }) =>
        errorName(partitionErrorCode),
      ),
    ).toEqual(['OPERATION_NOT_ATTEMPTED', 'UNKNOWN_TOPIC_OR_PARTITION']);
  });

  // KafkaApis.handleAddPartitionsToTxnRequest: internal topics are never among those that a client may write.
  test.each([0, 1, 2, 3])(
    'AddPartitionsToTxn v%i: no client adds an internal topic, whatever it may write',
    async (version) => {
      const { transactions, context } = await broker();
      await transactions.producer();
      const answer = await ask(addPartitionsToTxn, addPartitionsToTxnHandler, context, {
        version,
        request: {
          v3AndBelowTransactionalId: 'tx',
          v3AndBelowProducerId: 1000,
          v3AndBelowProducerEpoch: 0,
          v3AndBelowTopics: [
            { name: '__transaction_state', partitions: [0] },
            { name: 'orders', partitions: [0] },
          ],
        },
      });
      expect(
        answer.resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) =>
          resultsByPartition.map(({ partitionErrorCode }) => errorName(partitionErrorCode)),
        ),
      ).toEqual(['TOPIC_AUTHORIZATION_FAILED', 'OPERATION_NOT_ATTEMPTED']);
    },
  );

  test('old clients hear INVALID_PRODUCER_EPOCH when they are fenced', async () => {
    const { transactions, context } = await broker();
    await transactions.producer();
    await transactions.producer();
    for (const [version, error] of [
      [1, 'INVALID_PRODUCER_EPOCH'],
      [2, 'PRODUCER_FENCED'],
    ] as const) {
      const answer = await ask(endTxn, endTxnHandler, context, {
        version,
        request: { transactionalId: 'tx', producerId: 1000, producerEpoch: 0, committed: true },
      });
      expect(errorName(answer.errorCode)).toBe(error);
    }
  });

  test('what nobody may do with a transactional id is refused everywhere', async () => {
    const { context } = await broker();
    const authorize = deny('TRANSACTIONAL_ID');
    const producer = { transactionalId: 'tx', producerId: 1, producerEpoch: 0 };
    const refused = 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED';
    const initialized = await ask(initProducerId, initProducerIdHandler, context, {
      version: 4,
      authorize,
      request: { transactionalId: 'tx', transactionTimeoutMs: 1000 },
    });
    expect(errorName(initialized.errorCode)).toBe(refused);
    const ended = await ask(endTxn, endTxnHandler, context, {
      version: 4,
      authorize,
      request: { ...producer, committed: true },
    });
    expect(errorName(ended.errorCode)).toBe(refused);
    const offsets = await ask(addOffsetsToTxn, addOffsetsToTxnHandler, context, {
      version: 4,
      authorize,
      request: { ...producer, groupId: 'app' },
    });
    expect(errorName(offsets.errorCode)).toBe(refused);
  });

  test('tools see transactions they may describe', async () => {
    const { transactions, context } = await broker();
    await transactions.producer();
    const described = await ask(describeTransactions, describeTransactionsHandler, context, {
      version: 0,
      request: { transactionalIds: ['tx', 'none'] },
    });
    expect(described.transactionStates).toMatchObject([
      { transactionalId: 'tx', transactionState: 'Empty', producerId: 1000 },
      { transactionalId: 'none', errorCode: 105 },
    ]);
    for (const version of versionsOf(listTransactionsHandler)) {
      const list = await ask(listTransactions, listTransactionsHandler, context, {
        version,
        request: { stateFilters: ['Empty', 'Odd'], producerIdFilters: [] },
      });
      expect(list).toMatchObject({
        unknownStateFilters: ['Odd'],
        transactionStates: [{ transactionalId: 'tx', transactionState: 'Empty' }],
      });
    }
  });
});

test('a topic id of zeros names no topic', async () => {
  const { context } = await broker();
  const answer = await ask(offsetFetch, offsetFetchHandler, context, {
    version: 10,
    request: { groups: [{ groupId: 'app', topics: [{ topicId: ZERO_UUID, partitionIndexes: [0] }] }] },
  });
  expect(errorName(answer.groups[0]?.topics[0]?.partitions[0]?.errorCode ?? 0)).toBe('UNKNOWN_TOPIC_ID');
});
