import { errorCode } from '../../protocol/errors.ts';
import { describeCluster } from '../../protocol/messages/60-describe-cluster.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';

/** KIP-919's endpoint types. */
const BROKERS = 1;
const CONTROLLERS = 2;

/**
 * DescribeCluster v0-2 for clients that were given a controller's address (KIP-919): tells of controllers
 * only.
 */
export const describeClusterHandler = handle(
  describeCluster,
  { versions: [0, 2], operations: ['CLUSTER:DESCRIBE'], listeners: ['controller'] },
  ({ image, nodeId, clusterId }: ControllerContext, request, info) => {
    const { endpointType } = request;
    if (endpointType !== CONTROLLERS) {
      const error = endpointType === BROKERS ? 'MISMATCHED_ENDPOINT_TYPE' : 'UNSUPPORTED_ENDPOINT_TYPE';
      return {
        throttleTimeMs: 0,
        // v0 cannot say what it means, and does not know these errors.
        errorCode: errorCode(info.apiVersion === 0 ? 'INVALID_REQUEST' : error),
        errorMessage:
          endpointType === BROKERS
            ? 'The request was sent to an endpoint of type CONTROLLER, but we wanted an endpoint of type BROKER'
            : `Unsupported endpoint type ${endpointType}`,
        clusterId: '',
        controllerId: -1,
        brokers: [],
      };
    }
    return {
      throttleTimeMs: 0,
      errorCode: errorCode('NONE'),
      clusterId,
      controllerId: nodeId,
      endpointType: CONTROLLERS,
      brokers: (image?.controllers.all() ?? []).flatMap(({ id, endpoints: [endpoint] }) =>
        endpoint ? [{ brokerId: id, host: endpoint.host, port: endpoint.port, rack: null }] : [],
      ),
    };
  },
);
