/**
 * Every error of the protocol, by Kafka's names and codes. `retriable`: the same request may succeed later,
 * after a refresh of what the client knows. The text is for people and goes out as the error message where
 * nothing more precise is known.
 */
export const errors = {
  UNKNOWN_SERVER_ERROR: {
    code: -1,
    retriable: false,
    message: 'The broker failed in a way it has no error for.',
  },
  NONE: { code: 0, retriable: false, message: 'No error.' },
  OFFSET_OUT_OF_RANGE: {
    code: 1,
    retriable: false,
    message: 'The partition does not hold this offset: it is before the log start or past the end.',
  },
  CORRUPT_MESSAGE: {
    code: 2,
    retriable: true,
    message:
      'The record batch is damaged: its checksum, its length or its layout is wrong, or a compacted topic got a record without a key.',
  },
  UNKNOWN_TOPIC_OR_PARTITION: {
    code: 3,
    retriable: true,
    message: 'This broker knows no such topic or partition.',
  },
  INVALID_FETCH_SIZE: { code: 4, retriable: false, message: 'The fetch size is not valid.' },
  LEADER_NOT_AVAILABLE: {
    code: 5,
    retriable: true,
    message: 'The partition has no leader at the moment; an election may be under way.',
  },
  NOT_LEADER_OR_FOLLOWER: {
    code: 6,
    retriable: true,
    message: 'This broker is not the leader of the partition, or holds no replica of it.',
  },
  REQUEST_TIMED_OUT: { code: 7, retriable: true, message: 'The request was not done within its timeout.' },
  BROKER_NOT_AVAILABLE: { code: 8, retriable: false, message: 'The broker is not available.' },
  REPLICA_NOT_AVAILABLE: {
    code: 9,
    retriable: true,
    message: 'The replica is not available on this broker.',
  },
  MESSAGE_TOO_LARGE: {
    code: 10,
    retriable: false,
    message: 'The record batch is larger than max.message.bytes allows.',
  },
  STALE_CONTROLLER_EPOCH: {
    code: 11,
    retriable: false,
    message: 'The controller epoch is older than the current one.',
  },
  OFFSET_METADATA_TOO_LARGE: {
    code: 12,
    retriable: false,
    message: 'The metadata of the committed offset is longer than offset.metadata.max.bytes.',
  },
  NETWORK_EXCEPTION: { code: 13, retriable: true, message: 'The connection ended before the response came.' },
  COORDINATOR_LOAD_IN_PROGRESS: {
    code: 14,
    retriable: true,
    message: 'The coordinator is still loading its state.',
  },
  COORDINATOR_NOT_AVAILABLE: { code: 15, retriable: true, message: 'The coordinator is not available.' },
  NOT_COORDINATOR: {
    code: 16,
    retriable: true,
    message: 'This broker is not the coordinator of the group or transactional id.',
  },
  INVALID_TOPIC_EXCEPTION: {
    code: 17,
    retriable: false,
    message: 'The topic name is not valid, or the topic does not allow the operation.',
  },
  RECORD_LIST_TOO_LARGE: {
    code: 18,
    retriable: false,
    message: 'The record batch is larger than a segment of the log may be.',
  },
  NOT_ENOUGH_REPLICAS: {
    code: 19,
    retriable: true,
    message: 'Fewer replicas are in sync than min.insync.replicas demands; nothing was written.',
  },
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: {
    code: 20,
    retriable: true,
    message: 'The records were written, but fewer replicas were in sync than min.insync.replicas demands.',
  },
  INVALID_REQUIRED_ACKS: { code: 21, retriable: false, message: 'acks must be -1, 0 or 1.' },
  ILLEGAL_GENERATION: {
    code: 22,
    retriable: false,
    message: 'The generation is not the current one of the group.',
  },
  INCONSISTENT_GROUP_PROTOCOL: {
    code: 23,
    retriable: false,
    message: 'The protocol type or the assignors of the member do not fit those of the group.',
  },
  INVALID_GROUP_ID: { code: 24, retriable: false, message: 'The group id is not valid.' },
  UNKNOWN_MEMBER_ID: { code: 25, retriable: false, message: 'The group has no member with this id.' },
  INVALID_SESSION_TIMEOUT: {
    code: 26,
    retriable: false,
    message: 'The session timeout is outside group.min.session.timeout.ms and group.max.session.timeout.ms.',
  },
  REBALANCE_IN_PROGRESS: {
    code: 27,
    retriable: false,
    message: 'The group is rebalancing; the member must join again.',
  },
  INVALID_COMMIT_OFFSET_SIZE: {
    code: 28,
    retriable: false,
    message: 'The committed offset is too large to be stored.',
  },
  TOPIC_AUTHORIZATION_FAILED: {
    code: 29,
    retriable: false,
    message: 'Topic authorization failed.',
  },
  GROUP_AUTHORIZATION_FAILED: {
    code: 30,
    retriable: false,
    message: 'Group authorization failed.',
  },
  CLUSTER_AUTHORIZATION_FAILED: {
    code: 31,
    retriable: false,
    message: 'Cluster authorization failed.',
  },
  INVALID_TIMESTAMP: {
    code: 32,
    retriable: false,
    message: "The timestamp of a record is further from the broker's clock than the topic allows.",
  },
  UNSUPPORTED_SASL_MECHANISM: {
    code: 33,
    retriable: false,
    message: 'The SASL mechanism is not enabled on this listener.',
  },
  ILLEGAL_SASL_STATE: {
    code: 34,
    retriable: false,
    message: 'The request does not fit the state of the authentication.',
  },
  UNSUPPORTED_VERSION: {
    code: 35,
    retriable: false,
    message: 'The broker does not support this version of the request.',
  },
  TOPIC_ALREADY_EXISTS: { code: 36, retriable: false, message: 'A topic with this name exists already.' },
  INVALID_PARTITIONS: { code: 37, retriable: false, message: 'The number of partitions is not valid.' },
  INVALID_REPLICATION_FACTOR: {
    code: 38,
    retriable: false,
    message: 'The replication factor is below 1 or above the number of available brokers.',
  },
  INVALID_REPLICA_ASSIGNMENT: { code: 39, retriable: false, message: 'The replica assignment is not valid.' },
  INVALID_CONFIG: { code: 40, retriable: false, message: 'The configuration is not valid.' },
  NOT_CONTROLLER: { code: 41, retriable: true, message: 'This node is not the active controller.' },
  INVALID_REQUEST: { code: 42, retriable: false, message: 'The request contradicts itself or the protocol.' },
  UNSUPPORTED_FOR_MESSAGE_FORMAT: {
    code: 43,
    retriable: false,
    message: 'The format of the records does not support this.',
  },
  POLICY_VIOLATION: { code: 44, retriable: false, message: 'The request violates a policy of the cluster.' },
  OUT_OF_ORDER_SEQUENCE_NUMBER: {
    code: 45,
    retriable: false,
    message: 'The sequence number does not follow the last one of this producer.',
  },
  DUPLICATE_SEQUENCE_NUMBER: {
    code: 46,
    retriable: false,
    message: 'The records with this sequence number were written before.',
  },
  INVALID_PRODUCER_EPOCH: {
    code: 47,
    retriable: false,
    message: 'The producer epoch is older than the current one.',
  },
  INVALID_TXN_STATE: {
    code: 48,
    retriable: false,
    message: 'The transaction is in a state that does not allow this.',
  },
  INVALID_PRODUCER_ID_MAPPING: {
    code: 49,
    retriable: false,
    message: 'The producer id is not the one assigned to the transactional id.',
  },
  INVALID_TRANSACTION_TIMEOUT: {
    code: 50,
    retriable: false,
    message: 'The transaction timeout is not positive, or longer than transaction.max.timeout.ms.',
  },
  CONCURRENT_TRANSACTIONS: {
    code: 51,
    retriable: true,
    message: 'Another operation on the transaction is not complete yet.',
  },
  TRANSACTION_COORDINATOR_FENCED: {
    code: 52,
    retriable: false,
    message: 'The markers come from a coordinator that has been replaced.',
  },
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: {
    code: 53,
    retriable: false,
    message: 'Transactional Id authorization failed.',
  },
  SECURITY_DISABLED: { code: 54, retriable: false, message: 'No authorizer is configured on this cluster.' },
  OPERATION_NOT_ATTEMPTED: {
    code: 55,
    retriable: false,
    message: 'The operation was not attempted, because another one of the same request failed.',
  },
  KAFKA_STORAGE_ERROR: { code: 56, retriable: true, message: 'The disk that holds the log failed.' },
  LOG_DIR_NOT_FOUND: { code: 57, retriable: false, message: 'The broker has no such log directory.' },
  SASL_AUTHENTICATION_FAILED: { code: 58, retriable: false, message: 'The authentication failed.' },
  UNKNOWN_PRODUCER_ID: {
    code: 59,
    retriable: false,
    message: 'The partition knows nothing of this producer, perhaps because its records were deleted.',
  },
  REASSIGNMENT_IN_PROGRESS: { code: 60, retriable: false, message: 'The partition is being reassigned.' },
  DELEGATION_TOKEN_AUTH_DISABLED: {
    code: 61,
    retriable: false,
    message: 'Delegation tokens are not enabled.',
  },
  DELEGATION_TOKEN_NOT_FOUND: { code: 62, retriable: false, message: 'There is no such delegation token.' },
  DELEGATION_TOKEN_OWNER_MISMATCH: {
    code: 63,
    retriable: false,
    message: 'The principal is neither owner nor renewer of the delegation token.',
  },
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: {
    code: 64,
    retriable: false,
    message: 'Delegation tokens cannot be asked for over this kind of connection.',
  },
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: {
    code: 65,
    retriable: false,
    message: 'Delegation Token authorization failed.',
  },
  DELEGATION_TOKEN_EXPIRED: { code: 66, retriable: false, message: 'The delegation token has expired.' },
  INVALID_PRINCIPAL_TYPE: {
    code: 67,
    retriable: false,
    message: 'The type of the principal is not supported.',
  },
  NON_EMPTY_GROUP: { code: 68, retriable: false, message: 'The group has members.' },
  GROUP_ID_NOT_FOUND: { code: 69, retriable: false, message: 'There is no group with this id.' },
  FETCH_SESSION_ID_NOT_FOUND: {
    code: 70,
    retriable: true,
    message: 'The broker has no fetch session with this id.',
  },
  INVALID_FETCH_SESSION_EPOCH: {
    code: 71,
    retriable: true,
    message: 'The epoch of the fetch session is not the expected one.',
  },
  LISTENER_NOT_FOUND: {
    code: 72,
    retriable: true,
    message: 'The leader has no listener with the name of the one that was asked.',
  },
  TOPIC_DELETION_DISABLED: { code: 73, retriable: false, message: 'Deleting topics is disabled.' },
  FENCED_LEADER_EPOCH: {
    code: 74,
    retriable: true,
    message: 'The leader epoch of the request is older than that of the broker.',
  },
  UNKNOWN_LEADER_EPOCH: {
    code: 75,
    retriable: true,
    message: 'The leader epoch of the request is newer than that of the broker.',
  },
  UNSUPPORTED_COMPRESSION_TYPE: {
    code: 76,
    retriable: false,
    message: 'The version of the request does not support the compression of the records.',
  },
  STALE_BROKER_EPOCH: { code: 77, retriable: false, message: 'The broker epoch is not the current one.' },
  OFFSET_NOT_AVAILABLE: {
    code: 78,
    retriable: true,
    message: 'The new leader does not know yet how far the log is committed.',
  },
  MEMBER_ID_REQUIRED: {
    code: 79,
    retriable: false,
    message: 'The member must join again with the member id it was given.',
  },
  PREFERRED_LEADER_NOT_AVAILABLE: {
    code: 80,
    retriable: true,
    message: 'The preferred leader is not available.',
  },
  GROUP_MAX_SIZE_REACHED: {
    code: 81,
    retriable: false,
    message: 'The group has as many members as group.max.size allows.',
  },
  FENCED_INSTANCE_ID: {
    code: 82,
    retriable: false,
    message: 'Another member has taken over the group instance id.',
  },
  ELIGIBLE_LEADERS_NOT_AVAILABLE: {
    code: 83,
    retriable: true,
    message: 'None of the replicas that may lead the partition is available.',
  },
  ELECTION_NOT_NEEDED: {
    code: 84,
    retriable: true,
    message: 'The partition already has the leader that the election would choose.',
  },
  NO_REASSIGNMENT_IN_PROGRESS: {
    code: 85,
    retriable: false,
    message: 'The partition is not being reassigned.',
  },
  GROUP_SUBSCRIBED_TO_TOPIC: {
    code: 86,
    retriable: false,
    message: 'The group is subscribed to the topic, so its offsets cannot be deleted.',
  },
  INVALID_RECORD: {
    code: 87,
    retriable: false,
    message: 'The broker refuses the record because its content is not valid.',
  },
  UNSTABLE_OFFSET_COMMIT: {
    code: 88,
    retriable: true,
    message: 'Offsets of a transaction that is still open are pending.',
  },
  THROTTLING_QUOTA_EXCEEDED: {
    code: 89,
    retriable: true,
    message: 'A quota is exceeded; try again after the throttle time.',
  },
  PRODUCER_FENCED: {
    code: 90,
    retriable: false,
    message: 'A newer producer has taken over the transactional id.',
  },
  RESOURCE_NOT_FOUND: {
    code: 91,
    retriable: false,
    message: 'The request names a resource that does not exist.',
  },
  DUPLICATE_RESOURCE: { code: 92, retriable: false, message: 'The request names the same resource twice.' },
  UNACCEPTABLE_CREDENTIAL: {
    code: 93,
    retriable: false,
    message: 'The credential does not meet the criteria.',
  },
  INCONSISTENT_VOTER_SET: {
    code: 94,
    retriable: false,
    message: 'Sender or receiver is not among the voters of the quorum.',
  },
  INVALID_UPDATE_VERSION: {
    code: 95,
    retriable: false,
    message: 'The feature cannot be set to this version.',
  },
  FEATURE_UPDATE_FAILED: { code: 96, retriable: false, message: 'The features could not be updated.' },
  PRINCIPAL_DESERIALIZATION_FAILURE: {
    code: 97,
    retriable: false,
    message: 'The principal of the forwarded request could not be read.',
  },
  SNAPSHOT_NOT_FOUND: { code: 98, retriable: false, message: 'There is no such snapshot.' },
  POSITION_OUT_OF_RANGE: { code: 99, retriable: false, message: 'The position is not within the snapshot.' },
  UNKNOWN_TOPIC_ID: { code: 100, retriable: true, message: 'This broker knows no topic with this id.' },
  DUPLICATE_BROKER_REGISTRATION: {
    code: 101,
    retriable: false,
    message: 'A broker with this id is registered and alive.',
  },
  BROKER_ID_NOT_REGISTERED: { code: 102, retriable: false, message: 'No broker with this id is registered.' },
  INCONSISTENT_TOPIC_ID: { code: 103, retriable: true, message: 'The topic id is not the one of the log.' },
  INCONSISTENT_CLUSTER_ID: {
    code: 104,
    retriable: false,
    message: 'The cluster id is not that of this cluster.',
  },
  TRANSACTIONAL_ID_NOT_FOUND: { code: 105, retriable: false, message: 'There is no such transactional id.' },
  FETCH_SESSION_TOPIC_ID_ERROR: {
    code: 106,
    retriable: true,
    message: 'The topics of the fetch session are named by id in some places and by name in others.',
  },
  INELIGIBLE_REPLICA: {
    code: 107,
    retriable: false,
    message: 'A replica of the new ISR is not eligible to be in it.',
  },
  NEW_LEADER_ELECTED: {
    code: 108,
    retriable: false,
    message: 'The partition was changed as asked, and has a new leader now.',
  },
  OFFSET_MOVED_TO_TIERED_STORAGE: {
    code: 109,
    retriable: false,
    message: 'The offset is in tiered storage only.',
  },
  FENCED_MEMBER_EPOCH: {
    code: 110,
    retriable: false,
    message: 'The member epoch is fenced; the member must give up its partitions and join again.',
  },
  UNRELEASED_INSTANCE_ID: {
    code: 111,
    retriable: false,
    message: 'Another member still uses the group instance id.',
  },
  UNSUPPORTED_ASSIGNOR: { code: 112, retriable: false, message: 'The group does not support the assignor.' },
  STALE_MEMBER_EPOCH: {
    code: 113,
    retriable: false,
    message: 'The member epoch is not the current one; the member gets it with its next heartbeat.',
  },
  MISMATCHED_ENDPOINT_TYPE: {
    code: 114,
    retriable: false,
    message: 'The request was sent to the wrong type of endpoint.',
  },
  UNSUPPORTED_ENDPOINT_TYPE: {
    code: 115,
    retriable: false,
    message: 'This type of endpoint is not supported.',
  },
  UNKNOWN_CONTROLLER_ID: { code: 116, retriable: false, message: 'No controller has this id.' },
  UNKNOWN_SUBSCRIPTION_ID: {
    code: 117,
    retriable: false,
    message: 'The subscription id of the pushed metrics is not the current one.',
  },
  TELEMETRY_TOO_LARGE: {
    code: 118,
    retriable: false,
    message: 'The pushed metrics are larger than telemetry.max.bytes.',
  },
  INVALID_REGISTRATION: { code: 119, retriable: false, message: 'The controller refuses the registration.' },
  TRANSACTION_ABORTABLE: {
    code: 120,
    retriable: false,
    message: 'The transaction must be aborted; the transactional id stays usable.',
  },
  INVALID_RECORD_STATE: {
    code: 121,
    retriable: false,
    message: 'The record is in a state that does not allow the acknowledgement.',
  },
  SHARE_SESSION_NOT_FOUND: { code: 122, retriable: true, message: 'There is no such share session.' },
  INVALID_SHARE_SESSION_EPOCH: {
    code: 123,
    retriable: true,
    message: 'The epoch of the share session is not the expected one.',
  },
  FENCED_STATE_EPOCH: { code: 124, retriable: false, message: 'The state epoch is not the current one.' },
  INVALID_VOTER_KEY: { code: 125, retriable: false, message: 'The voter key is not that of this replica.' },
  DUPLICATE_VOTER: { code: 126, retriable: false, message: 'The voter is in the set of voters already.' },
  VOTER_NOT_FOUND: { code: 127, retriable: false, message: 'The voter is not in the set of voters.' },
  INVALID_REGULAR_EXPRESSION: {
    code: 128,
    retriable: false,
    message: 'The regular expression is not valid.',
  },
  REBOOTSTRAP_REQUIRED: {
    code: 129,
    retriable: false,
    message:
      "The client's metadata is of another time or cluster; it must start again from its bootstrap servers.",
  },
  STREAMS_INVALID_TOPOLOGY: { code: 130, retriable: false, message: 'The topology is not valid.' },
  STREAMS_INVALID_TOPOLOGY_EPOCH: {
    code: 131,
    retriable: false,
    message: 'The topology epoch is not valid.',
  },
  STREAMS_TOPOLOGY_FENCED: {
    code: 132,
    retriable: false,
    message: 'The topology epoch is older than the current one.',
  },
  SHARE_SESSION_LIMIT_REACHED: {
    code: 133,
    retriable: true,
    message: 'The broker has as many share sessions as it allows.',
  },
  GROUP_DELETION_FAILED: {
    code: 134,
    retriable: false,
    message: 'The group could not be deleted; the message of the group says why.',
  },
  STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED: {
    code: 135,
    retriable: false,
    message: 'The description of the topology could not be stored; the message says why.',
  },
  CONTROLLER_ID_NOT_REGISTERED: {
    code: 136,
    retriable: false,
    message: 'No controller with this id is registered.',
  },
} as const satisfies { readonly [name: string]: ErrorEntry };

interface ErrorEntry {
  readonly code: number;
  readonly retriable: boolean;
  readonly message: string;
}

export type ErrorName = keyof typeof errors;

const names = new Map<number, ErrorName>();
for (const name of Object.keys(errors)) if (isErrorName(name)) names.set(errors[name].code, name);

function isErrorName(name: string): name is ErrorName {
  return Object.hasOwn(errors, name);
}

export function errorCode(name: ErrorName): number {
  return errors[name].code;
}

/** A code we do not know reads as UNKNOWN_SERVER_ERROR, as it does to Kafka's own clients. */
export function errorName(code: number): ErrorName {
  return names.get(code) ?? 'UNKNOWN_SERVER_ERROR';
}

export function errorMessage(name: ErrorName): string {
  return errors[name].message;
}

export function isRetriable(name: ErrorName): boolean {
  return errors[name].retriable;
}
