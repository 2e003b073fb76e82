import { groupsConfigs } from './broker/groups-configs.ts';
import { shareGroupsConfigs } from './broker/share-groups-configs.ts';
import { streamsGroupsConfigs } from './broker/streams-groups-configs.ts';
import type { ConfigKey } from './config-key.ts';
import type { ConfigRelation } from './config-relation.ts';
import { groupKeys } from './group-configs.ts';

/** One setting of groups: for one group, for all of them, and the bounds of both. */
interface Setting {
  readonly ofGroup: ConfigKey<number>;
  readonly ofBrokers: ConfigKey<number>;
  readonly least: ConfigKey<number>;
  readonly most: ConfigKey<number>;
}

const consumerHeartbeat: Setting = {
  ofGroup: groupKeys.consumerHeartbeatIntervalMs,
  ofBrokers: groupsConfigs.groupConsumerHeartbeatIntervalMs,
  least: groupsConfigs.groupConsumerMinHeartbeatIntervalMs,
  most: groupsConfigs.groupConsumerMaxHeartbeatIntervalMs,
};
const consumerSession: Setting = {
  ofGroup: groupKeys.consumerSessionTimeoutMs,
  ofBrokers: groupsConfigs.groupConsumerSessionTimeoutMs,
  least: groupsConfigs.groupConsumerMinSessionTimeoutMs,
  most: groupsConfigs.groupConsumerMaxSessionTimeoutMs,
};
const consumerAssignment: Setting = {
  ofGroup: groupKeys.consumerAssignmentIntervalMs,
  ofBrokers: groupsConfigs.groupConsumerAssignmentIntervalMs,
  least: groupsConfigs.groupConsumerMinAssignmentIntervalMs,
  most: groupsConfigs.groupConsumerMaxAssignmentIntervalMs,
};
const shareHeartbeat: Setting = {
  ofGroup: groupKeys.shareHeartbeatIntervalMs,
  ofBrokers: shareGroupsConfigs.groupShareHeartbeatIntervalMs,
  least: shareGroupsConfigs.groupShareMinHeartbeatIntervalMs,
  most: shareGroupsConfigs.groupShareMaxHeartbeatIntervalMs,
};
const shareSession: Setting = {
  ofGroup: groupKeys.shareSessionTimeoutMs,
  ofBrokers: shareGroupsConfigs.groupShareSessionTimeoutMs,
  least: shareGroupsConfigs.groupShareMinSessionTimeoutMs,
  most: shareGroupsConfigs.groupShareMaxSessionTimeoutMs,
};
const shareLock: Setting = {
  ofGroup: groupKeys.shareRecordLockDurationMs,
  ofBrokers: shareGroupsConfigs.groupShareRecordLockDurationMs,
  least: shareGroupsConfigs.groupShareMinRecordLockDurationMs,
  most: shareGroupsConfigs.groupShareMaxRecordLockDurationMs,
};
const shareDeliveries: Setting = {
  ofGroup: groupKeys.shareDeliveryCountLimit,
  ofBrokers: shareGroupsConfigs.groupShareDeliveryCountLimit,
  least: shareGroupsConfigs.groupShareMinDeliveryCountLimit,
  most: shareGroupsConfigs.groupShareMaxDeliveryCountLimit,
};
const shareLocks: Setting = {
  ofGroup: groupKeys.sharePartitionMaxRecordLocks,
  ofBrokers: shareGroupsConfigs.groupSharePartitionMaxRecordLocks,
  least: shareGroupsConfigs.groupShareMinPartitionMaxRecordLocks,
  most: shareGroupsConfigs.groupShareMaxPartitionMaxRecordLocks,
};
const shareAssignment: Setting = {
  ofGroup: groupKeys.shareAssignmentIntervalMs,
  ofBrokers: shareGroupsConfigs.groupShareAssignmentIntervalMs,
  least: shareGroupsConfigs.groupShareMinAssignmentIntervalMs,
  most: shareGroupsConfigs.groupShareMaxAssignmentIntervalMs,
};
const streamsHeartbeat: Setting = {
  ofGroup: groupKeys.streamsHeartbeatIntervalMs,
  ofBrokers: streamsGroupsConfigs.groupStreamsHeartbeatIntervalMs,
  least: streamsGroupsConfigs.groupStreamsMinHeartbeatIntervalMs,
  most: streamsGroupsConfigs.groupStreamsMaxHeartbeatIntervalMs,
};
const streamsSession: Setting = {
  ofGroup: groupKeys.streamsSessionTimeoutMs,
  ofBrokers: streamsGroupsConfigs.groupStreamsSessionTimeoutMs,
  least: streamsGroupsConfigs.groupStreamsMinSessionTimeoutMs,
  most: streamsGroupsConfigs.groupStreamsMaxSessionTimeoutMs,
};
const streamsAssignment: Setting = {
  ofGroup: groupKeys.streamsAssignmentIntervalMs,
  ofBrokers: streamsGroupsConfigs.groupStreamsAssignmentIntervalMs,
  least: streamsGroupsConfigs.groupStreamsMinAssignmentIntervalMs,
  most: streamsGroupsConfigs.groupStreamsMaxAssignmentIntervalMs,
};
const standbyReplicas = {
  ofGroup: groupKeys.streamsNumStandbyReplicas,
  ofBrokers: streamsGroupsConfigs.groupStreamsNumStandbyReplicas,
  most: streamsGroupsConfigs.groupStreamsMaxStandbyReplicas,
};

/** What a broker's configs of groups must keep among themselves, in the order in which Kafka looks. */
export const brokerGroupRelations: readonly ConfigRelation[] = [
  ...bounds(consumerHeartbeat),
  ...bounds(consumerSession),
  { left: consumerHeartbeat.ofBrokers, is: '<', right: consumerSession.ofBrokers },
  ...bounds(consumerAssignment),
  ...bounds(shareHeartbeat),
  ...bounds(shareSession),
  { left: shareHeartbeat.ofBrokers, is: '<', right: shareSession.ofBrokers },
  ...bounds(shareAssignment),
  ...bounds(streamsHeartbeat),
  ...bounds(streamsSession),
  { left: streamsHeartbeat.ofBrokers, is: '<', right: streamsSession.ofBrokers },
  ...bounds(streamsAssignment),
  { left: standbyReplicas.ofBrokers, is: '<=', right: standbyReplicas.most },
  { left: shareDeliveries.most, is: '>=', right: shareDeliveries.ofBrokers },
  { left: shareDeliveries.ofBrokers, is: '>=', right: shareDeliveries.least },
  { left: shareLocks.most, is: '>=', right: shareLocks.ofBrokers },
  { left: shareLocks.ofBrokers, is: '>=', right: shareLocks.least },
  { left: shareLock.ofBrokers, is: '>=', right: shareLock.least },
  { left: shareLock.most, is: '>=', right: shareLock.ofBrokers },
  {
    left: shareGroupsConfigs.groupShareMaxShareSessions,
    is: '>=',
    right: shareGroupsConfigs.groupShareMaxSize,
  },
];

/** What the configs of one group must keep, in the order in which Kafka looks. */
export const groupRelations: readonly ConfigRelation[] = [
  ...[consumerHeartbeat, consumerSession, consumerAssignment].flatMap(within),
  ...[shareHeartbeat, shareSession, shareLock, shareDeliveries, shareLocks, shareAssignment].flatMap(within),
  ...[streamsHeartbeat, streamsSession].flatMap(within),
  { left: standbyReplicas.ofGroup, is: '<=', right: standbyReplicas.most },
  ...within(streamsAssignment),
  { left: consumerSession.ofGroup, is: '>', right: consumerHeartbeat.ofGroup },
  { left: shareSession.ofGroup, is: '>', right: shareHeartbeat.ofGroup },
  { left: streamsSession.ofGroup, is: '>', right: streamsHeartbeat.ofGroup },
];

function bounds({ ofBrokers, least, most }: Setting): ConfigRelation[] {
  return [
    { left: most, is: '>=', right: least },
    { left: ofBrokers, is: '>=', right: least },
    { left: ofBrokers, is: '<=', right: most },
  ];
}

function within({ ofGroup, least, most }: Setting): ConfigRelation[] {
  return [
    { left: ofGroup, is: '>=', right: least },
    { left: ofGroup, is: '<=', right: most },
  ];
}
