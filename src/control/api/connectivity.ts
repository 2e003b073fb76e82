import { badRequest, isApiError } from '../aws/api-error.ts';
import { updateConnectivity } from '../state/updates.ts';
import { connectivityInfo } from './cluster-shapes.ts';
import { changesTwoSettings, wrongConnectivity } from './connectivity-rules.ts';
import { notBuilt } from './not-built.ts';
import { ARN, operation } from './operation.ts';
import { boolean, optional, structure } from './shape.ts';
import { begun, changeable, request, VERSION } from './update-request.ts';

/**
 * Public access and multi-VPC connectivity are kept and described; clients reach the same listeners at the
 * same addresses.
 */
export const updateConnectivityOperation = operation({
  name: 'UpdateConnectivity',
  input: structure({
    ClusterArn: ARN,
    currentVersion: VERSION,
    connectivityInfo: optional(connectivityInfo),
    zookeeperAccess: optional(structure({ enabled: optional(boolean) })),
  }),
  handle: (control, { ClusterArn, currentVersion, connectivityInfo: asked, zookeeperAccess }, caller) => {
    const cluster = changeable(control, ClusterArn);
    if (isApiError(cluster)) return cluster;
    if (!asked && !zookeeperAccess)
      return badRequest('Name connectivityInfo, zookeeperAccess or both.', 'connectivityInfo');
    // Nothing listens for ZooKeeper's clients, so turning them away changes nothing.
    if (zookeeperAccess?.enabled) return notBuilt('Access to ZooKeeper', 'zookeeperAccess.enabled');
    const { connectivityInfo: before } = cluster.spec.brokerNodeGroupInfo;
    const target = { ...before, ...asked };
    const wrong = changesTwoSettings(before, target) ?? wrongConnectivity(cluster, target);
    if (wrong) return wrong;
    return begun(
      control.store.execute((clusters) =>
        updateConnectivity(clusters, { ...request(ClusterArn, caller), currentVersion, target }),
      ),
    );
  },
});
