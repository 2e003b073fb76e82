import type { RequestOf, ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { listOffsets } from '../../protocol/messages/02-list-offsets.ts';
import { Partition } from '../../replication/partition.ts';
import { handle, type RequestInfo } from '../../server/handler.ts';
import type { TimestampedOffset } from '../../storage/timestamp-search.ts';
import type { BrokerContext } from '../context.ts';

interface Context {
  readonly replicas: Pick<BrokerContext['replicas'], 'lookup'>;
}

type Request = RequestOf<typeof listOffsets>;
type PartitionRequest = Request['topics'][number]['partitions'][number];
type TopicResponse = ResponseOf<typeof listOffsets>['topics'][number];
type PartitionResponse = ResponseOf<typeof listOffsets>['topics'][number]['partitions'][number];

const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
const EARLIEST_PENDING_UPLOAD = -6;
/** The first version in which a client may ask for each; an older client does not know what is meant. */
const SPECIAL_SINCE: ReadonlyMap<number, number> = new Map([
  [LATEST, 1],
  [EARLIEST, 1],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
]);
const READ_COMMITTED = 1;
const CONSUMER = -1;
/** A client that debugs may look at any replica, to its end. */
const DEBUGGER = -2;
const LEADER_EPOCH_SINCE = 4;
const OFFSET_NOT_AVAILABLE_SINCE = 5;

/**
 * ListOffsets v1-11: the log's start and end as the asker may see them, or the first record at or after a
 * timestamp. Special timestamps: -1 latest, -2 earliest, -3 the record with the largest timestamp (v7,
 * KIP-734), -4 earliest on this disk (v8), -5 latest in tiered storage (v9) and -6 earliest not yet there
 * (v11), which without tiered storage are unknown. A leader that has not yet committed up to the start of its
 * epoch does not know the latest offset: OFFSET_NOT_AVAILABLE (KIP-207).
 */
export const listOffsetsHandler = handle(
  listOffsets,
  {
    versions: [1, 11],
    operations: ['TOPIC:DESCRIBE'],
    listeners: ['client', 'replication'],
    claims: ({ replicaId }) => replicaId,
  },
  async (context: Context, request, info) => {
    const twice = duplicates(request);
    const topics: TopicResponse[] = [];
    for (const { name, partitions } of request.topics) {
      const answers: PartitionResponse[] = [];
      for (const asked of partitions) {
        const isTwice = twice.has(key(name, asked.partitionIndex));
        const { leaderEpoch, ...rest } = isTwice
          ? failed(asked, 'INVALID_REQUEST')
          : await answerFor(context, name, asked, request, info);
        answers.push(info.apiVersion >= LEADER_EPOCH_SINCE ? { ...rest, leaderEpoch } : rest);
      }
      topics.push({ name, partitions: answers });
    }
    return { throttleTimeMs: 0, topics };
  },
);

/**
 * A search holds only for the log that it was made in; after so many that were overtaken the client tries
 * again.
 */
const SEARCH_ATTEMPTS = 3;

async function answerFor(
  context: Context,
  topic: string,
  asked: PartitionRequest,
  request: Request,
  info: RequestInfo<'TOPIC:DESCRIBE'>,
): Promise<PartitionResponse> {
  if (!info.authorize('DESCRIBE', 'TOPIC', topic)) return failed(asked, 'TOPIC_AUTHORIZATION_FAILED');
  if (isUnsupported(asked.timestamp, info.apiVersion)) return failed(asked, 'UNSUPPORTED_VERSION');
  for (let attempt = 0; attempt < SEARCH_ATTEMPTS; attempt++) {
    const partition = context.replicas.lookup(topic, asked.partitionIndex);
    if (!(partition instanceof Partition)) return failed(asked, partition.error);
    const { leaderEpoch } = partition;
    const isSearch = asked.timestamp >= 0 || asked.timestamp === MAX_TIMESTAMP;
    const refusal = refusalOf(partition, asked, request);
    if (!isSearch || refusal) return answer(partition, asked, null, request, info);
    const timestamp = asked.timestamp === MAX_TIMESTAMP ? 'largest' : asked.timestamp;
    const search = await partition.log.reads.findTimestamp(timestamp);
    const now = context.replicas.lookup(topic, asked.partitionIndex);
    if (search === 'changed' || now !== partition || partition.leaderEpoch !== leaderEpoch) continue;
    if ('error' in search) return failed(asked, search.error);
    return answer(partition, asked, search.found, request, info);
  }
  return failed(asked, uncertainty(info));
}

function isUnsupported(timestamp: number | bigint, version: number): boolean {
  return timestamp < 0 && version < (SPECIAL_SINCE.get(Number(timestamp)) ?? Number.POSITIVE_INFINITY);
}

/** Errors that clients of the version try again after. */
function uncertainty(info: RequestInfo): ErrorName {
  return info.apiVersion >= OFFSET_NOT_AVAILABLE_SINCE ? 'OFFSET_NOT_AVAILABLE' : 'LEADER_NOT_AVAILABLE';
}

function refusalOf(partition: Partition, asked: PartitionRequest, request: Request): ErrorName | null {
  const epochError = partition.checkLeaderEpoch(asked.currentLeaderEpoch);
  if (epochError) return epochError;
  return partition.isLeader || request.replicaId === DEBUGGER ? null : 'NOT_LEADER_OR_FOLLOWER';
}

/** With the record that a search by timestamp found. */
function answer(
  partition: Partition,
  asked: PartitionRequest,
  record: TimestampedOffset | null,
  request: Request,
  info: RequestInfo,
): PartitionResponse {
  const refusal = refusalOf(partition, asked, request);
  if (refusal) return failed(asked, refusal);
  const { log } = partition;
  const isConsumer = request.replicaId === CONSUMER;
  const end = !isConsumer
    ? log.writtenEndOffset
    : request.isolationLevel === READ_COMMITTED
      ? log.lastStableOffset
      : log.highWatermark;
  const isUncertain = isConsumer && log.highWatermark < partition.epochStartOffset;
  const uncertain = () => failed(asked, uncertainty(info));

  switch (asked.timestamp) {
    case LATEST:
      return isUncertain ? uncertain() : found(asked, -1, end, partition.leaderEpoch);
    case EARLIEST:
    case EARLIEST_LOCAL:
      return found(asked, -1, log.logStartOffset, log.epochs.epochFor(log.logStartOffset));
    case LATEST_TIERED:
      return found(asked, -1, -1, -1);
    case EARLIEST_PENDING_UPLOAD:
      return found(asked, -1, -1, -1);
  }
  if (record && record.offset < end) return found(asked, record.timestamp, record.offset, record.leaderEpoch);
  return isUncertain ? uncertain() : found(asked, -1, -1, -1);
}

function found(
  asked: PartitionRequest,
  timestamp: number | bigint,
  offset: number,
  leaderEpoch: number,
): PartitionResponse {
  return { partitionIndex: asked.partitionIndex, errorCode: 0, timestamp, offset, leaderEpoch };
}

function failed(asked: PartitionRequest, error: ErrorName): PartitionResponse {
  return { partitionIndex: asked.partitionIndex, errorCode: errorCode(error) };
}

/** Partitions that the request names more than once. */
function duplicates(request: Request): ReadonlySet<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const one = key(name, partitionIndex);
      if (seen.has(one)) twice.add(one);
      seen.add(one);
    }
  }
  return twice;
}

function key(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
