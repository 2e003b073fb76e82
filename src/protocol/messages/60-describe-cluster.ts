import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int8, int16, int32, string } from '../field.ts';

/** The operations when the client did not ask for them. */
const NOT_ASKED = -2147483648;

/**
 * 1: the brokers or the controllers, by endpointType. 2: fenced brokers too.
 */
export const describeCluster = api({
  name: 'DescribeCluster',
  key: 60,
  versions: [0, 2],
  flexible: 0,
  request: {
    includeClusterAuthorizedOperations: bool,
    // 1 brokers, 2 controllers.
    endpointType: int8.since(1).default(1),
    includeFencedBrokers: bool.since(2),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    errorMessage: string.nullable().default(null),
    endpointType: int8.since(1).default(1),
    clusterId: string,
    controllerId: int32.default(-1),
    brokers: array({
      brokerId: int32,
      host: string,
      port: int32,
      rack: string.nullable().default(null),
      isFenced: bool.since(2),
    }),
    clusterAuthorizedOperations: int32.default(NOT_ASKED),
  },
});

export type DescribeClusterRequest = RequestOf<typeof describeCluster>;
export type DescribeClusterResponse = ResponseOf<typeof describeCluster>;
