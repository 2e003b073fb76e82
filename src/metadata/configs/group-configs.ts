import { bool, byName, int, string } from './config-key.ts';
import { live } from './config-obedience.ts';
import { atLeast, oneOf } from './config-valid.ts';
import { shareOffsetReset } from './share-offset-reset.ts';
import type { InvalidConfig } from './topic-configs.ts';
import { validateConfig } from './validate-config.ts';

/** Every group config of Kafka 4.3 (KIP-848, KIP-932, KIP-1071). */
// biome-ignore format: a table with one config a row is easier to read and to compare.
export const groupKeys = {
  consumerAssignmentIntervalMs: int('consumer.assignment.interval.ms', 1000, 'Least time between two assignments of a consumer group.', live, { valid: atLeast(0), brokerConfigs: ['group.consumer.assignment.interval.ms'] }),
  consumerHeartbeatIntervalMs: int('consumer.heartbeat.interval.ms', 5000, 'How often members of a consumer group send heartbeats.', live, { valid: atLeast(1), brokerConfigs: ['group.consumer.heartbeat.interval.ms'] }),
  consumerSessionTimeoutMs: int('consumer.session.timeout.ms', 45_000, 'How long a member of a consumer group may be silent before it is removed.', live, { valid: atLeast(1), brokerConfigs: ['group.consumer.session.timeout.ms'] }),
  shareAssignmentIntervalMs: int('share.assignment.interval.ms', 1000, 'Least time between two assignments of a share group.', live, { valid: atLeast(0), brokerConfigs: ['group.share.assignment.interval.ms'] }),
  shareAutoOffsetReset: string('share.auto.offset.reset', 'latest', 'Where a share group begins in a partition it has no state of.', live, { valid: shareOffsetReset }),
  shareDeliveryCountLimit: int('share.delivery.count.limit', 5, 'How often a record is delivered to a share group before it is given up.', live, { valid: atLeast(2), brokerConfigs: ['group.share.delivery.count.limit'] }),
  shareHeartbeatIntervalMs: int('share.heartbeat.interval.ms', 5000, 'How often members of a share group send heartbeats.', live, { valid: atLeast(1), brokerConfigs: ['group.share.heartbeat.interval.ms'] }),
  shareIsolationLevel: string('share.isolation.level', 'read_uncommitted', 'Whether a share group sees records of open and aborted transactions.', live, { valid: oneOf('read_committed', 'read_uncommitted') }),
  sharePartitionMaxRecordLocks: int('share.partition.max.record.locks', 2000, 'How many records of a partition a share group may have in delivery.', live, { valid: atLeast(100), brokerConfigs: ['group.share.partition.max.record.locks'] }),
  shareRecordLockDurationMs: int('share.record.lock.duration.ms', 30_000, 'How long a delivered record stays locked for its consumer.', live, { valid: atLeast(1000), brokerConfigs: ['group.share.record.lock.duration.ms'] }),
  shareRenewAcknowledgeEnable: bool('share.renew.acknowledge.enable', true, 'Whether consumers may renew the lock of a record.', live),
  shareSessionTimeoutMs: int('share.session.timeout.ms', 45_000, 'How long a member of a share group may be silent before it is removed.', live, { valid: atLeast(1), brokerConfigs: ['group.share.session.timeout.ms'] }),
  streamsAssignmentIntervalMs: int('streams.assignment.interval.ms', 1000, 'Least time between two assignments of a streams group.', live, { valid: atLeast(0), brokerConfigs: ['group.streams.assignment.interval.ms'] }),
  streamsHeartbeatIntervalMs: int('streams.heartbeat.interval.ms', 5000, 'How often members of a streams group send heartbeats.', live, { valid: atLeast(1), brokerConfigs: ['group.streams.heartbeat.interval.ms'] }),
  streamsInitialRebalanceDelayMs: int('streams.initial.rebalance.delay.ms', 3000, 'How long the first assignment of a streams group waits for more members.', live, { valid: atLeast(0), brokerConfigs: ['group.streams.initial.rebalance.delay.ms'] }),
  streamsNumStandbyReplicas: int('streams.num.standby.replicas', 0, 'Standby copies of each stateful task.', live, { valid: atLeast(0), brokerConfigs: ['group.streams.num.standby.replicas'] }),
  streamsSessionTimeoutMs: int('streams.session.timeout.ms', 45_000, 'How long a member of a streams group may be silent before it is removed.', live, { valid: atLeast(1), brokerConfigs: ['group.streams.session.timeout.ms'] }),
} as const;

export const groupConfigs = byName(groupKeys);

/** As `validateTopicConfigs`, for a group. */
export function validateGroupConfigs(configs: ReadonlyMap<string, string | null>): InvalidConfig | null {
  for (const [name, value] of configs) {
    const key = groupConfigs.get(name);
    if (!key) return { error: 'INVALID_CONFIG', message: `Unknown group config name: ${name}` };
    if (value === null) {
      return { error: 'INVALID_CONFIG', message: `Null value not supported for group configs: ${name}` };
    }
    const message = validateConfig(key, value);
    if (message !== null) return { error: 'INVALID_CONFIG', message };
  }
  return null;
}
