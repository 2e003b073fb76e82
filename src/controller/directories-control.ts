import type { RecordOf } from '../metadata/records.ts';
import { errorCode } from '../protocol/errors.ts';
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../protocol/messages/73-assign-replicas-to-dirs.ts';
import { checkBrokerEpoch } from './broker-epoch.ts';
import { answer, type ControllerDecision } from './decision.ts';
import type { DecisionState } from './decision-state.ts';
import { minInSyncReplicasOf } from './eligible-leaders.ts';
import { partitionChange } from './partition-change.ts';
import { electionOf, isAcceptableLeader } from './partitions-control.ts';

/**
 * A broker says in which of its folders replicas lie (KIP-858). One that it puts into a folder that is not
 * online is not in sync and leads nothing from then on.
 */
export function assignReplicasToDirs(
  state: DecisionState,
  request: AssignReplicasToDirsRequest,
): ControllerDecision<AssignReplicasToDirsResponse> {
  const { image } = state;
  const { brokerId } = request;
  const broker = image.brokers.byId(brokerId);
  const stale = checkBrokerEpoch(image, brokerId, request.brokerEpoch);
  if (stale || !broker)
    return answer({
      throttleTimeMs: 0,
      errorCode: errorCode(stale ?? 'BROKER_ID_NOT_REGISTERED'),
      directories: [],
    });
  const records = new Map<string, RecordOf<'PartitionChangeRecord'>>();
  const assign = (directory: string, topicId: string, partitionId: number) => {
    const topic = image.topics.byId(topicId);
    if (!topic) return 'UNKNOWN_TOPIC_ID';
    const partition = topic.partitions[partitionId];
    if (!partition) return 'UNKNOWN_TOPIC_OR_PARTITION';
    if (!partition.replicas.includes(brokerId)) return 'NOT_LEADER_OR_FOLLOWER';
    const isOnline = broker.logDirs.includes(directory);
    const record = partitionChange(
      { topicId, partitionId },
      partition,
      {
        moved: { replica: brokerId, directory },
        isr: isOnline ? partition.isr : partition.isr.filter((id) => id !== brokerId),
      },
      {
        election: electionOf(state, topic),
        minInSyncReplicas: minInSyncReplicasOf(state, topic),
        isAcceptableLeader: (id) =>
          id === brokerId
            ? isOnline && !broker.fenced && !broker.inControlledShutdown
            : isAcceptableLeader(image, partition, id),
      },
    );
    // Named in two folders, it lies in the last.
    if (record) records.set(`${topicId}/${partitionId}`, record);
    else records.delete(`${topicId}/${partitionId}`);
    return 'NONE';
  };
  const directories = request.directories.map(({ id, topics }) => ({
    id,
    topics: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: errorCode(assign(id, topicId, partitionIndex)),
      })),
    })),
  }));
  return {
    records: [...records.values()],
    answer: { throttleTimeMs: 0, errorCode: errorCode('NONE'), directories },
  };
}
