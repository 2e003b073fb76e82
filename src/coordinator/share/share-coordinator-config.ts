/** What the share coordinator can be told, under the broker config that tells it. Defaults are Kafka's. */
export interface ShareCoordinatorConfig {
  /** `share.coordinator.write.timeout.ms`: how long an answer waits until its records are replicated. */
  readonly writeTimeoutMs: number;
  /** `share.coordinator.snapshot.update.records.per.snapshot` */
  readonly updatesPerSnapshot: number;
  /** `share.coordinator.state.topic.prune.interval.ms` */
  readonly pruneIntervalMs: number;
  /** `share.coordinator.cold.partition.snapshot.interval.ms` */
  readonly coldSnapshotIntervalMs: number;
}

export const DEFAULT_SHARE_COORDINATOR_CONFIG: ShareCoordinatorConfig = {
  writeTimeoutMs: 5000,
  updatesPerSnapshot: 500,
  pruneIntervalMs: 300_000,
  coldSnapshotIntervalMs: 300_000,
};
