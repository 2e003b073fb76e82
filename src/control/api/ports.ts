import { isApiError } from '../aws/api-error.ts';
import { ARN, operation } from './operation.ts';
import { integer, optional, structure } from './shape.ts';
import { changeable } from './update-request.ts';

export const updatePorts = operation({
  name: 'UpdatePorts',
  input: structure({ ClusterArn: ARN, firstPort: optional(integer({ min: 1024, max: 65_535 })) }),
  handle: async (control, { ClusterArn, firstPort }) => {
    const cluster = changeable(control, ClusterArn);
    if (isApiError(cluster)) return cluster;
    const moved = await control.movePorts(cluster.arn, firstPort);
    return isApiError(moved)
      ? moved
      : { clusterArn: moved.arn, state: moved.state, firstPort: moved.brokers[0]?.portBase };
  },
});
