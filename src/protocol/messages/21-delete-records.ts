import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, string } from '../field.ts';

/**
 * Moves the log start offset.
 */
export const deleteRecords = api({
  name: 'DeleteRecords',
  key: 21,
  versions: [0, 2],
  flexible: 2,
  request: {
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        // -1 is the high watermark.
        offset: offset,
      }),
    }),
    timeoutMs: int32,
  },
  response: {
    throttleTimeMs: int32.default(0),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        lowWatermark: offset,
        errorCode: int16,
      }),
    }),
  },
});

export type DeleteRecordsRequest = RequestOf<typeof deleteRecords>;
export type DeleteRecordsResponse = ResponseOf<typeof deleteRecords>;
