import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, string } from '../field.ts';

/**
 * Where an epoch ended, by which readers find out that their log diverged (KIP-101, KIP-320).
 */
export const offsetForLeaderEpoch = api({
  name: 'OffsetForLeaderEpoch',
  key: 23,
  versions: [2, 4],
  flexible: 4,
  request: {
    // -2 is a client of before version 3, -1 a consumer.
    replicaId: int32.since(3).default(-2).ignorable(),
    topics: array({
      topic: string,
      partitions: array({
        partition: int32,
        currentLeaderEpoch: int32.default(-1).ignorable(),
        leaderEpoch: int32,
      }),
    }),
  },
  response: {
    throttleTimeMs: int32.default(0).ignorable(),
    topics: array({
      topic: string,
      partitions: array({
        errorCode: int16,
        partition: int32,
        leaderEpoch: int32.default(-1).ignorable(),
        endOffset: offset.default(-1),
      }),
    }),
  },
});

export type OffsetForLeaderEpochRequest = RequestOf<typeof offsetForLeaderEpoch>;
export type OffsetForLeaderEpochResponse = ResponseOf<typeof offsetForLeaderEpoch>;
