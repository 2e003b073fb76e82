import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int8, int16, int32, string } from '../field.ts';

/**
 * Changes only what is named (KIP-339).
 */
export const incrementalAlterConfigs = api({
  name: 'IncrementalAlterConfigs',
  key: 44,
  versions: [0, 1],
  flexible: 1,
  request: {
    resources: array({
      resourceType: int8,
      resourceName: string,
      configs: array({
        name: string,
        // 0 set, 1 delete, 2 append to a list, 3 take from a list.
        configOperation: int8,
        value: string.nullable(),
      }),
    }),
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32.default(0),
    responses: array({
      errorCode: int16,
      errorMessage: string.nullable(),
      resourceType: int8,
      resourceName: string,
    }),
  },
});

export type IncrementalAlterConfigsRequest = RequestOf<typeof incrementalAlterConfigs>;
export type IncrementalAlterConfigsResponse = ResponseOf<typeof incrementalAlterConfigs>;
