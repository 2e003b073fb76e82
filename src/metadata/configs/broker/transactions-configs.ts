import { bool, int, short } from '../config-key.ts';
import { atStart, live, noEffect, refused } from '../config-obedience.ts';
import { atLeast } from '../config-valid.ts';

/** Transactions and idempotent producers. */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const transactionsConfigs = {
  addPartitionsToTxnRetryBackoffMaxMs: int('add.partitions.to.txn.retry.backoff.max.ms', 100, 'The longest wait before the check of a transaction is tried again.', atStart, { importance: 'HIGH', valid: atLeast(0) }),
  addPartitionsToTxnRetryBackoffMs: int('add.partitions.to.txn.retry.backoff.ms', 20, 'The first wait before the check of a transaction is tried again.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  producerIdExpirationCheckIntervalMs: int('producer.id.expiration.check.interval.ms', 600_000, 'How often idle producers are looked for.', atStart, { importance: 'LOW', valid: atLeast(1), internal: true }),
  producerIdExpirationMs: int('producer.id.expiration.ms', 86_400_000, 'How long a partition remembers the sequences of an idle producer.', live, { importance: 'LOW', dynamic: 'cluster-wide', valid: atLeast(1) }),
  transactionAbortTimedOutTransactionCleanupIntervalMs: int('transaction.abort.timed.out.transaction.cleanup.interval.ms', 10_000, 'How often transactions that ran out of time are looked for.', atStart, { importance: 'LOW', valid: atLeast(1) }),
  transactionMaxTimeoutMs: int('transaction.max.timeout.ms', 900_000, 'The longest timeout a transaction may ask for.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  transactionPartitionVerificationEnable: bool('transaction.partition.verification.enable', true, 'Whether a partition asks the coordinator if a transaction really includes it.', refused('The partitions of a transaction are always verified (KIP-890)'), { importance: 'LOW', dynamic: 'cluster-wide' }),
  transactionRemoveExpiredTransactionCleanupIntervalMs: int('transaction.remove.expired.transaction.cleanup.interval.ms', 3_600_000, 'How often expired transactional ids are looked for.', atStart, { importance: 'LOW', valid: atLeast(1) }),
  transactionStateLogLoadBufferSize: int('transaction.state.log.load.buffer.size', 5_242_880, 'Size of the reads when transactions are loaded.', noEffect("A coordinator loads its log in pieces of a fixed size"), { importance: 'HIGH', valid: atLeast(1) }),
  transactionStateLogMinIsr: int('transaction.state.log.min.isr', 2, 'In-sync replicas that the transaction topic needs.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  transactionStateLogNumPartitions: int('transaction.state.log.num.partitions', 50, 'Partitions of the transaction topic.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  transactionStateLogReplicationFactor: short('transaction.state.log.replication.factor', 3, 'Replicas of the transaction topic.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  transactionStateLogSegmentBytes: int('transaction.state.log.segment.bytes', 104_857_600, 'Segment size of the transaction topic.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
  transactionTwoPhaseCommitEnable: bool('transaction.two.phase.commit.enable', false, 'Whether transactions may take part in a two-phase commit.', refused("Two-phase commit (KIP-939) is not built"), { importance: 'LOW' }),
  transactionalIdExpirationMs: int('transactional.id.expiration.ms', 604_800_000, 'How long an unused transactional id is remembered.', atStart, { importance: 'HIGH', valid: atLeast(1) }),
} as const;
