import { randomUUID } from 'node:crypto';
import { isApiError } from '../aws/api-error.ts';
import { operationArn } from '../aws/arn.ts';
import { queueChange as queued } from '../state/change-queue.ts';
import { currentVersion } from '../state/current-version.ts';
import { ARN, operation } from './operation.ts';
import { operationType, QUEUEABLE, type QueueableName, wrongRequest } from './queued-request.ts';
import { anyMembers, oneOf, structure } from './shape.ts';
import { begun } from './update-request.ts';

// Object.keys has no narrower type.
const NAMES = Object.keys(QUEUEABLE) as QueueableName[];

/**
 * A change of a cluster, at once where the cluster may be changed, else when those before it have ended. The
 * answer names its operation, which is PENDING until then, and UPDATE_FAILED with the reason if the change is
 * refused on its turn.
 */
export const queueChange = operation({
  name: 'QueueChange',
  input: structure({ ClusterArn: ARN, operation: oneOf(...NAMES), request: anyMembers }),
  handle: (control, { ClusterArn, operation: name, request }, caller) => {
    const { clusters } = control.store;
    const cluster = clusters.get(ClusterArn);
    if (isApiError(cluster)) return cluster;
    if (cluster.state === 'ACTIVE' && clusters.queued.of(ClusterArn).length === 0)
      return QUEUEABLE[name].operation.run(
        control,
        { ...request, ClusterArn, currentVersion: currentVersion(cluster) },
        caller,
      );
    const wrong = wrongRequest(name, request);
    if (wrong) return wrong;
    return begun(
      control.store.execute((state) =>
        queued(state, {
          arn: operationArn(ClusterArn, randomUUID()),
          clusterArn: ClusterArn,
          type: operationType(name, request, cluster.brokers.length),
          asked: name,
          request,
          queuedAt: Date.now(),
        }),
      ),
    );
  },
});
