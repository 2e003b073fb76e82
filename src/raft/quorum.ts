import type { Clock } from '../base/clock.ts';
import { type ErrorName, errorCode, errorMessage } from '../protocol/errors.ts';
import type { VoteRequest, VoteResponse } from '../protocol/messages/52-vote.ts';
import type {
  BeginQuorumEpochRequest,
  BeginQuorumEpochResponse,
} from '../protocol/messages/53-begin-quorum-epoch.ts';
import type {
  EndQuorumEpochRequest,
  EndQuorumEpochResponse,
} from '../protocol/messages/54-end-quorum-epoch.ts';
import type {
  DescribeQuorumRequest,
  DescribeQuorumResponse,
} from '../protocol/messages/55-describe-quorum.ts';
import { NO_MESSAGE } from '../protocol/no-message.ts';
import { nodeEndpointsSince } from './fetch.ts';
import type { RaftLeader } from './leader.ts';
import { METADATA_PARTITION, METADATA_TOPIC } from './metadata-topic.ts';
import type { Observers } from './observers.ts';

/** Vote, BeginQuorumEpoch and EndQuorumEpoch say where the leader listens since KIP-853. */
const ENDPOINTS_SINCE = 1;
/** From here on DescribeQuorum tells directories and listeners. */
const NODES_SINCE = 2;

/**
 * The quorum's own requests, answered by its only voter: it leads its epoch to the end of its life, so it
 * votes for nobody and follows nobody. Whoever asks in an older epoch is told the newer one.
 */
function refusal(
  leader: RaftLeader,
  asked: { readonly topicName: string; readonly partitionIndex: number; readonly epoch: number },
): ErrorName | null {
  if (asked.topicName !== METADATA_TOPIC || asked.partitionIndex !== METADATA_PARTITION)
    return 'UNKNOWN_TOPIC_OR_PARTITION';
  if (asked.epoch < leader.epoch) return 'FENCED_LEADER_EPOCH';
  return null;
}

function leadership(leader: RaftLeader) {
  return { leaderId: leader.failure ? -1 : leader.nodeId, leaderEpoch: leader.epoch };
}

export function vote(leader: RaftLeader, request: VoteRequest, apiVersion: number): VoteResponse {
  if (request.clusterId !== null && request.clusterId !== leader.clusterId)
    return { errorCode: errorCode('INCONSISTENT_CLUSTER_ID'), topics: [] };
  return {
    errorCode: errorCode('NONE'),
    topics: request.topics.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map(({ partitionIndex, replicaEpoch }) => ({
        partitionIndex,
        errorCode: errorCode(refusal(leader, { topicName, partitionIndex, epoch: replicaEpoch }) ?? 'NONE'),
        ...leadership(leader),
        voteGranted: false,
      })),
    })),
    ...nodeEndpointsSince(ENDPOINTS_SINCE, apiVersion, leader),
  };
}

export function beginQuorumEpoch(
  leader: RaftLeader,
  request: BeginQuorumEpochRequest,
  apiVersion: number,
): BeginQuorumEpochResponse {
  if (request.clusterId !== null && request.clusterId !== leader.clusterId)
    return { errorCode: errorCode('INCONSISTENT_CLUSTER_ID'), topics: [] };
  return {
    errorCode: errorCode('NONE'),
    topics: epochAnswers(leader, request.topics),
    ...nodeEndpointsSince(ENDPOINTS_SINCE, apiVersion, leader),
  };
}

export function endQuorumEpoch(
  leader: RaftLeader,
  request: EndQuorumEpochRequest,
  apiVersion: number,
): EndQuorumEpochResponse {
  if (request.clusterId !== null && request.clusterId !== leader.clusterId)
    return { errorCode: errorCode('INCONSISTENT_CLUSTER_ID'), topics: [] };
  return {
    errorCode: errorCode('NONE'),
    topics: epochAnswers(leader, request.topics),
    ...nodeEndpointsSince(ENDPOINTS_SINCE, apiVersion, leader),
  };
}

/** A leader of another name in our epoch or a later one cannot be: nobody could have elected it. */
function epochAnswers(
  leader: RaftLeader,
  topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly leaderId: number;
      readonly leaderEpoch: number;
    }[];
  }[],
) {
  return topics.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map(({ partitionIndex, leaderId, leaderEpoch }) => {
      const error =
        refusal(leader, { topicName, partitionIndex, epoch: leaderEpoch }) ??
        (leaderId === leader.nodeId ? null : 'INVALID_REQUEST');
      return { partitionIndex, errorCode: errorCode(error ?? 'NONE'), ...leadership(leader) };
    }),
  }));
}

export function describeQuorum(
  clock: Clock,
  leader: RaftLeader,
  observers: Observers,
  request: DescribeQuorumRequest,
  apiVersion: number,
): DescribeQuorumResponse {
  const now = clock.now();
  // As in Kafka, who asks for more than this one partition is told nothing of it.
  const isAlone = request.topics.length === 1 && request.topics[0]?.partitions.length === 1;
  const tellsNodes = apiVersion >= NODES_SINCE;
  return {
    errorCode: errorCode('NONE'),
    errorMessage: NO_MESSAGE,
    topics: request.topics.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map(({ partitionIndex }) => {
        const known = topicName === METADATA_TOPIC && partitionIndex === METADATA_PARTITION;
        if (!known || !isAlone)
          return {
            partitionIndex,
            errorCode: errorCode('UNKNOWN_TOPIC_OR_PARTITION'),
            errorMessage: errorMessage('UNKNOWN_TOPIC_OR_PARTITION'),
            leaderId: -1,
            leaderEpoch: -1,
            highWatermark: -1,
            currentVoters: [],
            observers: [],
          };
        return {
          partitionIndex,
          errorCode: errorCode('NONE'),
          errorMessage: NO_MESSAGE,
          ...leadership(leader),
          highWatermark: leader.highWatermark,
          currentVoters: [
            {
              replicaId: leader.nodeId,
              ...(tellsNodes ? { replicaDirectoryId: leader.voter.directoryId } : {}),
              logEndOffset: leader.endOffset,
              lastFetchTimestamp: now,
              lastCaughtUpTimestamp: now,
            },
          ],
          observers: observers
            .list()
            .map(({ replicaDirectoryId, ...rest }) => (tellsNodes ? { replicaDirectoryId, ...rest } : rest)),
        };
      }),
    })),
    nodes: tellsNodes ? [{ nodeId: leader.nodeId, listeners: [...leader.voter.endpoints] }] : [],
  };
}
