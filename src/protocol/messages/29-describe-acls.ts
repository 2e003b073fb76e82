import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, string } from '../field.ts';

/**
 * 1: pattern types. 3: users as resources. Resource types, operations and permissions are Kafka's numbers.
 */
export const describeAcls = api({
  name: 'DescribeAcls',
  key: 29,
  versions: [1, 3],
  flexible: 2,
  request: {
    resourceTypeFilter: int8,
    // Null matches all names.
    resourceNameFilter: string.nullable(),
    patternTypeFilter: int8.default(3),
    principalFilter: string.nullable(),
    hostFilter: string.nullable(),
    operation: int8,
    permissionType: int8,
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable(),
    resources: array({
      resourceType: int8,
      resourceName: string,
      patternType: int8.default(3),
      acls: array({
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    }),
  },
});

export type DescribeAclsRequest = RequestOf<typeof describeAcls>;
export type DescribeAclsResponse = ResponseOf<typeof describeAcls>;
