import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int8, int16, int32, string, struct, uuid } from '../field.ts';

const topicPartitions = {
  topicId: uuid,
  topicName: string,
  partitions: array(int32),
};

const assignment = {
  topicPartitions: array(topicPartitions),
};

/** The operations when the client did not ask for them. */
const NOT_ASKED = -2147483648;

/**
 * 1: whether a member still uses the classic protocol.
 */
export const consumerGroupDescribe = api({
  name: 'ConsumerGroupDescribe',
  key: 69,
  versions: [0, 1],
  flexible: 0,
  request: {
    groupIds: array(string),
    includeAuthorizedOperations: bool,
  },
  response: {
    throttleTimeMs: int32.default(0),
    groups: array({
      errorCode: int16,
      errorMessage: string.nullable().default(null),
      groupId: string,
      groupState: string,
      groupEpoch: int32,
      assignmentEpoch: int32,
      assignorName: string,
      members: array({
        memberId: string,
        instanceId: string.nullable().default(null),
        rackId: string.nullable().default(null),
        memberEpoch: int32,
        clientId: string,
        clientHost: string,
        subscribedTopicNames: array(string),
        subscribedTopicRegex: string.nullable().default(null),
        assignment: struct(assignment),
        targetAssignment: struct(assignment),
        memberType: int8.since(1).default(-1).ignorable(),
      }),
      authorizedOperations: int32.default(NOT_ASKED),
    }),
  },
});

export type ConsumerGroupDescribeRequest = RequestOf<typeof consumerGroupDescribe>;
export type ConsumerGroupDescribeResponse = ResponseOf<typeof consumerGroupDescribe>;
