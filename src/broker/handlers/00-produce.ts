import type { RequestOf, ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { produce } from '../../protocol/messages/00-produce.ts';
import { type Answer, CLOSE_CONNECTION, handle, NO_RESPONSE } from '../../server/handler.ts';
import { leaderEndpoints } from '../metadata-view/leader-endpoints.ts';
import { isOneBatch, isTransactional } from '../producing/one-batch.ts';
import { type ProduceContext, RequestAppend } from '../producing/request-append.ts';

type Response = ResponseOf<typeof produce>;

/**
 * Produce v3-13. One batch per partition, checked here (`checkAppend`) and by the log for its sequence; each
 * partition has its own error. The answer leaves when what `acks` asks for has happened: nothing for 0, the
 * page cache of this broker for 1, that of the whole ISR for -1.
 *
 * acks=0 has no answer to carry an error, so an error ends the connection, as in Kafka. v10 adds the new
 * leader to NOT_LEADER_OR_FOLLOWER (KIP-951), v13 names topics by id (KIP-516).
 *
 * On a full volume it answers KAFKA_STORAGE_ERROR with a sentence: producers take it as one to try again, and
 * go on when there is room.
 *
 * Advertised from v0 on although v0-2 are refused: librdkafka before 2.x would otherwise believe that the
 * broker has no record batches v2 (KAFKA-18659).
 *
 * A partition that is named again is INVALID_REQUEST the second time: Kafka keeps the last batch, and drops
 * the others without a word.
 *
 * Before the first batch of a transaction in a partition, the transaction's coordinator is asked whether the
 * partition is in it; from v12 on it becomes part of it that way (KIP-890).
 */
export const produceHandler = handle(
  produce,
  {
    versions: [3, 13],
    advertised: [0, 13],
    operations: ['TOPIC:WRITE', 'TRANSACTIONAL_ID:WRITE'],
    listeners: ['client', 'replication'],
    // The log copies what it takes before the handler returns.
    frame: 'borrowed',
  },
  (context: ProduceContext, request, info): Answer<Response> | Promise<Answer<Response>> => {
    const { acks, transactionalId } = request;
    const waitMs = Math.min(request.timeoutMs, info.waitMsMax);
    if (acks < -1 || acks > 1) return answerAll(request, 'INVALID_REQUIRED_ACKS');
    // A transactional id without records of a transaction asks for nothing.
    const needsId = transactionalId !== null && hasTransactionalRecords(request);
    if (needsId && !info.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId))
      return answerAll(request, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
    const append = new RequestAppend(context, info, { acks, transactionalId });
    const responses = request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index, records }) =>
        append.partition({ name, topicId, index, records }),
      ),
    }));
    const throttled = () => context.quotas.produced(info, info.requestBytes);
    if (acks === 0) {
      const unanswered = () => {
        throttled();
        return append.hasErrors ? CLOSE_CONNECTION : NO_RESPONSE;
      };
      return append.isPending ? append.wait(waitMs).then(unanswered) : unanswered();
    }
    const done = () => ({
      responses,
      throttleTimeMs: throttled(),
      nodeEndpoints: append.misdirected ? leaderEndpoints(context, info, leadersOf(responses)) : [],
    });
    return append.isPending ? append.wait(waitMs).then(done) : done();
  },
);

function hasTransactionalRecords({ topicData }: RequestOf<typeof produce>): boolean {
  return topicData.some(({ partitionData }) =>
    partitionData.some(({ records }) => records !== null && isOneBatch(records) && isTransactional(records)),
  );
}

function answerAll(request: RequestOf<typeof produce>, error: ErrorName): Answer<Response> {
  if (request.acks === 0) return CLOSE_CONNECTION;
  return {
    responses: request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({
        index,
        errorCode: errorCode(error),
        baseOffset: -1,
        recordErrors: [],
      })),
    })),
  };
}

function leadersOf(responses: Response['responses']): number[] {
  return responses.flatMap(({ partitionResponses }) =>
    partitionResponses.flatMap(({ currentLeader }) =>
      currentLeader?.leaderId === undefined ? [] : [currentLeader.leaderId],
    ),
  );
}
