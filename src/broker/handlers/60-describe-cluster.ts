import type { World } from '../../base/world.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { errorCode } from '../../protocol/errors.ts';
import {
  type DescribeClusterResponse,
  describeCluster,
} from '../../protocol/messages/60-describe-cluster.ts';
import { CLUSTER_NAME } from '../../security/acl/acl.ts';
import { handle } from '../../server/handler.ts';
import { authorizedOperations, everyRight } from '../metadata-view/authorized-operations.ts';
import { anyAliveBroker, ListenerView } from '../metadata-view/listener-view.ts';

/** What of the broker this handler works with. */
export interface DescribeClusterContext {
  readonly world: Pick<World, 'random'>;
  readonly clusterId: string;
  image(): ClusterImage;
}

/** Kafka's endpoint types (KIP-919). */
const BROKERS = 1;
const CONTROLLERS = 2;

/**
 * DescribeCluster v0-2: cluster id, brokers as the listener of the connection reaches them, and on request
 * what the caller may do with the cluster. v1 says which kind of endpoint is meant (KIP-919): asking a broker
 * for controllers is MISMATCHED_ENDPOINT_TYPE. v2 lists fenced brokers too when asked to, marked as such
 * (KIP-1073). The controller told is any broker that lives: requests to it are forwarded.
 */
export const describeClusterHandler = handle(
  describeCluster,
  { versions: [0, 2], operations: everyRight('CLUSTER') },
  (context: DescribeClusterContext, request, info): DescribeClusterResponse => {
    const { endpointType } = request;
    if (endpointType !== BROKERS) return wrongEndpoint(endpointType);
    const image = context.image();
    const nodes = new ListenerView(image, info.listenerName).nodes();
    const mayDescribe = info.allows('DESCRIBE', 'CLUSTER', CLUSTER_NAME);
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      clusterId: context.clusterId,
      controllerId: anyAliveBroker(image, context.world.random),
      brokers: nodes
        .filter(({ isFenced }) => !isFenced || request.includeFencedBrokers)
        .map(({ id, host, port, rack, isFenced }) => ({ brokerId: id, host, port, rack, isFenced })),
      ...(request.includeClusterAuthorizedOperations
        ? {
            clusterAuthorizedOperations: mayDescribe
              ? authorizedOperations(info.allows, 'CLUSTER', CLUSTER_NAME)
              : 0,
          }
        : {}),
    };
  },
);

function wrongEndpoint(endpointType: number): DescribeClusterResponse {
  const isKnown = endpointType === CONTROLLERS;
  return {
    throttleTimeMs: 0,
    errorCode: errorCode(isKnown ? 'MISMATCHED_ENDPOINT_TYPE' : 'UNSUPPORTED_ENDPOINT_TYPE'),
    errorMessage: isKnown
      ? 'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER'
      : `Unsupported endpoint type ${endpointType}`,
    clusterId: '',
    brokers: [],
  };
}
