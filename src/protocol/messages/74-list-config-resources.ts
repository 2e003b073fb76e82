import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int8, int16, int32, string } from '../field.ts';

/**
 * In version 0 it was ListClientMetricsResources, and knew those only (KIP-1142).
 */
export const listConfigResources = api({
  name: 'ListConfigResources',
  key: 74,
  versions: [0, 1],
  flexible: 0,
  request: {
    // Kafka's numbers of configuration resource types; empty: all.
    resourceTypes: array(int8).since(1),
  },
  response: {
    throttleTimeMs: int32.default(0),
    errorCode: int16,
    configResources: array({
      resourceName: string,
      resourceType: int8.since(1).default(16).ignorable(),
    }),
  },
});

export type ListConfigResourcesRequest = RequestOf<typeof listConfigResources>;
export type ListConfigResourcesResponse = ResponseOf<typeof listConfigResources>;
