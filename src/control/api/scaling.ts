import { badRequest, isApiError } from '../aws/api-error.ts';
import { configurationChange } from '../configuration/configuration-change.ts';
import { AdminError } from '../rebalance/cluster-admin.ts';
import { addedBrokers, leavingBrokers, wrongCount } from '../state/broker-count-update.ts';
import { configurationStep } from '../state/configuration-update.ts';
import { clusterPlan } from '../steps/cluster-plan.ts';
import { ARN, operation } from './operation.ts';
import { integer, integerText, optional, structure } from './shape.ts';

const MOST_BROKERS = 60;
/** Kafka refuses a quota below one, and a slower one would never end. */
const BYTES_PER_SECOND = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** What would move if the cluster had so many brokers (or as many as it has); nothing is changed. */
export const planBrokerCount = operation({
  name: 'PlanBrokerCount',
  input: structure({ ClusterArn: ARN, brokers: optional(integerText({ min: 1, max: MOST_BROKERS })) }),
  handle: async (control, { ClusterArn, brokers }) => {
    const cluster = control.store.clusters.get(ClusterArn);
    if (isApiError(cluster)) return cluster;
    const target = brokers ?? cluster.brokers.length;
    const wrong = target === cluster.brokers.length ? null : wrongCount(cluster, target);
    if (wrong) return badRequest(wrong.message, 'brokers');
    const access = control.connect(cluster);
    try {
      const all = [...cluster.brokers, ...addedBrokers(cluster, target)];
      const plan = await clusterPlan(access, all, leavingBrokers(cluster, target));
      if ('error' in plan) return badRequest(plan.message, 'brokers');
      return { brokers: plan.brokers, totalBytes: plan.totalBytes, partitions: plan.moves.length };
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      return {
        error: 'ServiceUnavailableException',
        message: `The cluster ${cluster.name} cannot be asked where its partitions are: ${error.message}`,
      };
    } finally {
      await access.close();
    }
  },
});

/**
 * Which properties another revision would change, which of them at once and which by restarting nodes;
 * nothing is changed.
 */
export const planClusterConfiguration = operation({
  name: 'PlanClusterConfiguration',
  input: structure({
    ClusterArn: ARN,
    arn: ARN,
    revision: integerText({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  }),
  handle: ({ store: { clusters } }, { ClusterArn, arn, revision }) => {
    const cluster = clusters.get(ClusterArn);
    if (isApiError(cluster)) return cluster;
    const step = configurationStep(clusters, cluster, { arn, revision });
    return isApiError(step) ? step : configurationChange(step);
  },
});

/**
 * How fast partitions may move; without a rate as fast as they can. It holds for moves that are under way,
 * too.
 */
export const updateThrottle = operation({
  name: 'UpdateThrottle',
  input: structure({ ClusterArn: ARN, bytesPerSecond: optional(BYTES_PER_SECOND) }),
  handle: (control, { ClusterArn, bytesPerSecond = null }) => {
    const cluster = control.store.execute((clusters) => clusters.throttle(ClusterArn, bytesPerSecond));
    return isApiError(cluster)
      ? cluster
      : { clusterArn: cluster.arn, bytesPerSecond: cluster.bytesPerSecond };
  },
});

export const describeActivity = operation({
  name: 'DescribeActivity',
  input: structure({ ClusterOperationArn: ARN }),
  handle: (control, { ClusterOperationArn }) => {
    const found = control.store.clusters.operation(ClusterOperationArn);
    if (isApiError(found)) return found;
    return {
      operationState: found.state,
      configurationChange: found.configurationChange,
      ...(control.activity(found.arn) ?? { doing: null, moved: null }),
    };
  },
});

export const cancelClusterOperation = operation({
  name: 'CancelClusterOperation',
  input: structure({ ClusterOperationArn: ARN }),
  handle: async (control, { ClusterOperationArn }) => {
    const found = await control.queue.takeBack(ClusterOperationArn);
    return isApiError(found) ? found : { clusterArn: found.clusterArn, clusterOperationArn: found.arn };
  },
});

/** Begins a creation that FAILED again. */
export const retryCluster = operation({
  name: 'RetryCluster',
  input: structure({ ClusterArn: ARN }),
  handle: (control, { ClusterArn }) => {
    const cluster = control.store.execute((clusters) => clusters.retry(ClusterArn));
    return isApiError(cluster) ? cluster : { clusterArn: cluster.arn, state: cluster.state };
  },
});
