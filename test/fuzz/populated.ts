import type { KafkaConnection } from '../../src/client/connection.ts';
import { apis } from '../../src/protocol/apis.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import type { KnownPlace } from '../../src/protocol/testing/sample-requests.ts';

/** Apache Kafka makes its internal topics in it, beside other tests. */
const WAIT_MS = 180_000;
/** As long as Kafka allows: the transaction is open until the end of the tests. */
const TRANSACTION_MS = 900_000;

/** A cluster that can be filled. */
export interface Populated {
  connect(): Promise<KafkaConnection>;
  /** Resolves when the topic has a leader. */
  createTopic(name: string): Promise<void>;
}

/**
 * Makes something of everything: a topic with records, a group with a member and an offset, an open
 * transaction. Then what samples name exists, so that answers are not empty.
 */
export async function populate(node: Populated): Promise<KnownPlace> {
  const topic = 'orders';
  await node.createTopic(topic);
  const connection = await node.connect();
  const value = { timestamp: 1, key: Buffer.from('k'), value: Buffer.from('v') };
  const records = buildBatch({ records: [value, value] });
  await connection.send(
    apis.produce,
    { acks: -1, timeoutMs: WAIT_MS, topicData: [{ name: topic, partitionData: [{ index: 0, records }] }] },
    { version: 12 },
  );
  const join = async (memberId: string) =>
    retried(() =>
      connection.send(apis.joinGroup, {
        groupId: 'group',
        sessionTimeoutMs: 300_000,
        rebalanceTimeoutMs: 1000,
        memberId,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('x') }],
      }),
    );
  await retried(() => connection.send(apis.findCoordinator, { keyType: 0, coordinatorKeys: ['group'] }));
  await retried(() =>
    connection.send(apis.findCoordinator, { keyType: 1, coordinatorKeys: ['transactional'] }),
  );
  const { memberId } = await join('');
  const { generationId } = await join(memberId);
  await connection.send(apis.syncGroup, {
    groupId: 'group',
    generationId,
    memberId,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [{ memberId, assignment: Buffer.from('a') }],
  });
  await connection.send(
    apis.offsetCommit,
    {
      groupId: 'group',
      generationIdOrMemberEpoch: generationId,
      memberId,
      topics: [
        { name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: 'm' }] },
      ],
    },
    { version: 8 },
  );
  const transaction = { transactionalId: 'transactional', transactionTimeoutMs: TRANSACTION_MS };
  const producer = await retried(() => connection.send(apis.initProducerId, transaction));
  await connection.send(
    apis.addPartitionsToTxn,
    {
      v3AndBelowTransactionalId: 'transactional',
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions: [0] }],
    },
    { version: 3 },
  );
  const { topics } = await connection.send(apis.metadata, { topics: [{ name: topic }] });
  connection.close();
  return { topic, topicId: topics[0]?.topicId ?? '', memberId };
}

/**
 * Coordinators load for a moment after they were made. MEMBER_ID_REQUIRED is the answer that a new member
 * needs.
 */
async function retried<Answer extends { readonly errorCode: number }>(
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const answer = await ask();
    const error = errorName(answer.errorCode);
    const inner = firstCoordinatorError(answer);
    if ((error === 'NONE' || error === 'MEMBER_ID_REQUIRED') && inner === 'NONE') return answer;
    if (performance.now() > deadline) throw new Error(`${error} ${inner}`);
    await new Promise<void>((resolve) => setTimeout(resolve, 20));
  }
}

function firstCoordinatorError(answer: object): string {
  const [first] = 'coordinators' in answer && Array.isArray(answer.coordinators) ? answer.coordinators : [];
  return errorName(first?.errorCode ?? 0);
}
