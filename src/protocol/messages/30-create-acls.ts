import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, string } from '../field.ts';

export const createAcls = api({
  name: 'CreateAcls',
  key: 30,
  versions: [1, 3],
  flexible: 2,
  request: {
    creations: array({
      resourceType: int8,
      resourceName: string,
      resourcePatternType: int8.default(3),
      principal: string,
      host: string,
      operation: int8,
      permissionType: int8,
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    results: array({
      errorCode: int16,
      errorMessage: string.nullable(),
    }),
  },
});

export type CreateAclsRequest = RequestOf<typeof createAcls>;
export type CreateAclsResponse = ResponseOf<typeof createAcls>;
