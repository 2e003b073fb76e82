import { bool, int, long, string } from '../config-key.ts';
import { atLeast, oneOf } from '../config-valid.ts';
import { LEADER_SELECTOR, RACK_AWARE_SELECTOR } from '../replica-selectors.ts';

/** Followers, leaders and what they wait for. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const replicationConfigs = [
  bool('auto.leader.rebalance.enable', true, 'Whether leadership moves back to preferred replicas by itself.', { importance: 'HIGH' }),
  bool('controlled.shutdown.enable', true, 'Whether a broker hands over its partitions before it stops.'),
  int('default.replication.factor', 1, 'Replicas of a partition where the request does not say.'),
  int('delete.records.purgatory.purge.interval.requests', 1, 'After how many requests the waiting DeleteRecords are cleaned up.'),
  int('fetch.purgatory.purge.interval.requests', 1000, 'After how many requests the waiting fetches are cleaned up.'),
  long('leader.imbalance.check.interval.seconds', 300, 'How often leadership is compared with the preferred replicas.', { importance: 'HIGH', valid: atLeast(1) }),
  int('min.insync.replicas', 1, 'In-sync replicas that a produce request with acks=all needs.', { importance: 'HIGH', dynamic: 'cluster-wide', valid: atLeast(1) }),
  int('num.replica.alter.log.dirs.threads', null, 'Threads that move replicas between directories.', { importance: 'HIGH' }),
  int('num.replica.fetchers', 1, 'Threads that fetch from each other broker.', { importance: 'HIGH', dynamic: 'cluster-wide', valid: atLeast(1) }),
  int('producer.purgatory.purge.interval.requests', 1000, 'After how many requests the waiting produces are cleaned up.'),
  int('replica.fetch.backoff.ms', 1000, 'How long a fetcher waits after an error.', { valid: atLeast(0) }),
  int('replica.fetch.max.bytes', 1_048_576, 'Bytes a follower tries to fetch of one partition.', { valid: atLeast(0) }),
  int('replica.fetch.min.bytes', 1, 'Bytes that a fetch of a follower waits for.', { importance: 'HIGH' }),
  int('replica.fetch.response.max.bytes', 10_485_760, 'Bytes a follower wants in one whole answer.', { valid: atLeast(0) }),
  int('replica.fetch.wait.max.ms', 500, 'How long a fetch of a follower waits for data.', { importance: 'HIGH' }),
  long('replica.high.watermark.checkpoint.interval.ms', 5000, 'How often high watermarks are saved.', { importance: 'HIGH' }),
  long('replica.lag.time.max.ms', 30_000, 'How long a follower may be behind before it leaves the ISR.', { importance: 'HIGH' }),
  string('replica.selector.class', null, 'The class that chooses the replica a consumer reads from: the leader, or the closest one by rack.', { valid: oneOf(LEADER_SELECTOR, RACK_AWARE_SELECTOR) }),
  int('replica.socket.receive.buffer.bytes', 65_536, 'Socket receive buffer of fetchers.', { importance: 'HIGH' }),
  int('replica.socket.timeout.ms', 30_000, 'Socket timeout of fetchers.', { importance: 'HIGH' }),
  int('replication.quota.window.num', 11, 'Samples kept for replication quotas.', { importance: 'LOW', valid: atLeast(1) }),
  int('replication.quota.window.size.seconds', 1, 'Length of a sample of replication quotas.', { importance: 'LOW', valid: atLeast(1) }),
  bool('unclean.leader.election.enable', false, 'Whether a replica that is not in sync may lead when no other can, losing records.', { importance: 'HIGH', dynamic: 'cluster-wide' }),
  long('unclean.leader.election.interval.ms', 300_000, 'How often partitions that need an unclean election are looked for.', { valid: atLeast(1), internal: true }),
];
