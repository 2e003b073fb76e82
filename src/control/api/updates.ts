import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { AdminError } from '../rebalance/cluster-admin.ts';
import { leavingBrokers } from '../state/broker-count-update.ts';
import { updateClusterConfiguration } from '../state/configuration-update.ts';
import { updateKafkaVersion } from '../state/kafka-version-update.ts';
import { rebootBroker, updateBrokerType, updateRebalancing } from '../state/updates.ts';
import { clusterPlan } from '../steps/cluster-plan.ts';
import { upgradeCheck } from '../steps/upgrade-check.ts';
import { configurationInfo } from './cluster-shapes.ts';
import { notBuilt } from './not-built.ts';
import { ARN, operation } from './operation.ts';
import { integer, list, oneOf, optional, string, structure } from './shape.ts';
import { begun, changeable, request, VERSION } from './update-request.ts';

/** The quota; the model's 15 is not what AWS enforces. */
const MOST_BROKERS = 60;

export const updateBrokerCountOperation = operation({
  name: 'UpdateBrokerCount',
  input: structure({
    ClusterArn: ARN,
    currentVersion: VERSION,
    targetNumberOfBrokerNodes: integer({ min: 1, max: MOST_BROKERS }),
  }),
  handle: async (control, { ClusterArn, currentVersion, targetNumberOfBrokerNodes: target }, caller) => {
    const tooFew = await tooFewBrokers(control, ClusterArn, target);
    return begun(
      tooFew ?? (await control.updateBrokerCount({ ...request(ClusterArn, caller), currentVersion, target })),
    );
  },
});

export const updateBrokerTypeOperation = operation({
  name: 'UpdateBrokerType',
  input: structure({
    ClusterArn: ARN,
    currentVersion: VERSION,
    targetInstanceType: string({ min: 5, max: 32 }),
    /** MANUAL is what it is without it. */
    topicReassignment: optional(oneOf('AUTO', 'MANUAL')),
  }),
  handle: (control, { ClusterArn, currentVersion, targetInstanceType: target, topicReassignment }, caller) =>
    topicReassignment === 'AUTO'
      ? notBuilt('The reassignment of topics to Express brokers', 'topicReassignment')
      : begun(
          control.store.execute((clusters) =>
            updateBrokerType(clusters, { ...request(ClusterArn, caller), currentVersion, target }),
          ),
        ),
});

export const updateRebalancingOperation = operation({
  name: 'UpdateRebalancing',
  input: structure({
    ClusterArn: ARN,
    currentVersion: VERSION,
    rebalancing: structure({ status: oneOf('PAUSED', 'ACTIVE') }),
  }),
  handle: (control, { ClusterArn, currentVersion, rebalancing: { status } }, caller) =>
    begun(
      control.store.execute((clusters) =>
        updateRebalancing(clusters, { ...request(ClusterArn, caller), currentVersion, status }),
      ),
    ),
});

export const updateClusterConfigurationOperation = operation({
  name: 'UpdateClusterConfiguration',
  input: structure({ ClusterArn: ARN, currentVersion: VERSION, configurationInfo }),
  handle: (control, { ClusterArn, currentVersion, configurationInfo: target }, caller) =>
    begun(
      control.store.execute((clusters) =>
        updateClusterConfiguration(clusters, { ...request(ClusterArn, caller), currentVersion, target }),
      ),
    ),
});

export const updateClusterKafkaVersionOperation = operation({
  name: 'UpdateClusterKafkaVersion',
  input: structure({
    ClusterArn: ARN,
    currentVersion: VERSION,
    targetKafkaVersion: string({ min: 1, max: 128 }),
    configurationInfo: optional(configurationInfo),
  }),
  handle: async (
    control,
    { ClusterArn, currentVersion, targetKafkaVersion: target, configurationInfo },
    caller,
  ) => {
    const cluster = changeable(control, ClusterArn);
    if (isApiError(cluster)) return cluster;
    const { store } = control;
    const asked = {
      ...request(ClusterArn, caller),
      currentVersion,
      target,
      ...(configurationInfo ? { configurationInfo } : {}),
    };
    // What the cluster is asked takes time, and is not asked for what is refused anyway.
    const { answer } = updateKafkaVersion(store.clusters, asked);
    if (isApiError(answer)) return answer;
    const check = await upgradeCheck(control, cluster);
    if (isApiError(check)) return check;
    if (check.refusal !== null) return badRequest(check.refusal);
    return begun(store.execute((clusters) => updateKafkaVersion(clusters, asked)));
  },
});

export const rebootBrokerOperation = operation({
  name: 'RebootBroker',
  input: structure({ ClusterArn: ARN, brokerIds: list(string({ min: 1, max: 16 }), { min: 1, max: 60 }) }),
  handle: (control, { ClusterArn, brokerIds }, caller) => {
    const [brokerId = '', ...others] = brokerIds;
    if (others.length > 0) return badRequest('One broker can be rebooted at a time.', 'brokerIds');
    return begun(
      control.store.execute((clusters) =>
        rebootBroker(clusters, { ...request(ClusterArn, caller), brokerId }),
      ),
    );
  },
});

/**
 * A topic with more replicas than brokers would be left cannot be drained: said now, before anything is
 * begun.
 */
async function tooFewBrokers(control: Control, arn: string, target: number): Promise<ApiError | null> {
  const cluster = control.store.clusters.get(arn);
  if (isApiError(cluster) || cluster.state !== 'ACTIVE' || target >= cluster.brokers.length) return null;
  const access = control.connect(cluster);
  try {
    const plan = await clusterPlan(access, cluster.brokers, leavingBrokers(cluster, target));
    return 'error' in plan ? badRequest(plan.message, 'targetNumberOfBrokerNodes') : null;
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return {
      error: 'ServiceUnavailableException',
      message: `The cluster ${cluster.name} cannot be asked where its partitions are: ${error.message}`,
    };
  } finally {
    await access.close();
  }
}
