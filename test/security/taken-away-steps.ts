import { randomUUID } from 'node:crypto';
import { apis } from '../../src/protocol/apis.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { errorsOf, type Guest } from './guest.ts';

/** What happens on a connection whose rights are taken away: the errors of each answer, step by step. */
export type Steps = (guest: Guest) => Promise<string[]>;

const WAIT_MS = 60_000;
const NO_MATTER_HOW_MANY = 1_000_000;

/** What somebody had begun when its rights were taken away, and what the broker then answers. */
export const takenAway: Readonly<Record<string, Steps>> = {
  'a fetch session that was caught up': async (guest) => {
    const read = fetching(guest);
    const { sessionId } = await read(0, 0);
    const before = [errorsOf(await read(sessionId, 1)), errorsOf(await read(sessionId, 2))];
    await guest.loses('TOPIC', ['READ']);
    return [...before, errorsOf(await read(sessionId, 3)), errorsOf(await read(sessionId, 4))];
  },

  'a fetch session in which records come': async (guest) => {
    const read = fetching(guest);
    const { sessionId } = await read(0, 0);
    await guest.loses('TOPIC', ['READ']);
    await guest.owner.send(apis.produce, produced(guest), { version: 12 });
    const answer = await read(sessionId, 1);
    const bytes = answer.responses.flatMap(({ partitions }) =>
      partitions.map(({ records }) => records?.length ?? 0),
    );
    return [errorsOf(answer), String(bytes)];
  },

  'a share session': async (guest) => {
    const share = await shareMember(guest);
    await share.fetch(0);
    await guest.loses('TOPIC', ['READ']);
    const refused = [await share.fetch(1), await share.acknowledge(2), await share.heartbeat()];
    await guest.loses('GROUP', ['READ']);
    return [...refused, await share.fetch(3), await share.acknowledge(3), await share.heartbeat()];
  },

  'the membership of a share group, by topics it may not see any more': async (guest) => {
    const share = await shareMember(guest);
    await guest.loses('TOPIC', ['READ', 'WRITE', 'DESCRIBE']);
    return [await share.heartbeat(), await share.heartbeat([guest.place.topic]), await share.fetch(0)];
  },

  'a transaction, by its topic': async (guest) => {
    const transaction = await begun(guest);
    const before = [await transaction.add(), await transaction.produce(0)];
    await guest.loses('TOPIC', ['WRITE']);
    const after = [await transaction.add(), await transaction.produce(1), await transaction.produce(1, 12)];
    return [...before, ...after, await transaction.end()];
  },

  'a transaction, by its id': async (guest) => {
    const transaction = await begun(guest);
    const before = [await transaction.add(), await transaction.produce(0), await transaction.addOffsets()];
    await guest.loses('TRANSACTIONAL_ID', ['WRITE']);
    const after = [
      await transaction.add(),
      await transaction.produce(1),
      await transaction.produce(1, 12),
      await transaction.addOffsets(),
      await transaction.commitOffsets(),
      await transaction.end(),
      await transaction.again(),
    ];
    return [...before, ...after];
  },

  'a transaction with offsets, by its group': async (guest) => {
    const transaction = await begun(guest);
    const before = [await transaction.addOffsets(), await transaction.commitOffsets()];
    await guest.loses('GROUP', ['READ']);
    const after = [
      await transaction.addOffsets(),
      await transaction.commitOffsets(),
      await transaction.end(),
    ];
    return [...before, ...after];
  },

  'a transaction with offsets, by the topic of the offsets': async (guest) => {
    const transaction = await begun(guest);
    const before = [await transaction.addOffsets(), await transaction.commitOffsets()];
    await guest.loses('TOPIC', ['READ']);
    return [...before, await transaction.commitOffsets(), await transaction.end()];
  },

  'an idempotent producer': async (guest) => {
    const { producerId, producerEpoch } = await guest.ask(
      apis.initProducerId,
      { transactionalId: null, transactionTimeoutMs: WAIT_MS },
      5,
    );
    const produce = (baseSequence: number) =>
      guest.ask(apis.produce, produced(guest, { producerId, producerEpoch, baseSequence }), 12);
    const before = errorsOf(await produce(0));
    await guest.loses('TOPIC', ['WRITE']);
    const { errorCode } = await guest.ask(
      apis.initProducerId,
      { transactionalId: null, transactionTimeoutMs: WAIT_MS },
      5,
    );
    return [before, errorsOf(await produce(1)), errorsOf({ errorCode })];
  },

  'the membership of a classic group': async (guest) => {
    const member = await classicMember(guest);
    const before = [await member.heartbeat(), await member.commit()];
    await guest.loses('TOPIC', ['READ']);
    const withoutTopic = [await member.heartbeat(), await member.commit(), await member.offsets()];
    await guest.loses('GROUP', ['READ']);
    return [
      ...before,
      ...withoutTopic,
      await member.heartbeat(),
      await member.commit(),
      await member.offsets(),
      await member.sync(),
      await member.join(),
      await member.leave(),
    ];
  },

  'the membership of a consumer group': async (guest) => {
    const member = await consumerMember(guest, { subscribedTopicNames: [guest.place.topic] });
    const before = [await member.heartbeat(), await member.commit()];
    await guest.loses('TOPIC', ['READ', 'WRITE', 'DESCRIBE']);
    const withoutTopic = [
      await member.heartbeat(),
      await member.heartbeat([guest.place.topic]),
      await member.commit(),
      await member.describe(),
    ];
    await guest.loses('GROUP', ['READ', 'DESCRIBE']);
    return [
      ...before,
      ...withoutTopic,
      await member.heartbeat(),
      await member.commit(),
      await member.describe(),
    ];
  },

  'a subscription by a regular expression': async (guest) => {
    const member = await consumerMember(guest, { subscribedTopicRegex: `${guest.place.topic}.*` });
    while (!(await member.isAssigned()));
    await guest.loses('TOPIC', ['READ', 'WRITE', 'DESCRIBE']);
    return [await member.heartbeat(), await member.commit(), await member.describe()];
  },

  'pages of topics and what is known of the cluster': async (guest) => {
    const { topic } = guest.place;
    const page = async () =>
      errorsOf(
        await guest.ask(apis.describeTopicPartitions, {
          topics: [{ name: topic }],
          responsePartitionLimit: 1,
          cursor: { topicName: topic, partitionIndex: 0 },
        }),
      );
    const known = async () => {
      const { topics } = await guest.ask(apis.metadata, { topics: null }, 12);
      const { clusterAuthorizedOperations } = await guest.ask(
        apis.describeCluster,
        { includeClusterAuthorizedOperations: true },
        1,
      );
      return [topics.some(({ name }) => name === topic), clusterAuthorizedOperations].join();
    };
    const before = [await page(), await known()];
    await guest.loses('TOPIC', ['READ', 'WRITE', 'DESCRIBE']);
    const withoutTopic = [await page(), await known()];
    await guest.loses('CLUSTER', ['DESCRIBE']);
    return [...before, ...withoutTopic, await known()];
  },
};

/** Reads the guest's topic from its end on, without waiting, in a session. */
function fetching(guest: Guest) {
  const { topicId } = guest.place;
  return (sessionId: number, sessionEpoch: number) =>
    guest.ask(
      apis.fetch,
      {
        maxWaitMs: 0,
        minBytes: 1,
        sessionId,
        sessionEpoch,
        topics:
          sessionEpoch === 0
            ? [
                {
                  topicId,
                  partitions: [{ partition: 0, fetchOffset: guest.endOffset, partitionMaxBytes: 100_000 }],
                },
              ]
            : [],
        forgottenTopicsData: [],
      },
      17,
    );
}

function produced(
  { place }: Guest,
  producer: {
    readonly producerId?: number;
    readonly producerEpoch?: number;
    readonly baseSequence?: number;
    readonly isTransactional?: boolean;
  } = {},
) {
  const records = buildBatch({
    records: [{ timestamp: Date.now(), key: null, value: Buffer.from('of the guest') }],
    ...producer,
  });
  return {
    acks: -1,
    timeoutMs: WAIT_MS,
    topicData: [{ name: place.topic, partitionData: [{ index: 0, records }] }],
  };
}

async function shareMember(guest: Guest) {
  const { topic, topicId } = guest.place;
  const groupId = `shared by ${guest.host}`;
  const memberId = randomUUID();
  let memberEpoch = 0;
  const heartbeat = async (subscribedTopicNames: string[] | null = null) => {
    const answer = await guest.ask(apis.shareGroupHeartbeat, {
      groupId,
      memberId,
      memberEpoch,
      subscribedTopicNames,
    });
    if (answer.errorCode === 0) ({ memberEpoch } = answer);
    return errorsOf(answer);
  };
  await guest.coordinatorOf(0, groupId);
  while ((await heartbeat([topic])) !== 'NONE');
  const topics = [
    { topicId, partitions: [{ partitionIndex: 0, partitionMaxBytes: 0, acknowledgementBatches: [] }] },
  ];
  return {
    heartbeat,
    async fetch(shareSessionEpoch: number) {
      const answer = await guest.ask(
        apis.shareFetch,
        {
          ...{
            groupId,
            memberId,
            shareSessionEpoch,
            maxWaitMs: 0,
            minBytes: 1,
            maxBytes: NO_MATTER_HOW_MANY,
          },
          ...{ maxRecords: 10, batchSize: 10, forgottenTopicsData: [] },
          topics: shareSessionEpoch === 0 ? topics : [],
        },
        1,
      );
      return errorsOf(answer);
    },
    async acknowledge(shareSessionEpoch: number) {
      const batch = { firstOffset: 0, lastOffset: 0, acknowledgeTypes: [1] };
      const partitions = [{ partitionIndex: 0, acknowledgementBatches: [batch] }];
      return errorsOf(
        await guest.ask(
          apis.shareAcknowledge,
          { groupId, memberId, shareSessionEpoch, topics: [{ topicId, partitions }] },
          1,
        ),
      );
    },
  };
}

async function begun(guest: Guest) {
  const transactionalId = `transaction of ${guest.host}`;
  const groupId = `group of ${guest.host}`;
  const { topic } = guest.place;
  await guest.coordinatorOf(0, groupId);
  await guest.coordinatorOf(1, transactionalId);
  const init = () => guest.ask(apis.initProducerId, { transactionalId, transactionTimeoutMs: 60_000 }, 5);
  let ids = await init();
  while (ids.errorCode !== 0) ids = await init();
  const { producerId, producerEpoch } = ids;
  return {
    add: async () =>
      errorsOf(
        await guest.ask(
          apis.addPartitionsToTxn,
          {
            v3AndBelowTransactionalId: transactionalId,
            v3AndBelowProducerId: producerId,
            v3AndBelowProducerEpoch: producerEpoch,
            v3AndBelowTopics: [{ name: topic, partitions: [0] }],
          },
          3,
        ),
      ),
    produce: async (baseSequence: number, version = 11) =>
      errorsOf(
        await guest.ask(
          apis.produce,
          {
            transactionalId,
            ...produced(guest, { producerId, producerEpoch, baseSequence, isTransactional: true }),
          },
          version,
        ),
      ),
    addOffsets: async () =>
      errorsOf(
        await guest.ask(apis.addOffsetsToTxn, { transactionalId, groupId, producerId, producerEpoch }, 3),
      ),
    commitOffsets: async () =>
      errorsOf(
        await guest.ask(
          apis.txnOffsetCommit,
          {
            ...{ transactionalId, groupId, producerId, producerEpoch },
            topics: [
              {
                name: topic,
                partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }],
              },
            ],
          },
          4,
        ),
      ),
    end: async () =>
      errorsOf(
        await guest.ask(apis.endTxn, { transactionalId, producerId, producerEpoch, committed: true }, 4),
      ),
    again: async () => errorsOf(await init()),
  };
}

async function classicMember(guest: Guest) {
  const groupId = `group of ${guest.host}`;
  const { topic } = guest.place;
  await guest.coordinatorOf(0, groupId);
  let memberId = '';
  let generationId = -1;
  const join = async () => {
    const answer = await guest.ask(
      apis.joinGroup,
      {
        ...{
          groupId,
          sessionTimeoutMs: 300_000,
          // So long a member may also take to sync.
          rebalanceTimeoutMs: 60_000,
          memberId,
          protocolType: 'consumer',
        },
        protocols: [{ name: 'range', metadata: Buffer.from('x') }],
      },
      9,
    );
    if (answer.memberId !== '') ({ memberId } = answer);
    if (answer.errorCode === 0) ({ generationId } = answer);
    return errorsOf(answer);
  };
  const sync = async () =>
    errorsOf(
      await guest.ask(
        apis.syncGroup,
        {
          ...{ groupId, generationId, memberId, protocolType: 'consumer', protocolName: 'range' },
          assignments: [{ memberId, assignment: Buffer.from('a') }],
        },
        5,
      ),
    );
  while ((await join()) !== 'NONE');
  await sync();
  return {
    join,
    sync,
    heartbeat: async () => errorsOf(await guest.ask(apis.heartbeat, { groupId, generationId, memberId }, 4)),
    commit: async () =>
      errorsOf(
        await guest.ask(
          apis.offsetCommit,
          {
            ...{ groupId, generationIdOrMemberEpoch: generationId, memberId },
            topics: [
              {
                name: topic,
                partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }],
              },
            ],
          },
          8,
        ),
      ),
    offsets: async () => {
      const answer = await guest.ask(apis.offsetFetch, { groups: [{ groupId, topics: null }] }, 8);
      const told = answer.groups.flatMap(({ topics }) => topics.map(({ name }) => name));
      return `${errorsOf(answer)} ${told}`;
    },
    leave: async () => errorsOf(await guest.ask(apis.leaveGroup, { groupId, members: [{ memberId }] }, 5)),
  };
}

interface Subscription {
  readonly subscribedTopicNames?: readonly string[];
  readonly subscribedTopicRegex?: string;
}

async function consumerMember(guest: Guest, subscription: Subscription) {
  const groupId = `group of ${guest.host}`;
  const memberId = randomUUID();
  const { topic } = guest.place;
  await guest.coordinatorOf(0, groupId);
  let memberEpoch = 0;
  let isAssigned = false;
  const beat = async (named: Subscription) => {
    const answer = await guest.ask(
      apis.consumerGroupHeartbeat,
      {
        ...{ groupId, memberId, memberEpoch, ...named },
        ...(memberEpoch === 0 ? { rebalanceTimeoutMs: WAIT_MS, topicPartitions: [] } : {}),
      },
      1,
    );
    if (answer.errorCode === 0) ({ memberEpoch } = answer);
    if (answer.assignment !== null) isAssigned = answer.assignment.topicPartitions.length > 0;
    return errorsOf(answer);
  };
  while ((await beat(subscription)) !== 'NONE');
  return {
    heartbeat: (subscribedTopicNames: string[] | null = null) =>
      beat(subscribedTopicNames ? { subscribedTopicNames } : {}),
    /** Asks by a heartbeat. */
    isAssigned: async () => {
      await beat({});
      return isAssigned;
    },
    commit: async () =>
      errorsOf(
        await guest.ask(
          apis.offsetCommit,
          {
            ...{ groupId, generationIdOrMemberEpoch: memberEpoch, memberId },
            topics: [
              {
                name: topic,
                partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }],
              },
            ],
          },
          9,
        ),
      ),
    describe: async () => {
      const answer = await guest.ask(
        apis.consumerGroupDescribe,
        { groupIds: [groupId], includeAuthorizedOperations: false },
        1,
      );
      return `${errorsOf(answer)} ${answer.groups.flatMap(({ members }) => members.flatMap(({ subscribedTopicNames }) => subscribedTopicNames))}`;
    },
  };
}
