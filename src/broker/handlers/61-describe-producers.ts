import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';
import { describeProducers } from '../../protocol/messages/61-describe-producers.ts';
import { Partition } from '../../replication/partition.ts';
import { handle } from '../../server/handler.ts';
import { lastSequence } from '../../storage/producer-entry.ts';
import type { BrokerContext } from '../context.ts';

/**
 * DescribeProducers v0: the producers that this replica of a partition remembers, with the transactions they
 * have open (KIP-664): how tools find one that hangs. Any replica answers for itself, as when a tool names
 * the broker.
 */
export const describeProducersHandler = handle(
  describeProducers,
  { versions: [0, 0], operations: ['TOPIC:READ'] },
  (context: BrokerContext, request, info) => {
    // A partition that is named again is not told again: it may have thousands of producers.
    const named = new Set<string>();
    const isFirst = (topic: string, partition: number): boolean => {
      const before = named.size;
      return named.add(`${partition} ${topic}`).size > before;
    };
    return {
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes
          .filter((index) => isFirst(name, index))
          .map((partitionIndex) => {
            const failed = (error: ErrorName) => ({
              partitionIndex,
              errorCode: errorCode(error),
              errorMessage: errorMessage(error),
              activeProducers: [],
            });
            if (!info.authorize('READ', 'TOPIC', name)) return failed('TOPIC_AUTHORIZATION_FAILED');
            const partition = context.replicas.lookup(name, partitionIndex);
            if (!(partition instanceof Partition)) return failed(partition.error);
            return {
              partitionIndex,
              errorCode: 0,
              activeProducers: [...partition.log.producers.entries].map((entry) => ({
                producerId: entry.producerId,
                producerEpoch: entry.epoch,
                lastSequence: lastSequence(entry),
                lastTimestamp: entry.lastTimestamp,
                coordinatorEpoch: entry.coordinatorEpoch,
                currentTxnStartOffset: entry.currentTxnFirstOffset,
              })),
            };
          }),
      })),
    };
  },
);
