import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, offset, uuid } from '../field.ts';

/**
 * A leader asks for a new ISR. 2: topics by id. 3: each replica with its broker epoch, so that one that
 * restarted in between is not taken for in sync (KIP-903).
 */
export const alterPartition = api({
  name: 'AlterPartition',
  key: 56,
  versions: [2, 3],
  flexible: 0,
  request: {
    brokerId: int32,
    brokerEpoch: offset.default(-1),
    topics: array({
      topicId: uuid.ignorable(),
      partitions: array({
        partitionIndex: int32,
        leaderEpoch: int32,
        newIsr: array(int32).between(2, 2),
        newIsrWithEpochs: array({
          brokerId: int32,
          brokerEpoch: offset.default(-1),
        }).since(3),
        // 1 while the leader recovers from an unclean election.
        leaderRecoveryState: int8.default(0),
        // The epoch the leader knows; a stale one gets INVALID_UPDATE_VERSION.
        partitionEpoch: int32,
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    topics: array({
      topicId: uuid.ignorable(),
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        leaderId: int32,
        leaderEpoch: int32,
        isr: array(int32),
        leaderRecoveryState: int8.default(0).ignorable(),
        partitionEpoch: int32,
      }),
    }),
  },
});

export type AlterPartitionRequest = RequestOf<typeof alterPartition>;
export type AlterPartitionResponse = ResponseOf<typeof alterPartition>;
