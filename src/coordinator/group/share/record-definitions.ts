import { data } from '../../../protocol/data.ts';
import { array, int8, int32, int64, offset, string, uuid } from '../../../protocol/field.ts';

/** The records of share groups (KIP-932) in `__consumer_offsets`. */
export const shareGroupMemberMetadataKey = data({
  name: 'ShareGroupMemberMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
    memberId: string,
  },
});

export const shareGroupMemberMetadataValue = data({
  name: 'ShareGroupMemberMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    rackId: string.nullable(),
    clientId: string,
    clientHost: string,
    subscribedTopicNames: array(string),
  },
});

export const shareGroupMetadataKey = data({
  name: 'ShareGroupMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
  },
});

export const shareGroupMetadataValue = data({
  name: 'ShareGroupMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: int32,
    metadataHash: int64,
  },
});

export const shareGroupTargetAssignmentMetadataKey = data({
  name: 'ShareGroupTargetAssignmentMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
  },
});

export const shareGroupTargetAssignmentMetadataValue = data({
  name: 'ShareGroupTargetAssignmentMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    assignmentEpoch: int32,
    assignmentTimestamp: offset.default(0).tagged(0).ignorable(),
  },
});

export const shareGroupTargetAssignmentMemberKey = data({
  name: 'ShareGroupTargetAssignmentMemberKey',
  versions: [0, 0],
  fields: {
    groupId: string,
    memberId: string,
  },
});

export const shareGroupTargetAssignmentMemberValue = data({
  name: 'ShareGroupTargetAssignmentMemberValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicPartitions: array({
      topicId: uuid,
      partitions: array(int32),
    }),
  },
});

export const shareGroupCurrentMemberAssignmentKey = data({
  name: 'ShareGroupCurrentMemberAssignmentKey',
  versions: [0, 0],
  fields: {
    groupId: string,
    memberId: string,
  },
});

export const shareGroupCurrentMemberAssignmentValue = data({
  name: 'ShareGroupCurrentMemberAssignmentValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8,
    assignedPartitions: array({
      topicId: uuid,
      partitions: array(int32),
    }),
  },
});

export const shareGroupStatePartitionMetadataKey = data({
  name: 'ShareGroupStatePartitionMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
  },
});

const statePartitions = {
  topicId: uuid,
  topicName: string,
  partitions: array(int32),
};

/** Of which partitions the share coordinator keeps the group's state, or is about to, or is to forget it. */
export const shareGroupStatePartitionMetadataValue = data({
  name: 'ShareGroupStatePartitionMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    initializingTopics: array(statePartitions),
    initializedTopics: array(statePartitions),
    deletingTopics: array({
      topicId: uuid,
      topicName: string,
    }),
  },
});
