import { assert } from '../base/assert.ts';
import { byTopic, partitionKey, type TopicPartition } from '../base/topic-partition.ts';
import { errorName } from '../protocol/errors.ts';
import { listOffsets } from '../protocol/messages/02-list-offsets.ts';
import type { ClusterBrokers } from './connections/cluster-brokers.ts';
import type { BrokerView } from './connections/cluster-view.ts';
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

/** The offset of a partition among answers about LATEST or EARLIEST, which all have one. */
export function logEnd(answers: ReadonlyMap<string, OffsetAnswer>, partition: TopicPartition): number {
  const { offset } = answers.get(partitionKey(partition)) ?? {};
  assert(typeof offset === 'number', 'both ends of a log have an offset');
  return offset;
}

/**
 * Asks the leaders; by `partitionKey`, with an answer for each question. Tries again for `callTimeoutMs`;
 * rejects with the error of the first partition that has none. With `read_committed` the latest offset is
 * that of the first open transaction.
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
    const byLeader = new Map<number, { readonly broker: BrokerView; readonly own: OffsetQuestion[] }>();
    const errors: KafkaClientError[] = [];
    for (const question of open) {
      const { topic, partition } = question;
      const known = await cluster.view.topic(topic);
      const leader = cluster.view.leader(topic, partition);
      const same = byLeader.get(leader?.id ?? -1);
      if (!leader)
        errors.push(
          answerError(
            `ListOffsets of ${topic}-${partition}`,
            known.partitions[partition] ? 'LEADER_NOT_AVAILABLE' : 'UNKNOWN_TOPIC_OR_PARTITION',
          ),
        );
      else if (same) same.own.push(question);
      else byLeader.set(leader.id, { broker: leader, own: [question] });
    }
    const asked = [...byLeader.values()].map(({ broker, own }) =>
      ask(cluster, broker, own, isolation, found, errors),
    );
    await Promise.all(asked);
    const [first] = errors;
    if (!first) return;
    if (first.retriable) await cluster.view.refresh(topics);
    throw errors.find(({ retriable }) => !retriable) ?? first;
  });
  return found;
}

/** Adds an answer or an error for each of the questions. */
async function ask(
  cluster: ClusterBrokers,
  broker: BrokerView,
  questions: readonly OffsetQuestion[],
  isolation: 'read_committed' | 'read_uncommitted',
  found: Map<string, OffsetAnswer>,
  errors: KafkaClientError[],
): Promise<void> {
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
    const told = new Map(
      answer.topics.flatMap(({ name: topic, partitions }) =>
        partitions.map((own) => [partitionKey({ topic, partition: own.partitionIndex }), own]),
      ),
    );
    for (const question of questions) {
      const { topic, partition, timestamp } = question;
      const own = told.get(partitionKey(question));
      // Both ends of a log have an offset; only a time may be later than all records.
      const isWithout = !own || (own.errorCode === 0 && own.offset === -1 && timestamp < 0);
      const error = isWithout ? 'OFFSET_NOT_AVAILABLE' : errorName(own.errorCode);
      if (own && error === 'NONE') {
        const { offset, leaderEpoch } = own;
        found.set(partitionKey(question), { offset: offset === -1 ? null : offset, leaderEpoch });
      } else errors.push(answerError(`ListOffsets of ${topic}-${partition}`, error));
    }
  } catch (error) {
    if (!(error instanceof KafkaClientError)) throw error;
    errors.push(error);
  }
}
