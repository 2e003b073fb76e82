import type { LogConfig } from '../storage/log-config.ts';
import type { ThrottledPartitions } from './replication-throttle.ts';

/** The topic configs that replication and storage obey, resolved with their defaults. */
export interface TopicSettings {
  readonly log: LogConfig;
  readonly minInSyncReplicas: number;
  readonly throttledAsLeader: ThrottledPartitions;
  readonly throttledAsFollower: ThrottledPartitions;
}
