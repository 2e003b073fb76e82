import { byTopic, partitionKey, type TopicPartition } from '../base/topic-partition.ts';
import { errorName } from '../protocol/errors.ts';
import { listOffsets } from '../protocol/messages/02-list-offsets.ts';
import type { ClusterBrokers } from './connections/cluster-brokers.ts';
import { answerError, KafkaClientError } from './kafka-client-error.ts';

/** What ListOffsets calls the two ends of a log. */
export const LATEST = -1;
export const EARLIEST = -2;

export interface OffsetQuestion extends TopicPartition {
  /** LATEST, EARLIEST, or the first record at or after this time in milliseconds since 1970. */
  readonly timestamp: number;
}

export interface OffsetAnswer {
  /** Null when no record is that late. */
  readonly offset: number | null;
  readonly leaderEpoch: number;
}

/**
 * Asks the leaders; by `partitionKey`. Tries again for `callTimeoutMs`; rejects with the error of the first
 * partition that has none. With `read_committed` the latest offset is that of the first open transaction.
 */
export async function lookUpOffsets(
  cluster: ClusterBrokers,
  questions: readonly OffsetQuestion[],
  isolation: 'read_committed' | 'read_uncommitted',
): Promise<Map<string, OffsetAnswer>> {
  const found = new Map<string, OffsetAnswer>();
  await cluster.retried(async () => {
    const open = questions.filter((question) => !found.has(partitionKey(question)));
    const topics = new Set(open.map(({ topic }) => topic));
    if (open.some(({ topic, partition }) => cluster.view.leader(topic, partition) === null))
      await cluster.view.refresh(topics);
    const byLeader = new Map<number, OffsetQuestion[]>();
    const errors: KafkaClientError[] = [];
    for (const question of open) {
      const { topic, partition } = question;
      const known = await cluster.view.topic(topic);
      const leader = cluster.view.leader(topic, partition);
      const own = byLeader.get(leader?.id ?? -1);
      if (!leader)
        errors.push(
          answerError(
            `ListOffsets of ${topic}-${partition}`,
            known.partitions[partition] ? 'LEADER_NOT_AVAILABLE' : 'UNKNOWN_TOPIC_OR_PARTITION',
          ),
        );
      else if (own) own.push(question);
      else byLeader.set(leader.id, [question]);
    }
    const asked = [...byLeader].map(([leader, own]) => ask(cluster, leader, own, isolation, found, errors));
    await Promise.all(asked);
    const [first] = errors;
    if (!first) return;
    if (first.retriable) await cluster.view.refresh(topics);
    throw errors.find(({ retriable }) => !retriable) ?? first;
  });
  return found;
}

async function ask(
  cluster: ClusterBrokers,
  leader: number,
  questions: readonly OffsetQuestion[],
  isolation: 'read_committed' | 'read_uncommitted',
  found: Map<string, OffsetAnswer>,
  errors: KafkaClientError[],
): Promise<void> {
  const broker = cluster.view.broker(leader);
  if (!broker) return;
  try {
    const answer = await cluster.ask(broker, listOffsets, {
      replicaId: -1,
      isolationLevel: isolation === 'read_committed' ? 1 : 0,
      topics: [...byTopic(questions)].map(([name, own]) => ({
        name,
        partitions: own.map(({ partition, timestamp }) => ({ partitionIndex: partition, timestamp })),
      })),
      timeoutMs: cluster.requestTimeoutMs,
    });
    for (const { name, partitions } of answer.topics)
      for (const { partitionIndex, errorCode, offset, leaderEpoch } of partitions) {
        const key = partitionKey({ topic: name, partition: partitionIndex });
        if (errorCode === 0) found.set(key, { offset: offset === -1 ? null : offset, leaderEpoch });
        else errors.push(answerError(`ListOffsets of ${name}-${partitionIndex}`, errorName(errorCode)));
      }
  } catch (error) {
    if (!(error instanceof KafkaClientError)) throw error;
    errors.push(error);
  }
}
