import { inPortions } from '../../base/portions.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import { INTERNAL_TOPICS } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import {
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
  addPartitionsToTxn,
} from '../../protocol/messages/24-add-partitions-to-txn.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

/** From here on brokers ask, for several transactions at once (KIP-890). */
const BATCHED_SINCE = 4;
/** Before this version clients do not know PRODUCER_FENCED. */
const PRODUCER_FENCED_SINCE = 2;
/** From here on a partition joins as it is written to, and the transaction is one of version 2. */
const TRANSACTION_VERSION_2_SINCE = 5;

type Topics = AddPartitionsToTxnRequest['v3AndBelowTopics'];

/**
 * AddPartitionsToTxn v0-5: partitions become part of a transaction before they are written to. All or none:
 * one that is unknown, or that the caller may not write, leaves the others OPERATION_NOT_ATTEMPTED.
 *
 * Up to v3 producers ask for their one transaction, and no producer may write to an internal topic, whatever
 * its rights: markers would stand in the state of coordinators. From v4 on brokers ask, to add or only to
 * verify.
 */
export const addPartitionsToTxnHandler = handle(
  addPartitionsToTxn,
  { versions: [0, 5], operations: ['TRANSACTIONAL_ID:WRITE', 'TOPIC:WRITE', 'CLUSTER:CLUSTER_ACTION'] },
  async (context: BrokerContext, request, info): Promise<AddPartitionsToTxnResponse> => {
    if (info.apiVersion < BATCHED_SINCE) {
      const { v3AndBelowTransactionalId: transactionalId, v3AndBelowTopics: topics } = request;
      const errors = await add(context, info, {
        transactionalId,
        producerId: request.v3AndBelowProducerId,
        producerEpoch: request.v3AndBelowProducerEpoch,
        verifyOnly: false,
        topics,
      });
      return { errorCode: 0, resultsByTransaction: [], resultsByTopicV3AndBelow: results(topics, errors) };
    }
    if (!info.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME)) {
      const refused = errorCode('CLUSTER_AUTHORIZATION_FAILED');
      return { errorCode: refused, resultsByTransaction: [], resultsByTopicV3AndBelow: [] };
    }
    const resultsByTransaction = await inPortions(
      context.world.clock,
      request.transactions,
      async (transaction) => ({
        transactionalId: transaction.transactionalId,
        topicResults: results(transaction.topics, await add(context, info, transaction)),
      }),
    );
    return { errorCode: 0, resultsByTransaction, resultsByTopicV3AndBelow: [] };
  },
);

/** The error of each partition, in the order they were asked for. */
async function add(
  context: BrokerContext,
  info: RequestInfo<'TRANSACTIONAL_ID:WRITE' | 'TOPIC:WRITE'>,
  transaction: AddPartitionsToTxnRequest['transactions'][number],
): Promise<(ErrorName | null)[]> {
  const { transactionalId, producerId, producerEpoch, topics, verifyOnly } = transaction;
  const partitions = topics.flatMap(({ name, partitions }) =>
    partitions.map((partition): TopicPartition => ({ topic: name, partition })),
  );
  // A broker asks for a producer whose rights it has judged itself.
  const fromBroker = info.apiVersion >= BATCHED_SINCE;
  if (!fromBroker && !info.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId)) {
    return partitions.map(() => 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
  }
  const refusals = partitions.map(({ topic, partition }): ErrorName | null => {
    if (!fromBroker && (INTERNAL_TOPICS.has(topic) || !info.authorize('WRITE', 'TOPIC', topic)))
      return 'TOPIC_AUTHORIZATION_FAILED';
    return context.image().topics.byName(topic)?.partitions[partition] ? null : 'UNKNOWN_TOPIC_OR_PARTITION';
  });
  if (refusals.some((refusal) => refusal !== null)) {
    return refusals.map((refusal) => refusal ?? 'OPERATION_NOT_ATTEMPTED');
  }
  const producer = { producerId, producerEpoch, partitions };
  if (verifyOnly) return context.transactions.verifyPartitions(transactionalId, producer);
  const transactionVersion = info.apiVersion >= TRANSACTION_VERSION_2_SINCE ? 2 : 0;
  const error = await context.transactions.addPartitions(transactionalId, {
    ...producer,
    transactionVersion,
  });
  const told =
    error === 'PRODUCER_FENCED' && info.apiVersion < PRODUCER_FENCED_SINCE ? 'INVALID_PRODUCER_EPOCH' : error;
  return partitions.map(() => told);
}

function results(topics: Topics, errors: readonly (ErrorName | null)[]) {
  let next = 0;
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: errorCode(errors[next++] ?? 'NONE'),
    })),
  }));
}
