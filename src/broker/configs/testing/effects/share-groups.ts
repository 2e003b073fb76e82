import { shareGroupsConfigs } from '../../../../metadata/configs/broker/share-groups-configs.ts';
import { groupKeys } from '../../../../metadata/configs/group-configs.ts';
import { type ConfigEffect, effect } from '../config-effect.ts';

/**
 * Share groups and the state of what they read. A bound shows its effect in what it brings within.
 */
export const shareGroupsEffects: readonly ConfigEffect[] = [
  effect(shareGroupsConfigs.groupShareMaxSize, '7', (c) => c.groups.share.maxSize, 7),
  effect(
    shareGroupsConfigs.groupShareInitializeRetryIntervalMs,
    '7',
    (c) => c.groups.share.initializeRetryIntervalMs,
    7,
  ),
  effect(shareGroupsConfigs.groupShareMaxShareSessions, '7', (c) => c.shareSessionsMax, 7),
  effect(shareGroupsConfigs.groupShareAssignmentIntervalMs, '7', (c) => c.shareGroup.assignmentIntervalMs, 7),
  effect(
    shareGroupsConfigs.groupShareHeartbeatIntervalMs,
    '7007',
    (c) => c.shareGroup.heartbeatIntervalMs,
    7007,
  ),
  effect(
    shareGroupsConfigs.groupShareSessionTimeoutMs,
    '46007',
    (c) => c.shareGroup.sessionTimeoutMs,
    46_007,
  ),
  effect(shareGroupsConfigs.groupShareDeliveryCountLimit, '7', (c) => c.delivery.deliveryCountLimit, 7),
  effect(shareGroupsConfigs.groupSharePartitionMaxRecordLocks, '207', (c) => c.delivery.recordLocks, 207),
  effect(
    shareGroupsConfigs.groupShareRecordLockDurationMs,
    '20007',
    (c) => c.delivery.lockDurationMs,
    20_007,
  ),
  effect(
    shareGroupsConfigs.groupShareMaxAssignmentIntervalMs,
    '7',
    (c) => c.shareGroup.assignmentIntervalMs,
    7,
  ),
  effect(
    shareGroupsConfigs.groupShareMinAssignmentIntervalMs,
    '7007',
    (c) => c.shareGroup.assignmentIntervalMs,
    7007,
  ),
  effect(
    shareGroupsConfigs.groupShareMaxHeartbeatIntervalMs,
    '4007',
    (c) => c.shareGroup.heartbeatIntervalMs,
    4007,
  ),
  effect(
    shareGroupsConfigs.groupShareMinHeartbeatIntervalMs,
    '7007',
    (c) => c.shareGroup.heartbeatIntervalMs,
    7007,
  ),
  effect(
    shareGroupsConfigs.groupShareMaxSessionTimeoutMs,
    '44007',
    (c) => c.shareGroup.sessionTimeoutMs,
    44_007,
  ),
  effect(
    shareGroupsConfigs.groupShareMinSessionTimeoutMs,
    '46007',
    (c) => c.shareGroup.sessionTimeoutMs,
    46_007,
  ),
  effect(shareGroupsConfigs.shareCoordinatorWriteTimeoutMs, '7', (c) => c.shareState.writeTimeoutMs, 7),
  effect(
    shareGroupsConfigs.shareCoordinatorSnapshotUpdateRecordsPerSnapshot,
    '7',
    (c) => c.shareState.updatesPerSnapshot,
    7,
  ),
  effect(
    shareGroupsConfigs.shareCoordinatorStateTopicPruneIntervalMs,
    '7',
    (c) => c.shareState.pruneIntervalMs,
    7,
  ),
  effect(
    shareGroupsConfigs.shareCoordinatorColdPartitionSnapshotIntervalMs,
    '7',
    (c) => c.shareState.coldSnapshotIntervalMs,
    7,
  ),
  effect(groupKeys.shareAssignmentIntervalMs, '7', (c) => c.shareGroup.assignmentIntervalMs, 7),
  effect(groupKeys.shareHeartbeatIntervalMs, '7007', (c) => c.shareGroup.heartbeatIntervalMs, 7007),
  effect(groupKeys.shareSessionTimeoutMs, '46007', (c) => c.shareGroup.sessionTimeoutMs, 46_007),
  effect(groupKeys.shareAutoOffsetReset, 'earliest', (c) => c.delivery.autoOffsetReset, 'earliest'),
  effect(groupKeys.shareDeliveryCountLimit, '7', (c) => c.delivery.deliveryCountLimit, 7),
  effect(groupKeys.shareIsolationLevel, 'read_committed', (c) => c.delivery.isReadCommitted, true),
  effect(groupKeys.sharePartitionMaxRecordLocks, '207', (c) => c.delivery.recordLocks, 207),
  effect(groupKeys.shareRecordLockDurationMs, '20007', (c) => c.delivery.lockDurationMs, 20_007),
  effect(groupKeys.shareRenewAcknowledgeEnable, 'false', (c) => c.delivery.mayRenew, false),
  effect(shareGroupsConfigs.groupShareMaxDeliveryCountLimit, '7', (c) => c.delivery.deliveryCountLimit, 7, {
    'group.share.delivery.count.limit': '9',
  }),
  effect(shareGroupsConfigs.groupShareMinDeliveryCountLimit, '4', (c) => c.delivery.deliveryCountLimit, 4, {
    'group.share.delivery.count.limit': '3',
  }),
  effect(
    shareGroupsConfigs.groupShareMaxPartitionMaxRecordLocks,
    '2007',
    (c) => c.delivery.recordLocks,
    2007,
    { 'group.share.partition.max.record.locks': '3000' },
  ),
  effect(shareGroupsConfigs.groupShareMinPartitionMaxRecordLocks, '207', (c) => c.delivery.recordLocks, 207, {
    'group.share.partition.max.record.locks': '200',
  }),
  effect(
    shareGroupsConfigs.groupShareMaxRecordLockDurationMs,
    '30007',
    (c) => c.delivery.lockDurationMs,
    30007,
    { 'group.share.record.lock.duration.ms': '50000' },
  ),
  effect(
    shareGroupsConfigs.groupShareMinRecordLockDurationMs,
    '20007',
    (c) => c.delivery.lockDurationMs,
    20007,
    { 'group.share.record.lock.duration.ms': '16000' },
  ),
];
