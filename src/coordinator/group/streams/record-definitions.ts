import { data } from '../../../protocol/data.ts';
import { array, int8, int16, int32, int64, offset, string, struct, uint16 } from '../../../protocol/field.ts';

/** The records of streams groups (KIP-1071) in `__consumer_offsets`. */
export const streamsGroupMetadataKey = data({
  name: 'StreamsGroupMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
  },
});

const keyValue = {
  key: string,
  value: string,
};

export const streamsGroupMetadataValue = data({
  name: 'StreamsGroupMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: int32,
    // Of the topics that the topology needs: any 64 bits, so no number can hold it.
    metadataHash: int64,
    validatedTopologyEpoch: int32.default(-1).tagged(0),
    // Kafka's null here is no default: it is written.
    lastAssignmentConfigs: array(keyValue).nullable().tagged(1),
    // Of topology descriptions (KIP-1331), which are not kept.
    storedDescriptionTopologyEpoch: int32.default(-1).tagged(2),
    failedDescriptionTopologyEpoch: int32.default(-1).tagged(3),
  },
});

const memberKey = {
  groupId: string,
  memberId: string,
};

export const streamsGroupMemberMetadataKey = data({
  name: 'StreamsGroupMemberMetadataKey',
  versions: [0, 0],
  fields: memberKey,
});

export const streamsGroupMemberMetadataValue = data({
  name: 'StreamsGroupMemberMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    instanceId: string.nullable(),
    rackId: string.nullable(),
    clientId: string,
    clientHost: string,
    rebalanceTimeoutMs: int32.default(-1),
    topologyEpoch: int32,
    processId: string,
    userEndpoint: struct({
      host: string,
      port: uint16,
    })
      .nullable()
      .default(null),
    clientTags: array(keyValue),
  },
});

export const streamsGroupTargetAssignmentMetadataKey = data({
  name: 'StreamsGroupTargetAssignmentMetadataKey',
  versions: [0, 0],
  fields: {
    groupId: string,
  },
});

export const streamsGroupTargetAssignmentMetadataValue = data({
  name: 'StreamsGroupTargetAssignmentMetadataValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    assignmentEpoch: int32,
    assignmentTimestamp: offset.default(0).tagged(0).ignorable(),
  },
});

export const streamsGroupTargetAssignmentMemberKey = data({
  name: 'StreamsGroupTargetAssignmentMemberKey',
  versions: [0, 0],
  fields: memberKey,
});

const taskIds = {
  subtopologyId: string,
  partitions: array(int32),
};

export const streamsGroupTargetAssignmentMemberValue = data({
  name: 'StreamsGroupTargetAssignmentMemberValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    activeTasks: array(taskIds),
    standbyTasks: array(taskIds),
    warmupTasks: array(taskIds),
  },
});

export const streamsGroupCurrentMemberAssignmentKey = data({
  name: 'StreamsGroupCurrentMemberAssignmentKey',
  versions: [0, 0],
  fields: memberKey,
});

const heldTaskIds = {
  subtopologyId: string,
  partitions: array(int32),
  // As long as the partitions; of active tasks only.
  assignmentEpochs: array(int32).nullable().tagged(0),
};

export const streamsGroupCurrentMemberAssignmentValue = data({
  name: 'StreamsGroupCurrentMemberAssignmentValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    memberEpoch: int32,
    previousMemberEpoch: int32,
    state: int8,
    activeTasks: array(heldTaskIds),
    standbyTasks: array(heldTaskIds),
    warmupTasks: array(heldTaskIds),
    activeTasksPendingRevocation: array(heldTaskIds),
    standbyTasksPendingRevocation: array(heldTaskIds),
    warmupTasksPendingRevocation: array(heldTaskIds),
  },
});

export const streamsGroupTopologyKey = data({
  name: 'StreamsGroupTopologyKey',
  versions: [0, 0],
  fields: {
    groupId: string,
  },
});

const topicInfo = {
  name: string,
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array(keyValue),
};

export const streamsGroupTopologyValue = data({
  name: 'StreamsGroupTopologyValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: int32,
    subtopologies: array({
      subtopologyId: string,
      sourceTopics: array(string),
      sourceTopicRegex: array(string),
      stateChangelogTopics: array(topicInfo),
      repartitionSinkTopics: array(string),
      repartitionSourceTopics: array(topicInfo),
      copartitionGroups: array({
        sourceTopics: array(int16),
        sourceTopicRegex: array(int16),
        repartitionSourceTopics: array(int16),
      }),
    }),
  },
});
