import { refuse } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import { wrongInstanceType } from '../aws/instance-types.ts';
import { compatibleVersions, KAFKA_VERSIONS, unsupportedKafkaVersion } from '../aws/kafka-versions.ts';
import { configurationChange, liveValues } from '../configuration/configuration-change.ts';
import { begin, step, type UpdateDecision, type UpdateRequest, updatable } from './begin-operation.ts';
import type { Cluster } from './cluster.ts';
import type { Clusters } from './clusters.ts';
import { configurationStep } from './configuration-update.ts';
import type { ConfigurationInfo } from './provisioned-spec.ts';

/**
 * Another Kafka version, and with it another configuration if one is named: broker after broker, and the
 * features of the version last. Until then the way back is the same change to the version that the cluster
 * has.
 */
export function updateKafkaVersion(
  clusters: Clusters,
  request: UpdateRequest & { readonly target: string; readonly configurationInfo?: ConfigurationInfo },
): UpdateDecision {
  const cluster = updatable(clusters, request.clusterArn, request.currentVersion);
  if (isApiError(cluster)) return refuse(cluster);
  const { target } = request;
  const wrong = wrongVersion(cluster, target);
  if (wrong) return refuse(wrong);
  const { configurationInfo: source } = cluster.spec;
  const configurationInfo = request.configurationInfo ?? source;
  const change = configurationInfo ? configurationStep(clusters, cluster, configurationInfo, target) : null;
  if (change && isApiError(change)) return refuse(change);
  const names = change && configurationChange(change);
  const properties = change && names && names.rolling.length > 0 ? change.after : null;
  const steps = cluster.brokers
    .filter(({ kafkaVersion }) => properties || (kafkaVersion !== null && kafkaVersion !== target))
    .map(({ id, kafkaVersion }) =>
      step(
        `UPDATE_BROKER_${id}`,
        kafkaVersion === null
          ? { kind: 'UPDATE_PROPERTIES', broker: id, properties: properties ?? {} }
          : { kind: 'UPDATE_VERSION', broker: id, kafkaVersion: target, properties },
      ),
    );
  if (properties) steps.push(step('UPDATE_CONTROLLER', { kind: 'UPDATE_CONTROLLER', properties }));
  if (change && names && names.live.length > 0)
    steps.push(step('UPDATE_LIVE_CONFIGS', { kind: 'UPDATE_LIVE_CONFIGS', values: liveValues(change) }));
  if (target !== cluster.spec.kafkaVersion)
    steps.push(step('FINALIZE_FEATURES', { kind: 'FINALIZE_FEATURES', kafkaVersion: target }));
  return begin(cluster, request, 'UPDATE_CLUSTER_KAFKA_VERSION', steps, {
    source: { kafkaVersion: cluster.spec.kafkaVersion, ...(source ? { configurationInfo: source } : {}) },
    target: {
      kafkaVersion: target,
      ...(request.configurationInfo ? { configurationInfo: request.configurationInfo } : {}),
    },
    ...(names ? { configurationChange: names } : {}),
  });
}

/** Why the cluster cannot have this version; null when it can. */
function wrongVersion({ name, spec, brokers }: Cluster, target: string): ApiError | null {
  const field = 'targetKafkaVersion';
  if (!KAFKA_VERSIONS.includes(target)) return badRequest(unsupportedKafkaVersion(target), field);
  const wrongType = wrongInstanceType(spec.brokerNodeGroupInfo.instanceType, target);
  if (wrongType !== null) return badRequest(wrongType, field);
  const { kafkaVersion: source } = spec;
  // Brokers that an upgrade which failed left at its version may go back.
  if (target === source)
    return brokers.every(({ kafkaVersion }) => kafkaVersion === null || kafkaVersion === target)
      ? badRequest(`The cluster ${name} has Kafka version ${target} already.`, field)
      : null;
  const targets = compatibleVersions(source);
  return targets.includes(target)
    ? null
    : badRequest(
        `A cluster of Kafka version ${source} cannot be updated to ${target}${targets.length === 0 ? ': there is no later version.' : `. Valid values: [${targets.join(', ')}]`}`,
        field,
      );
}
