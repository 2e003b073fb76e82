import { replicationConfigs } from '../../metadata/configs/broker/replication-configs.ts';
import type { FetchLimits } from '../../replication/fetch-limits.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** Kafka lets a response be 0 bytes large; one byte asks for a batch at a time all the same. */
const LEAST_BYTES = 1;

/** How this broker fetches as a follower, as its configs are at its start. */
export function fetchLimits(settings: BrokerSettings): FetchLimits {
  return {
    waitMaxMs: settings.get(replicationConfigs.replicaFetchWaitMaxMs),
    minBytes: settings.get(replicationConfigs.replicaFetchMinBytes),
    partitionBytesMax: settings.get(replicationConfigs.replicaFetchMaxBytes),
    responseBytesMax: Math.max(LEAST_BYTES, settings.get(replicationConfigs.replicaFetchResponseMaxBytes)),
    backoffMs: settings.get(replicationConfigs.replicaFetchBackoffMs),
    answerTimeoutMs: settings.get(replicationConfigs.replicaSocketTimeoutMs),
  };
}
