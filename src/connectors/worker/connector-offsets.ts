import type { World } from '../../base/world.ts';
import { KafkaClient } from '../../kafka-client/kafka-client.ts';
import { builtIn } from '../catalogue.ts';
import type { SourceOffset } from '../kernel/connect-record.ts';
import { OffsetStore } from './offset-store.ts';
import type { WorkerAssignment } from './worker-assignment.ts';
import { clientOptions } from './worker-settings.ts';

/** The largest 32-bit int: Kafka numbers partitions with one. */
const MOST_PARTITION = 2 ** 31 - 1;
/**
 * Less than whoever asks waits for an answer (30 seconds): what is changed behind that would be changed when
 * tasks may run again. A transaction that a task left open ends after 60 seconds, so it is asked again.
 */
const LOAD_MS = 20_000;

/**
 * Where a connector is in one part of what it reads, as Kafka Connect's REST interface has it; null: at no
 * place.
 */
export interface ConnectorOffset {
  readonly partition: SourceOffset;
  readonly offset: SourceOffset | null;
}

/** Offsets that no connector can have: the message says what is wrong with them. */
export class WrongOffsets extends Error {}

/** The offsets of a connector, read and changed while none of its tasks runs. */
export class ConnectorOffsets {
  readonly #world: World;
  readonly #properties: () => Readonly<Record<string, string>>;

  /** `properties`: of the worker, as those of Kafka Connect have them. */
  constructor(world: World, properties: () => Readonly<Record<string, string>>) {
    this.#world = world;
    this.#properties = properties;
  }

  /** Rejects with a KafkaClientError. */
  read(assignment: WorkerAssignment): Promise<readonly ConnectorOffset[]> {
    return this.#withClient(assignment, async (client) => {
      const { name } = assignment;
      if (!isSink(assignment)) return (await this.#stored(client, name)).all();
      const committed = await client.admin.groups.committed(groupOf(name));
      return committed.map(({ topic, partition, offset }) => ({
        partition: { kafka_topic: topic, kafka_partition: partition },
        offset: { kafka_offset: offset },
      }));
    });
  }

  /** Those that are not named stay. Rejects with WrongOffsets, or a KafkaClientError. */
  change(assignment: WorkerAssignment, offsets: readonly ConnectorOffset[]): Promise<void> {
    return this.#withClient(assignment, async (client) => {
      const { name } = assignment;
      if (isSink(assignment)) {
        const wanted = offsets.map(ofKafka);
        const { groups } = client.admin;
        await groups.alterOffsets(
          groupOf(name),
          wanted.flatMap(({ offset, ...one }) => (offset === null ? [] : [{ ...one, offset }])),
        );
        const without = wanted.filter(({ offset }) => offset === null);
        if (without.length > 0) await groups.deleteOffsets(groupOf(name), without);
        return;
      }
      checkPlaces(assignment, offsets);
      const store = await this.#stored(client, name);
      const producer = client.producer();
      try {
        await Promise.all(
          offsets.map(({ partition, offset }) => producer.send(store.record(partition, offset))),
        );
      } finally {
        await producer.close();
      }
    });
  }

  /** It begins as a connector that was never there. Rejects with a KafkaClientError. */
  async reset(assignment: WorkerAssignment): Promise<void> {
    const offsets = await this.read(assignment);
    if (offsets.length === 0) return;
    await this.change(
      assignment,
      offsets.map(({ partition }) => ({ partition, offset: null })),
    );
  }

  async #stored(client: KafkaClient, name: string): Promise<OffsetStore> {
    const store = new OffsetStore(this.#properties()['offset.storage.topic'] ?? '', name);
    const overdue = new AbortController();
    const timer = this.#world.clock.after(LOAD_MS, () => overdue.abort());
    try {
      await store.load(client, overdue.signal);
    } finally {
      timer.cancel();
    }
    return store;
  }

  async #withClient<T>({ name }: WorkerAssignment, use: (client: KafkaClient) => Promise<T>): Promise<T> {
    const client = new KafkaClient(
      this.#world,
      clientOptions(this.#properties(), `connector-offsets-${name}`),
    );
    try {
      return await use(client);
    } finally {
      client.close();
    }
  }
}

/** Of a request; null where it is none. */
export function offsetsIn(body: unknown): readonly ConnectorOffset[] | null {
  const { offsets } = fields(body);
  if (!Array.isArray(offsets) || offsets.length === 0) return null;
  const isOffset = (value: unknown): value is SourceOffset =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const read = offsets.map((one: unknown) => {
    const { partition, offset = null } = fields(one);
    return isOffset(partition) && (offset === null || isOffset(offset)) ? { partition, offset } : null;
  });
  const all = read.filter((one) => one !== null);
  return all.length === read.length ? all : null;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isSink({ tasks }: WorkerAssignment): boolean {
  return builtIn(tasks[0]?.texts['connector.class'] ?? '')?.kind === 'sink';
}

/** Of a source; a place that is forgotten may be one of before. Throws WrongOffsets. */
function checkPlaces({ tasks }: WorkerAssignment, offsets: readonly ConnectorOffset[]): void {
  const texts = tasks[0]?.texts ?? {};
  const spec = builtIn(texts['connector.class'] ?? '');
  for (const { partition, offset } of offsets) {
    if (offset === null || spec?.kind !== 'source') continue;
    const problem = spec.offsetProblem(texts, { partition, offset });
    if (problem !== null) throw new WrongOffsets(problem);
  }
}

function groupOf(name: string): string {
  return `connect-${name}`;
}

/** Of a sink, where texts count as numbers, as in Kafka Connect. Throws WrongOffsets. */
function ofKafka({ partition, offset }: ConnectorOffset) {
  const { kafka_topic: topic, kafka_partition: number } = partition;
  const wanted = offset === null ? null : whole(offset.kafka_offset);
  const found = whole(number);
  if (typeof topic !== 'string' || found === undefined || found > MOST_PARTITION)
    throw new WrongOffsets(
      `The partition of an offset of a sink has kafka_topic, and kafka_partition, which is a whole number up to ${MOST_PARTITION}.`,
    );
  if (wanted === undefined)
    throw new WrongOffsets('An offset of a sink is null, or has kafka_offset, which is a whole number.');
  return { topic, partition: found, offset: wanted };
}

function whole(value: unknown): number | undefined {
  const text = String(value ?? '');
  const number = Number(text);
  return text.trim() !== '' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
