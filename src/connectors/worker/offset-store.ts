import { plainJsonText, readPlainJson } from '../../base/plain-json.ts';
import { partitionKey } from '../../base/topic-partition.ts';
import type { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../kafka-client/kafka-client-error.ts';
import { EARLIEST, LATEST, logEnd } from '../../kafka-client/offset-lookup.ts';
import type { ProducerRecord } from '../../kafka-client/producer/producer-options.ts';
import type { SourceOffset } from '../kernel/connect-record.ts';
import { TaskStopped } from '../kernel/task-errors.ts';

/** As Kafka Connect's workers make it. */
const PARTITIONS = 25;
const POLL_MS = 500;

/**
 * Offsets of sources in Kafka Connect's own topic and format: key `["NAME",{"filename":"in.txt"}]`, value
 * `{"position":51}`.
 */
export class OffsetStore {
  readonly #topic: string;
  readonly #name: string;
  #offsets: ReadonlyMap<string, StoredOffset> = new Map();

  /** `name`: of the connector. */
  constructor(topic: string, name: string) {
    this.#topic = topic;
    this.#name = name;
  }

  /** Null where none was stored. */
  offset(sourcePartition: SourceOffset): SourceOffset | null {
    return this.#offsets.get(inOrder([this.#name, sourcePartition]))?.offset ?? null;
  }

  /** All of the connector. */
  all(): { readonly partition: SourceOffset; readonly offset: SourceOffset }[] {
    return [...this.#offsets.values()].map(({ partition, offset }) => ({ partition, offset }));
  }

  /** The record by which an offset is stored; null: by which it is forgotten. */
  record(sourcePartition: SourceOffset, sourceOffset: SourceOffset | null): ProducerRecord {
    const key = [this.#name, sourcePartition];
    return {
      topic: this.#topic,
      // As whoever stored it wrote it: for the topic another order of the same members is another key.
      key: this.#offsets.get(inOrder(key))?.key ?? Buffer.from(plainJsonText(key)),
      value: sourceOffset === null ? null : Buffer.from(plainJsonText(sourceOffset)),
    };
  }

  /**
   * Reads what is stored, and makes the topic when it is not there. Earlier tasks must be fenced before.
   * Where another task has a transaction open in the topic, what is behind its first offset counts only when
   * it has ended, and is waited for. Rejects with a KafkaClientError, and with TaskStopped when `signal` is
   * aborted.
   */
  async load(client: KafkaClient, signal: AbortSignal): Promise<void> {
    const partitions = await this.#partitions(client);
    const ask = (timestamp: number) =>
      client.admin.groups.offsetsAt(
        partitions.map((one) => ({ ...one, timestamp })),
        // The end of what is committed now is before a transaction that is open: not the end of what counts.
        'read_uncommitted',
      );
    const [begins, ends] = [await ask(EARLIEST), await ask(LATEST)];
    const open = new Map(
      partitions.flatMap((one) => {
        const begin = logEnd(begins, one);
        const end = logEnd(ends, one);
        return begin < end ? [[partitionKey(one), { ...one, offset: begin, end }] as const] : [];
      }),
    );
    const offsets = new Map<string, StoredOffset>();
    const consumer = client.consumer({ isolation: 'read_committed', offsetReset: 'earliest' });
    consumer.assign([...open.values()]);
    try {
      while (open.size > 0) {
        if (signal.aborted)
          throw new TaskStopped(
            `The offsets in ${this.#topic} could not be read to their end in time: a task that ended has a transaction open there, until it has lasted for its time-out.`,
          );
        for (const { key, value } of await consumer.poll(POLL_MS)) {
          const known = key === null ? null : keyOf(key.toString('utf8'));
          if (key === null || known === null || known.name !== this.#name) continue;
          const { partition } = known;
          const offset = value === null ? null : readPlainJson(value.toString('utf8'));
          if (isOffset(offset) && isOffset(partition)) offsets.set(known.inOrder, { key, partition, offset });
          else offsets.delete(known.inOrder);
        }
        for (const [key, one] of open) if ((consumer.position(one) ?? 0) >= one.end) open.delete(key);
      }
    } finally {
      await consumer.close();
    }
    this.#offsets = offsets;
  }

  async #partitions(client: KafkaClient) {
    const found = await this.#found(client);
    if (!found) {
      try {
        await client.admin.topics.create({
          name: this.#topic,
          partitions: PARTITIONS,
          replicationFactor: -1,
          configs: new Map([['cleanup.policy', 'compact']]),
        });
      } catch (error) {
        if (!(error instanceof KafkaClientError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error;
      }
    }
    const { partitions } = found ?? (await client.admin.topics.describe(this.#topic));
    return partitions.map((_, partition) => ({ topic: this.#topic, partition }));
  }

  async #found(client: KafkaClient) {
    const topics = await client.admin.topics.list();
    return topics.find(({ name }) => name === this.#topic) ?? null;
  }
}

interface StoredOffset {
  readonly key: Buffer;
  readonly partition: SourceOffset;
  readonly offset: SourceOffset;
}

function keyOf(
  text: string,
): { readonly name: unknown; readonly partition: unknown; readonly inOrder: string } | null {
  const json = readPlainJson(text);
  return Array.isArray(json) && json.length === 2
    ? { name: json[0], partition: json[1], inOrder: inOrder(json) }
    : null;
}

/** Members of an object in one order: Java's maps have none, so the same key may be written in two ways. */
function inOrder(value: unknown): string {
  return plainJsonText(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]));
}

function isOffset(value: unknown): value is SourceOffset {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
