import { api, type RequestOf, type ResponseOf } from '../api.ts';
import { array, int16, int32, offset, records, string, struct, uuid } from '../field.ts';

/**
 * Version 3 is the first with record batches (magic 2); brokers still advertise 0, because librdkafka takes a
 * higher minimum for a broker without compression. 9: flexible. 10: the new leader is told with the error
 * (KIP-951). 12: partitions join the transaction implicitly (KIP-890). 13: topics by id.
 */
export const produce = api({
  name: 'Produce',
  key: 0,
  versions: [3, 13],
  flexible: 9,
  request: {
    transactionalId: string.nullable().default(null),
    // -1 waits for the whole ISR, 1 for the leader, 0 for nothing: then there is no response at all.
    acks: int16,
    timeoutMs: int32,
    topicData: array({
      name: string.between(3, 12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitionData: array({
        index: int32,
        records: records.nullable(),
      }),
    }),
  },
  response: {
    responses: array({
      name: string.between(3, 12).ignorable(),
      topicId: uuid.since(13).ignorable(),
      partitionResponses: array({
        index: int32,
        errorCode: int16,
        baseOffset: offset,
        // -1 when the topic keeps the timestamps of the producer.
        logAppendTimeMs: offset.default(-1).ignorable(),
        logStartOffset: offset.since(5).default(-1).ignorable(),
        // The records a batch was refused for (KIP-467).
        recordErrors: array({
          batchIndex: int32,
          batchIndexErrorMessage: string.nullable().default(null),
        })
          .since(8)
          .ignorable(),
        errorMessage: string.nullable().since(8).default(null).ignorable(),
        currentLeader: struct({
          leaderId: int32.default(-1),
          leaderEpoch: int32.default(-1),
        })
          .since(10)
          .tagged(0),
      }),
    }),
    throttleTimeMs: int32.default(0).ignorable(),
    nodeEndpoints: array({
      nodeId: int32,
      host: string,
      port: int32,
      rack: string.nullable().default(null),
    })
      .since(10)
      .tagged(0),
  },
});

export type ProduceRequest = RequestOf<typeof produce>;
export type ProduceResponse = ResponseOf<typeof produce>;
