import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, string } from '../field.ts';

export const deleteAcls = api({
  name: 'DeleteAcls',
  key: 31,
  versions: [1, 3],
  flexible: 2,
  request: {
    filters: array({
      resourceTypeFilter: int8,
      resourceNameFilter: string.nullable(),
      patternTypeFilter: int8.default(3),
      principalFilter: string.nullable(),
      hostFilter: string.nullable(),
      operation: int8,
      permissionType: int8,
    }),
  },
  response: {
    throttleTimeMs: int32.default(0),
    filterResults: array({
      errorCode: int16,
      errorMessage: string.nullable(),
      matchingAcls: array({
        errorCode: int16,
        errorMessage: string.nullable(),
        resourceType: int8,
        resourceName: string,
        patternType: int8.default(3),
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    }),
  },
});

export type DeleteAclsRequest = RequestOf<typeof deleteAcls>;
export type DeleteAclsResponse = ResponseOf<typeof deleteAcls>;
