import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, offset, string } from '../field.ts';

/**
 * 3: an error of the whole answer. 4: sizes of the file system. 5: whether a directory is cordoned.
 */
export const describeLogDirs = api({
  name: 'DescribeLogDirs',
  key: 35,
  versions: [1, 5],
  flexible: 2,
  request: {
    // Null asks for all.
    topics: array({
      topic: string,
      partitions: array(int32),
    }).nullable(),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16.since(3).ignorable(),
    results: array({
      errorCode: int16,
      logDir: string,
      topics: array({
        name: string,
        partitions: array({
          partitionIndex: int32,
          partitionSize: offset,
          offsetLag: offset,
          // A copy that is being made, by AlterReplicaLogDirs.
          isFutureKey: bool,
        }),
      }),
      totalBytes: offset.since(4).default(-1).ignorable(),
      usableBytes: offset.since(4).default(-1).ignorable(),
      isCordoned: bool.since(5).default(false).ignorable(),
    }),
  },
});

export type DescribeLogDirsRequest = RequestOf<typeof describeLogDirs>;
export type DescribeLogDirsResponse = ResponseOf<typeof describeLogDirs>;
