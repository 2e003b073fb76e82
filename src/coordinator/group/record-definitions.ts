import { data } from '../../protocol/data.ts';
import {
  array,
  bytes,
  exactOffset,
  int8,
  int32,
  int64,
  offset,
  string,
  struct,
  uuid,
} from '../../protocol/field.ts';

export const legacyOffsetCommitKey = data({
  name: 'LegacyOffsetCommitKey',
  versions: [0, 0],
  fields: {
    group: string,
    topic: string,
    partition: int32,
  },
});

export const legacyOffsetCommitValue = data({
  name: 'LegacyOffsetCommitValue',
  versions: [0, 0],
  fields: {
    offset: exactOffset,
    metadata: string,
    commitTimestamp: offset,
  },
});

export const offsetCommitKey = data({
  name: 'OffsetCommitKey',
  versions: [0, 0],
  fields: {
    group: string,
    topic: string,
    partition: int32,
  },
});

export const offsetCommitValue = data({
  name: 'OffsetCommitValue',
  versions: [0, 4],
  flexible: 4,
  fields: {
    offset: exactOffset,
    leaderEpoch: int32.since(3).default(-1).ignorable(),
    metadata: string,
    commitTimestamp: offset,
    // Of commits with a retention of their own (OffsetCommit up to version 4).
    expireTimestamp: offset.between(1, 1).default(-1).ignorable(),
    topicId: uuid.since(4).tagged(0).ignorable(),
  },
});

export const groupMetadataKey = data({
  name: 'GroupMetadataKey',
  versions: [0, 0],
  fields: {
    group: string,
  },
});

const memberMetadata = {
  memberId: string,
  groupInstanceId: string.nullable().since(3).default(null).ignorable(),
  clientId: string,
  clientHost: string,
  rebalanceTimeout: int32.since(1).default(-1).ignorable(),
  sessionTimeout: int32,
  subscription: bytes,
  assignment: bytes,
};

export const groupMetadataValue = data({
  name: 'GroupMetadataValue',
  versions: [0, 4],
  flexible: 4,
  fields: {
    protocolType: string,
    generation: int32,
    protocol: string.nullable(),
    leader: string.nullable(),
    currentStateTimestamp: offset.since(2).default(-1).ignorable(),
    members: array(memberMetadata),
  },
});

export const consumerGroupMetadataKey = data({
  name: 'ConsumerGroupMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
  },
});

export const consumerGroupMetadataValue = data({
  name: 'ConsumerGroupMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: int32,
    // Of the topics the group is subscribed to (KIP-1101): any 64 bits, so no number can hold it.
    metadataHash: int64.default(0n).tagged(0),
  },
});

export const consumerGroupPartitionMetadataKey = data({
  name: 'ConsumerGroupPartitionMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
  },
});

export const consumerGroupPartitionMetadataValue = data({
  name: 'ConsumerGroupPartitionMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topics: array({
      topicId: uuid,
      topicName: string,
      numPartitions: int32,
      partitionMetadata: array({
        partition: int32,
        racks: array(string),
      }),
    }),
  },
});

export const consumerGroupMemberMetadataKey = data({
  name: 'ConsumerGroupMemberMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
    memberId: string,
  },
});

export const consumerGroupMemberMetadataValue = data({
  name: 'ConsumerGroupMemberMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    instanceId: string.nullable(),
    rackId: string.nullable(),
    clientId: string,
    clientHost: string,
    subscribedTopicNames: array(string),
    subscribedTopicRegex: string.nullable(),
    rebalanceTimeoutMs: int32.default(-1),
    serverAssignor: string.nullable(),
    // Null for a member that uses the consumer protocol. Null is not the default: it is written.
    classicMemberMetadata: struct({
      sessionTimeoutMs: int32,
      supportedProtocols: array({
        name: string,
        metadata: bytes,
      }),
    })
      .nullable()
      .tagged(0),
  },
});

export const consumerGroupTargetAssignmentMetadataKey = data({
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
  },
});

export const consumerGroupTargetAssignmentMetadataValue = data({
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    assignmentEpoch: int32,
    assignmentTimestamp: offset.default(0).tagged(0).ignorable(),
  },
});

export const consumerGroupTargetAssignmentMemberKey = data({
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  versions: [0, 0],
  fields: {
    groupId: string,
    memberId: string,
  },
});

export const consumerGroupTargetAssignmentMemberValue = data({
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicPartitions: array({
      topicId: uuid,
      partitions: array(int32),
    }),
  },
});

export const consumerGroupCurrentMemberAssignmentKey = data({
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
  versions: [0, 0],
  fields: {
    groupId: string,
    memberId: string,
  },
});

const topicPartitions = {
  topicId: uuid,
  partitions: array(int32),
  assignmentEpochs: array(int32).nullable().tagged(0),
};

export const consumerGroupCurrentMemberAssignmentValue = data({
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8,
    assignedPartitions: array(topicPartitions),
    partitionsPendingRevocation: array(topicPartitions),
  },
});

export const consumerGroupRegularExpressionKey = data({
  name: 'ConsumerGroupRegularExpressionKey',
  versions: [0, 0],
  fields: {
    groupId: string,
    regularExpression: string,
  },
});

export const consumerGroupRegularExpressionValue = data({
  name: 'ConsumerGroupRegularExpressionValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topics: array(string),
    version: offset,
    timestamp: offset,
  },
});
