import { errorCode } from '../../protocol/errors.ts';
import { describeCluster } from '../../protocol/messages/60-describe-cluster.ts';
import { handle } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';

/** KIP-919's endpoint types. */
const BROKERS = 1;
const CONTROLLERS = 2;

/** DescribeCluster v0-2 for clients that were given a controller's address (KIP-919): tells of controllers only. */
export const describeClusterHandler = handle(
  describeCluster,
  { versions: [0, 2], operations: ['CLUSTER:DESCRIBE'], listeners: ['controller'] },
  ({ image, nodeId, clusterId }: ControllerContext, request) => {
    const answer = { throttleTimeMs: 0, clusterId, controllerId: -1, brokers: [], endpointType: CONTROLLERS };
    if (request.endpointType !== CONTROLLERS)
      return {
        ...answer,
        ...(request.endpointType === BROKERS
          ? {
              errorCode: errorCode('MISMATCHED_ENDPOINT_TYPE'),
              errorMessage: 'The request was sent to an endpoint of type CONTROLLER.',
            }
          : {
              errorCode: errorCode('UNSUPPORTED_ENDPOINT_TYPE'),
              errorMessage: `Unsupported endpoint type ${request.endpointType}`,
            }),
      };
    return {
      ...answer,
      errorCode: errorCode('NONE'),
      controllerId: nodeId,
      brokers: (image?.controllers.all() ?? []).flatMap(({ id, endpoints: [endpoint] }) =>
        endpoint ? [{ brokerId: id, host: endpoint.host, port: endpoint.port, rack: null }] : [],
      ),
    };
  },
);
