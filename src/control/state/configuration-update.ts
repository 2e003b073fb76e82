import { refuse } from '../../base/decision.ts';
import { configConflict } from '../../metadata/configs/config-conflicts.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import {
  type ConfigurationStep,
  configurationChange,
  liveValues,
} from '../configuration/configuration-change.ts';
import { obeyedProperties } from '../configuration/settable-properties.ts';
import { begin, step, type UpdateDecision, type UpdateRequest, updatable } from './begin-operation.ts';
import type { Cluster } from './cluster.ts';
import type { Clusters } from './clusters.ts';
import type { OperationStep } from './operation.ts';
import type { ConfigurationInfo } from './provisioned-spec.ts';

/**
 * Another configuration, or another revision of it: live configs at once, the others by restarting node after
 * node.
 */
export function updateClusterConfiguration(
  clusters: Clusters,
  request: UpdateRequest & { readonly target: ConfigurationInfo },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { target } = request;
  const change = configurationStep(clusters, cluster, target);
  if (isApiError(change)) return refuse(change);
  const source = cluster.spec.configurationInfo;
  const isSame = source?.arn === target.arn && source.revision === target.revision;
  const names = configurationChange(change);
  if (isSame && names.rolling.length === 0)
    return refuse(
      badRequest(
        `The cluster ${cluster.name} has revision ${target.revision} of this configuration already.`,
        'configurationInfo',
      ),
    );
  // Each goes together by itself, or was stored by an older release.
  const { base, before, after } = change;
  const conflict = configConflict(
    (name) => after[name] ?? base[name] ?? null,
    (name) => before[name] ?? base[name] ?? null,
  );
  if (conflict !== null) return refuse(badRequest(conflict.message, 'configurationInfo'));
  const properties = after;
  const tasks: OperationStep[] = [];
  if (names.rolling.length > 0)
    tasks.push(
      ...cluster.brokers.map(({ id }) =>
        step(`UPDATE_BROKER_${id}`, { kind: 'UPDATE_PROPERTIES', broker: id, properties }),
      ),
      step('UPDATE_CONTROLLER', { kind: 'UPDATE_CONTROLLER', properties }),
    );
  // Last: until then a change that fails leaves the cluster, but for restarted brokers, as it was.
  if (names.live.length > 0)
    tasks.push(step('UPDATE_LIVE_CONFIGS', { kind: 'UPDATE_LIVE_CONFIGS', values: liveValues(change) }));
  return begin(cluster, request, 'UPDATE_CLUSTER_CONFIGURATION', tasks, {
    source: source ? { configurationInfo: source } : {},
    target: { configurationInfo: target },
    configurationChange: names,
  });
}

/** What the revision would change of the cluster. */
export function configurationStep(
  { configurations }: Clusters,
  cluster: Cluster,
  target: ConfigurationInfo,
  targetVersion = cluster.spec.kafkaVersion,
): ConfigurationStep | ApiError {
  const { configurationInfo: source, kafkaVersion } = cluster.spec;
  const before = source ? configurations.revisionFor(source, kafkaVersion) : { properties: {} };
  const after = configurations.revisionFor(target, targetVersion);
  if (isApiError(after)) return after;
  return {
    base: cluster.brokerConfig,
    before: isApiError(before) ? {} : obeyedProperties(before.properties),
    after: obeyedProperties(after.properties),
    started: [
      cluster.properties,
      ...cluster.brokers.flatMap(({ properties }) => (properties === null ? [] : [properties])),
    ],
  };
}
