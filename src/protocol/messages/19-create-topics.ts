import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, bool, int8, int16, int32, string, uuid } from '../field.ts';

/**
 * 4: -1 takes the defaults of the broker (KIP-464). 5: the answer tells the configuration (KIP-525). 7: the
 * id.
 */
export const createTopics = api({
  name: 'CreateTopics',
  key: 19,
  versions: [2, 7],
  flexible: 5,
  request: {
    topics: array({
      name: string,
      // -1 for the default, or where replicas are assigned by hand.
      numPartitions: int32,
      // -1 for the default, or where replicas are assigned by hand.
      replicationFactor: int16,
      assignments: array({
        partitionIndex: int32,
        brokerIds: array(int32),
      }),
      configs: array({
        name: string,
        value: string.nullable(),
      }),
    }),
    timeoutMs: int32.default(60000),
    validateOnly: bool.default(false),
  },
  response: {
    throttleTimeMs: int32.default(0).ignorable(),
    topics: array({
      name: string,
      topicId: uuid.since(7).ignorable(),
      errorCode: int16,
      errorMessage: string.nullable().ignorable(),
      // Set when the client may not see the configuration, which is then null.
      topicConfigErrorCode: int16.since(5).tagged(0).ignorable(),
      numPartitions: int32.since(5).default(-1).ignorable(),
      replicationFactor: int16.since(5).default(-1).ignorable(),
      configs: array({
        name: string,
        value: string.nullable(),
        readOnly: bool,
        configSource: int8.default(-1).ignorable(),
        isSensitive: bool,
      })
        .nullable()
        .since(5)
        .ignorable(),
    }),
  },
});

export type CreateTopicsRequest = RequestOf<typeof createTopics>;
/** One topic of the request; the name is that of Kafka's schema. */
export type CreatableTopic = CreateTopicsRequest['topics'][number];
export type CreateTopicsResponse = ResponseOf<typeof createTopics>;
