import type { EncodableRequest } from '../../protocol/api.ts';
import type { incrementalAlterConfigs } from '../../protocol/messages/44-incremental-alter-configs.ts';
import type { TopicThrottle } from './cluster-admin.ts';

type Resource = EncodableRequest<typeof incrementalAlterConfigs>['resources'][number];

/** Resource types and operations of IncrementalAlterConfigs (KIP-339). */
const TOPIC = 2;
const BROKER = 4;
const SET = 0;
const DELETE = 1;

/** The rate of Kafka's replication quotas on one broker (KIP-73); null removes it. */
export function brokerThrottle(broker: number, bytesPerSecond: number | null): Resource {
  const value = bytesPerSecond === null ? null : String(Math.max(1, Math.floor(bytesPerSecond)));
  return {
    resourceType: BROKER,
    resourceName: String(broker),
    configs: [
      config('leader.replication.throttled.rate', value),
      config('follower.replication.throttled.rate', value),
    ],
  };
}

/** The cluster-wide defaults of all brokers, as Kafka names them: a broker without a name. */
export function brokerDefaults(values: Readonly<Record<string, string | null>>): Resource {
  const configs = Object.entries(values).map(([name, value]) => config(name, value));
  return { resourceType: BROKER, resourceName: '', configs };
}

/** The replicas that the rate is for; not `on` removes the lists. */
export function topicThrottles(topics: readonly TopicThrottle[], on: boolean): Resource[] {
  return topics.map(({ topic, leaderReplicas, followerReplicas }) => ({
    resourceType: TOPIC,
    resourceName: topic,
    configs: [
      config('leader.replication.throttled.replicas', on ? leaderReplicas.join(',') : null),
      config('follower.replication.throttled.replicas', on ? followerReplicas.join(',') : null),
    ],
  }));
}

function config(name: string, value: string | null): Resource['configs'][number] {
  return { name, configOperation: value === null ? DELETE : SET, value };
}
