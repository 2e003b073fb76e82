import { type Data, data } from '../protocol/data.ts';
import {
  array,
  bool,
  bytes,
  type Fields,
  float64,
  int8,
  int16,
  int32,
  offset,
  string,
  uint16,
  uuid,
} from '../protocol/field.ts';

/** The definition of one type of record in the metadata log. All of them are flexible from version 0 on. */
export interface RecordDefinition<F extends Fields> {
  readonly apiKey: number;
  readonly data: Data<F>;
}

function record<const F extends Fields>(
  name: string,
  apiKey: number,
  versions: readonly [number, number],
  fields: F,
): RecordDefinition<F> {
  return { apiKey, data: data({ name, versions, flexible: 0, fields }) };
}

/**
 * Every record of the metadata log, by Kafka's name, in the order of its key. Which version may be written
 * depends on the cluster's metadata.version; a reader takes all of them.
 */
export const recordDefinitions = {
  RegisterBrokerRecord: record('RegisterBrokerRecord', 0, [0, 4], {
    brokerId: int32,
    isMigratingZkBroker: bool.since(2).default(false),
    incarnationId: uuid,
    brokerEpoch: offset,
    endPoints: array({
      name: string,
      host: string,
      port: uint16,
      securityProtocol: int16,
    }),
    features: array({
      name: string,
      minSupportedVersion: int16,
      maxSupportedVersion: int16,
    }),
    rack: string.nullable(),
    fenced: bool.default(true),
    inControlledShutdown: bool.since(1).default(false),
    logDirs: array(uuid).since(3).tagged(0),
    // Null until the broker's heartbeats have told them.
    cordonedLogDirs: array(uuid).nullable().since(4).default(null).tagged(1),
  }),
  UnregisterBrokerRecord: record('UnregisterBrokerRecord', 1, [0, 0], {
    brokerId: int32,
    brokerEpoch: offset,
  }),
  TopicRecord: record('TopicRecord', 2, [0, 0], {
    name: string,
    topicId: uuid,
  }),
  PartitionRecord: record('PartitionRecord', 3, [0, 2], {
    partitionId: int32.default(-1),
    topicId: uuid,
    replicas: array(int32),
    isr: array(int32),
    removingReplicas: array(int32),
    addingReplicas: array(int32),
    // -1 no leader.
    leader: int32.default(-1),
    leaderRecoveryState: int8.default(0).tagged(0),
    leaderEpoch: int32.default(-1),
    partitionEpoch: int32.default(-1),
    // In the order of the replicas.
    directories: array(uuid).since(1),
    eligibleLeaderReplicas: array(int32).nullable().since(2).default(null).tagged(1),
    lastKnownElr: array(int32).nullable().since(2).default(null).tagged(2),
  }),
  ConfigRecord: record('ConfigRecord', 4, [0, 0], {
    resourceType: int8,
    resourceName: string,
    name: string,
    // Null removes the key.
    value: string.nullable(),
  }),
  // Only what changed: null, and -2 of the leader, stand for no change.
  PartitionChangeRecord: record('PartitionChangeRecord', 5, [0, 2], {
    partitionId: int32.default(-1),
    topicId: uuid,
    isr: array(int32).nullable().default(null).tagged(0),
    // -1 no leader.
    leader: int32.default(-2).tagged(1),
    replicas: array(int32).nullable().default(null).tagged(2),
    removingReplicas: array(int32).nullable().default(null).tagged(3),
    addingReplicas: array(int32).nullable().default(null).tagged(4),
    leaderRecoveryState: int8.default(-1).tagged(5),
    directories: array(uuid).nullable().since(1).default(null).tagged(8),
    eligibleLeaderReplicas: array(int32).nullable().since(2).default(null).tagged(6),
    lastKnownElr: array(int32).nullable().since(2).default(null).tagged(7),
  }),
  FenceBrokerRecord: record('FenceBrokerRecord', 7, [0, 0], {
    id: int32,
    epoch: offset,
  }),
  UnfenceBrokerRecord: record('UnfenceBrokerRecord', 8, [0, 0], {
    id: int32,
    epoch: offset,
  }),
  RemoveTopicRecord: record('RemoveTopicRecord', 9, [0, 0], {
    topicId: uuid,
  }),
  DelegationTokenRecord: record('DelegationTokenRecord', 10, [0, 0], {
    owner: string,
    requester: string,
    renewers: array(string),
    issueTimestamp: offset,
    maxTimestamp: offset,
    expirationTimestamp: offset,
    tokenId: string,
  }),
  UserScramCredentialRecord: record('UserScramCredentialRecord', 11, [0, 0], {
    name: string,
    mechanism: int8,
    salt: bytes,
    storedKey: bytes,
    serverKey: bytes,
    iterations: int32,
  }),
  FeatureLevelRecord: record('FeatureLevelRecord', 12, [0, 0], {
    name: string,
    featureLevel: int16,
  }),
  ClientQuotaRecord: record('ClientQuotaRecord', 14, [0, 0], {
    // By entity type; a null name is the default of the type.
    entity: array({
      entityType: string,
      entityName: string.nullable(),
    }),
    key: string,
    value: float64,
    remove: bool,
  }),
  ProducerIdsRecord: record('ProducerIdsRecord', 15, [0, 0], {
    brokerId: int32,
    brokerEpoch: offset.default(-1),
    // The first id of the next block.
    nextProducerId: offset,
  }),
  BrokerRegistrationChangeRecord: record('BrokerRegistrationChangeRecord', 17, [0, 3], {
    brokerId: int32,
    brokerEpoch: offset,
    // -1 unfenced, 1 fenced, 0 no change.
    fenced: int8.tagged(0),
    inControlledShutdown: int8.since(1).tagged(1),
    logDirs: array(uuid).since(2).tagged(2),
    cordonedLogDirs: array(uuid).nullable().since(3).default(null).tagged(3),
  }),
  AccessControlEntryRecord: record('AccessControlEntryRecord', 18, [0, 0], {
    id: uuid,
    resourceType: int8,
    resourceName: string,
    patternType: int8,
    principal: string,
    host: string,
    operation: int8,
    permissionType: int8,
  }),
  RemoveAccessControlEntryRecord: record('RemoveAccessControlEntryRecord', 19, [0, 0], {
    id: uuid,
  }),
  // Written by an idle controller, so that the high watermark moves and brokers know that it lives (KIP-835).
  NoOpRecord: record('NoOpRecord', 20, [0, 0], {}),
  // Left in the log of clusters that came from ZooKeeper.
  ZkMigrationStateRecord: record('ZkMigrationStateRecord', 21, [0, 0], {
    zkMigrationState: int8,
  }),
  RemoveUserScramCredentialRecord: record('RemoveUserScramCredentialRecord', 22, [0, 0], {
    name: string,
    mechanism: int8,
  }),
  // Up to EndTransactionRecord all records are applied, or none of them (KIP-868).
  BeginTransactionRecord: record('BeginTransactionRecord', 23, [0, 0], {
    name: string.nullable().default(null).tagged(0),
  }),
  EndTransactionRecord: record('EndTransactionRecord', 24, [0, 0], {}),
  AbortTransactionRecord: record('AbortTransactionRecord', 25, [0, 0], {
    reason: string.nullable().default(null).tagged(0),
  }),
  RemoveDelegationTokenRecord: record('RemoveDelegationTokenRecord', 26, [0, 0], {
    tokenId: string,
  }),
  RegisterControllerRecord: record('RegisterControllerRecord', 27, [0, 0], {
    controllerId: int32,
    incarnationId: uuid,
    zkMigrationReady: bool,
    endPoints: array({
      name: string,
      host: string,
      port: uint16,
      securityProtocol: int16,
    }),
    features: array({
      name: string,
      minSupportedVersion: int16,
      maxSupportedVersion: int16,
    }),
  }),
  ClearElrRecord: record('ClearElrRecord', 28, [0, 0], {
    // Empty: of all topics.
    topicName: string,
  }),
  UnregisterControllerRecord: record('UnregisterControllerRecord', 29, [0, 0], {
    controllerId: int32,
  }),
} as const;
