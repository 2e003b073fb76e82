import { ZERO_UUID } from '../base/brand.ts';
import type { DeferredSet } from '../base/deferred-set.ts';
import { type ErrorName, errorCode } from '../protocol/errors.ts';
import { type FetchRequest, type FetchResponse, fetchingReplica } from '../protocol/messages/01-fetch.ts';
import { fetchPosition } from './fetch-position.ts';
import type { RaftLeader } from './leader.ts';
import { METADATA_PARTITION, METADATA_TOPIC, METADATA_TOPIC_ID } from './metadata-topic.ts';
import type { Observers } from './observers.ts';

/** A fetch may ask for more; one answer holds no more than this, or one batch. */
const FETCH_BYTES_MAX = 8 * 1024 * 1024;
/** From here on Fetch tells where the leader listens. */
const ENDPOINTS_SINCE = 16;
/** Longer polls would outlast the connection's idle time. */
const WAIT_MS_MAX = 60_000;

type Partition = FetchRequest['topics'][number]['partitions'][number];

export interface FetchAnswer {
  readonly response: FetchResponse;
  /** To be called when the response was written. */
  release(): void;
}

/**
 * Fetch of the metadata log, in KRaft's form (KIP-595): observers get committed records only, and with one
 * voter there is nobody else. Whoever is up to date waits until something is committed, or until its time is
 * over.
 */
export async function fetchMetadata(
  leader: RaftLeader,
  request: FetchRequest,
  context: {
    readonly waiting: DeferredSet<'metadata'>;
    readonly observers: Observers;
    readonly apiVersion: number;
    /** Runs its argument when whoever asked was answered, or has gone. */
    readonly whenOver: (leave: () => void) => void;
  },
): Promise<FetchAnswer> {
  if (request.clusterId !== null && request.clusterId !== leader.clusterId)
    return plain({ throttleTimeMs: 0, errorCode: errorCode('INCONSISTENT_CLUSTER_ID'), responses: [] });
  const topic = request.topics[0];
  const wanted = topic?.partitions[0];
  const named =
    context.apiVersion >= 13 ? topic?.topicId === METADATA_TOPIC_ID : topic?.topic === METADATA_TOPIC;
  const single = request.topics.length === 1 && topic?.partitions.length === 1;
  if (!topic || !wanted || !single || !named || wanted.partition !== METADATA_PARTITION)
    return plain({ throttleTimeMs: 0, errorCode: errorCode('INVALID_REQUEST'), responses: [] });

  const replicaId = fetchingReplica(request, context.apiVersion);
  if (replicaId >= 0)
    context.observers.fetched({
      replicaId,
      directoryId: wanted.replicaDirectoryId ?? ZERO_UUID,
      fetchOffset: wanted.fetchOffset,
      leaderEndOffset: leader.highWatermark,
    });
  const first = answerNow(leader, wanted, request.maxBytes);
  // A replica that knows an older high watermark than ours is told at once (KIP-1166).
  const isNews = first.kind !== 'nothing' || wanted.highWatermark < leader.highWatermark;
  if (isNews || request.maxWaitMs <= 0) return respond(leader, topic, first, context.apiVersion);
  await new Promise<void>((done) => {
    const waiter = context.waiting.add({
      keys: ['metadata'],
      timeoutMs: Math.min(request.maxWaitMs, WAIT_MS_MAX),
      ready: () => leader.isOver || leader.highWatermark > wanted.fetchOffset,
      complete: () => done(),
    });
    context.whenOver(() => waiter.cancel());
  });
  return respond(leader, topic, answerNow(leader, wanted, request.maxBytes), context.apiVersion);
}

type Found =
  | { readonly kind: 'error'; readonly error: ErrorName; readonly partition: Partition }
  | {
      readonly kind: 'diverging';
      readonly epoch: number;
      readonly endOffset: number;
      readonly partition: Partition;
    }
  | {
      readonly kind: 'snapshot';
      readonly id: { readonly endOffset: number; readonly epoch: number };
      readonly partition: Partition;
    }
  | { readonly kind: 'nothing'; readonly partition: Partition }
  | {
      readonly kind: 'records';
      readonly parts: readonly Buffer[];
      release(): void;
      readonly partition: Partition;
    };

function answerNow(leader: RaftLeader, partition: Partition, maxBytes: number): Found {
  const error = leader.isOver ? 'NOT_LEADER_OR_FOLLOWER' : checkEpoch(leader, partition.currentLeaderEpoch);
  if (error) return { kind: 'error', error, partition };
  const position = fetchPosition(leader.log, partition);
  if (position.kind !== 'valid') return { ...position, partition };
  if (partition.fetchOffset >= leader.highWatermark) return { kind: 'nothing', partition };
  const read = leader.log.readOrSnapshot(partition.fetchOffset, {
    maxBytes: Math.min(maxBytes, partition.partitionMaxBytes, FETCH_BYTES_MAX),
    upTo: leader.highWatermark,
  });
  if ('endOffset' in read) return { kind: 'snapshot', id: read, partition };
  return { kind: 'records', parts: read.parts, release: read.release, partition };
}

export function checkEpoch(leader: RaftLeader, currentLeaderEpoch: number): ErrorName | null {
  if (currentLeaderEpoch < 0) return null;
  if (currentLeaderEpoch < leader.epoch) return 'FENCED_LEADER_EPOCH';
  if (currentLeaderEpoch > leader.epoch) return 'UNKNOWN_LEADER_EPOCH';
  return null;
}

function respond(
  leader: RaftLeader,
  topic: FetchRequest['topics'][number],
  found: Found,
  apiVersion: number,
): FetchAnswer {
  const failed = leader.isOver;
  return {
    response: {
      throttleTimeMs: 0,
      errorCode: errorCode('NONE'),
      responses: [
        {
          topic: topic.topic,
          topicId: topic.topicId,
          partitions: [
            {
              partitionIndex: found.partition.partition,
              errorCode: errorCode(found.kind === 'error' ? found.error : 'NONE'),
              highWatermark: leader.highWatermark,
              logStartOffset: leader.log.startOffset,
              divergingEpoch:
                found.kind === 'diverging' ? { epoch: found.epoch, endOffset: found.endOffset } : undefined,
              currentLeader: { leaderId: failed ? -1 : leader.nodeId, leaderEpoch: leader.epoch },
              snapshotId: found.kind === 'snapshot' ? found.id : undefined,
              abortedTransactions: null,
              records: found.kind === 'records' ? found.parts : [],
            },
          ],
        },
      ],
      ...nodeEndpointsSince(ENDPOINTS_SINCE, apiVersion, leader),
    },
    release: found.kind === 'records' ? found.release : () => {},
  };
}

/** Where the leader listens, as KRaft's answers tell since KIP-853: from this version of the answer on. */
export function nodeEndpointsSince(version: number, apiVersion: number, leader: RaftLeader) {
  if (apiVersion < version) return {};
  const { nodeId, voter } = leader;
  return { nodeEndpoints: voter.endpoints.map(({ host, port }) => ({ nodeId, host, port, rack: null })) };
}

function plain(response: FetchResponse): FetchAnswer {
  return { response, release() {} };
}
