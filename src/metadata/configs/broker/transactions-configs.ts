import { bool, int, short } from '../config-key.ts';
import { atLeast } from '../config-valid.ts';

/** Transactions and idempotent producers. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const transactionsConfigs = [
  int('add.partitions.to.txn.retry.backoff.max.ms', 100, 'The longest wait before the check of a transaction is tried again.', { importance: 'HIGH', valid: atLeast(0) }),
  int('add.partitions.to.txn.retry.backoff.ms', 20, 'The first wait before the check of a transaction is tried again.', { importance: 'HIGH', valid: atLeast(1) }),
  int('producer.id.expiration.check.interval.ms', 600_000, 'How often idle producers are looked for.', { importance: 'LOW', valid: atLeast(1), internal: true }),
  int('producer.id.expiration.ms', 86_400_000, 'How long a partition remembers the sequences of an idle producer.', { importance: 'LOW', dynamic: 'cluster-wide', valid: atLeast(1) }),
  int('transaction.abort.timed.out.transaction.cleanup.interval.ms', 10_000, 'How often transactions that ran out of time are looked for.', { importance: 'LOW', valid: atLeast(1) }),
  int('transaction.max.timeout.ms', 900_000, 'The longest timeout a transaction may ask for.', { importance: 'HIGH', valid: atLeast(1) }),
  bool('transaction.partition.verification.enable', true, 'Whether a partition asks the coordinator if a transaction really includes it.', { importance: 'LOW', dynamic: 'cluster-wide' }),
  int('transaction.remove.expired.transaction.cleanup.interval.ms', 3_600_000, 'How often expired transactional ids are looked for.', { importance: 'LOW', valid: atLeast(1) }),
  int('transaction.state.log.load.buffer.size', 5_242_880, 'Size of the reads when transactions are loaded.', { importance: 'HIGH', valid: atLeast(1) }),
  int('transaction.state.log.min.isr', 2, 'In-sync replicas that the transaction topic needs.', { importance: 'HIGH', valid: atLeast(1) }),
  int('transaction.state.log.num.partitions', 50, 'Partitions of the transaction topic.', { importance: 'HIGH', valid: atLeast(1) }),
  short('transaction.state.log.replication.factor', 3, 'Replicas of the transaction topic.', { importance: 'HIGH', valid: atLeast(1) }),
  int('transaction.state.log.segment.bytes', 104_857_600, 'Segment size of the transaction topic.', { importance: 'HIGH', valid: atLeast(1) }),
  bool('transaction.two.phase.commit.enable', false, 'Whether transactions may take part in a two-phase commit.', { importance: 'LOW' }),
  int('transactional.id.expiration.ms', 604_800_000, 'How long an unused transactional id is remembered.', { importance: 'HIGH', valid: atLeast(1) }),
];
