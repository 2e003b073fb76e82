import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int16, int32, string } from '../field.ts';

/**
 * Only ever adds.
 */
export const createPartitions = api({
  name: 'CreatePartitions',
  key: 37,
  versions: [0, 3],
  flexible: 2,
  request: {
    topics: array({
      name: string,
      // The number there shall be, not how many are added.
      count: int32,
      assignments: array({
        brokerIds: array(int32),
      }).nullable(),
    }),
    timeoutMs: int32,
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32.default(0),
    results: array({
      name: string,
      errorCode: int16,
      errorMessage: string.nullable().default(null),
    }),
  },
});

export type CreatePartitionsRequest = RequestOf<typeof createPartitions>;
export type CreatePartitionsResponse = ResponseOf<typeof createPartitions>;
