import { bool, int, long, string } from '../config-key.ts';
import { atStart, live, noEffect } from '../config-obedience.ts';
import { atLeast, oneOf } from '../config-valid.ts';
import { oneEventLoop } from '../not-built.ts';
import { LEADER_SELECTOR, RACK_AWARE_SELECTOR } from '../replica-selectors.ts';

/** Followers, leaders and what they wait for. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const replicationConfigs = {
  autoLeaderRebalanceEnable: bool('auto.leader.rebalance.enable', true, 'Whether leadership moves back to preferred replicas by itself.', atStart, { importance: 'HIGH' }),
  controlledShutdownEnable: bool('controlled.shutdown.enable', true, 'Whether a broker hands over its partitions before it stops.', atStart),
  defaultReplicationFactor: int('default.replication.factor', 1, 'Replicas of a partition where the request does not say.', atStart),
  deleteRecordsPurgatoryPurgeIntervalRequests: int('delete.records.purgatory.purge.interval.requests', 1, 'After how many requests the waiting DeleteRecords are cleaned up.', noEffect("A request that waits is removed as soon as it is answered")),
  fetchPurgatoryPurgeIntervalRequests: int('fetch.purgatory.purge.interval.requests', 1000, 'After how many requests the waiting fetches are cleaned up.', noEffect("A request that waits is removed as soon as it is answered")),
  leaderImbalanceCheckIntervalSeconds: long('leader.imbalance.check.interval.seconds', 300, 'How often leadership is compared with the preferred replicas.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  minInsyncReplicas: int('min.insync.replicas', 1, 'In-sync replicas that a produce request with acks=all needs.', live, { importance: 'HIGH', dynamic: 'cluster-wide', valid: atLeast(1) }),
  numReplicaAlterLogDirsThreads: int('num.replica.alter.log.dirs.threads', null, 'Threads that move replicas between directories.', noEffect(oneEventLoop), { importance: 'HIGH' }),
  numReplicaFetchers: int('num.replica.fetchers', 1, 'Threads that fetch from each other broker.', noEffect("One connection for each leader copies all partitions"), { importance: 'HIGH', dynamic: 'cluster-wide', valid: atLeast(1) }),
  producerPurgatoryPurgeIntervalRequests: int('producer.purgatory.purge.interval.requests', 1000, 'After how many requests the waiting produces are cleaned up.', noEffect("A request that waits is removed as soon as it is answered")),
  replicaFetchBackoffMs: int('replica.fetch.backoff.ms', 1000, 'How long a fetcher waits after an error.', atStart, { valid: atLeast(0) }),
  replicaFetchMaxBytes: int('replica.fetch.max.bytes', 1_048_576, 'Bytes a follower tries to fetch of one partition.', atStart, { valid: atLeast(0) }),
  replicaFetchMinBytes: int('replica.fetch.min.bytes', 1, 'Bytes that a fetch of a follower waits for.', atStart, { importance: 'HIGH' }),
  replicaFetchResponseMaxBytes: int('replica.fetch.response.max.bytes', 10_485_760, 'Bytes a follower wants in one whole answer.', atStart, { valid: atLeast(0) }),
  replicaFetchWaitMaxMs: int('replica.fetch.wait.max.ms', 500, 'How long a fetch of a follower waits for data.', atStart, { importance: 'HIGH' }),
  replicaHighWatermarkCheckpointIntervalMs: long('replica.high.watermark.checkpoint.interval.ms', 5000, 'How often high watermarks are saved.', atStart, { importance: 'HIGH' }),
  replicaLagTimeMaxMs: long('replica.lag.time.max.ms', 30_000, 'How long a follower may be behind before it leaves the ISR.', atStart, { importance: 'HIGH' }),
  replicaSelectorClass: string('replica.selector.class', null, 'The class that chooses the replica a consumer reads from: the leader, or the closest one by rack.', atStart, { valid: oneOf(LEADER_SELECTOR, RACK_AWARE_SELECTOR) }),
  replicaSocketReceiveBufferBytes: int('replica.socket.receive.buffer.bytes', 65_536, 'Socket receive buffer of fetchers.', noEffect("The operating system sizes the buffers and queues of sockets"), { importance: 'HIGH' }),
  replicaSocketTimeoutMs: int('replica.socket.timeout.ms', 30_000, 'Socket timeout of fetchers.', atStart, { importance: 'HIGH' }),
  replicationQuotaWindowNum: int('replication.quota.window.num', 11, 'Samples kept for replication quotas.', atStart, { importance: 'LOW', valid: atLeast(1) }),
  replicationQuotaWindowSizeSeconds: int('replication.quota.window.size.seconds', 1, 'Length of a sample of replication quotas.', atStart, { importance: 'LOW', valid: atLeast(1) }),
  uncleanLeaderElectionEnable: bool('unclean.leader.election.enable', false, 'Whether a replica that is not in sync may lead when no other can, losing records.', live, { importance: 'HIGH', dynamic: 'cluster-wide' }),
  uncleanLeaderElectionIntervalMs: long('unclean.leader.election.interval.ms', 300_000, 'How often partitions that need an unclean election are looked for.', atStart, { valid: atLeast(1), internal: true }),
} as const;
