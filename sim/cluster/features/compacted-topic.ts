import { below } from '../../../src/base/random.ts';
import { chance, pick } from '../../chance.ts';
import { KeysKeepTheirLastValue } from '../../checkers/keys-keep-their-last-value.ts';
import { COMPACTED_PREFIX } from '../cluster-watch.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { IdempotentProducer } from '../producers.ts';
import { readThrough } from '../read-through.ts';

const TOPIC = `${COMPACTED_PREFIX}-keys`;
const PARTITIONS = 1;
const REPLICATION_FACTOR = 3;
const KEYS = 8;

/** A compacted topic: clients write and delete keys, and read from the beginning. */
export class CompactedTopic implements Feature {
  readonly #context: FeatureContext;
  readonly #changesPolicy: boolean;
  readonly #keys: KeysKeepTheirLastValue;
  readonly #producer: IdempotentProducer;
  readonly #deleteRetentionMs: number;
  /** By partition: the offset after the last acknowledged record. */
  readonly #ends: number[] = [];

  constructor(
    context: FeatureContext,
    options: {
      /** cleanup.policy changes to `delete`, with unlimited retention, and back. */
      readonly changesPolicy: boolean;
    },
  ) {
    this.#context = context;
    this.#changesPolicy = options.changesPolicy;
    this.#keys = new KeysKeepTheirLastValue(context.violations);
    const client = context.client('compacted-writer');
    this.#deleteRetentionMs = pick(client.random, [0, 500, 86_400_000]);
    this.#producer = new IdempotentProducer(client, {
      topic: TOPIC,
      partitions: PARTITIONS,
      make: (_, sequence) => ({
        key: `k${below(client.random, KEYS)}`,
        value: chance(client.random, 0.2) ? null : `v${sequence}`,
      }),
      checks: {
        sent: (partition, { key, value }) => this.#keys.sent(`${TOPIC}-${partition}`, String(key), value),
        acknowledged: (partition, offset, { key, value }) => {
          this.#ends[partition] = Math.max(offset + 1, this.#ends[partition] ?? 0);
          this.#keys.acknowledged(`${TOPIC}-${partition}`, String(key), value);
        },
      },
    });
  }

  async prepare(): Promise<void> {
    const { administrator } = this.#context;
    const { random } = administrator.client;
    await administrator.create({
      name: TOPIC,
      partitions: PARTITIONS,
      replicationFactor: REPLICATION_FACTOR,
      configs: {
        'cleanup.policy': 'compact',
        'segment.ms': String(100 + below(random, 1500)),
        'min.cleanable.dirty.ratio': pick(random, ['0', '0.01', '0.5']),
        'delete.retention.ms': String(this.#deleteRetentionMs),
        'retention.ms': '-1',
      },
    });
  }

  async run(): Promise<void> {
    const { isOver, isDraining } = this.#context;
    await Promise.all([
      this.#producer.run({ isOver, isDraining }),
      this.#read(),
      ...(this.#changesPolicy ? [this.#changePolicy()] : []),
    ]);
  }

  isDrained(): boolean {
    return this.#producer.isDrained;
  }

  check(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const name = `${TOPIC}-${partition}`;
      for (const { broker, records } of this.#context.watch.replicasOf(TOPIC, partition)) {
        this.#keys.read(name, {
          who: `broker ${broker}`,
          records: records.map(({ key, value }) => ({
            key: String(key),
            value: value === null ? null : String(value),
          })),
          since: this.#keys.expected(name),
          seesTombstones: true,
        });
      }
    }
  }

  async #read(): Promise<void> {
    const { client, isOver, simulation } = this.#context;
    const reader = client('compacted-reader');
    while (!isOver()) {
      await reader.pause(1000);
      const partition = below(reader.random, PARTITIONS);
      const name = `${TOPIC}-${partition}`;
      const since = this.#keys.expected(name);
      const startedAt = simulation.time;
      const upTo = this.#ends[partition] ?? 0;
      const found = await readThrough(reader, { topic: TOPIC, partition, upTo, isOver });
      if (!found) continue;
      this.#keys.read(name, {
        who: 'a consumer',
        records: found.map(({ key, value }) => ({
          key: String(key),
          value: value === null ? null : String(value),
        })),
        since,
        seesTombstones: simulation.time - startedAt < this.#deleteRetentionMs,
      });
    }
  }

  async #changePolicy(): Promise<void> {
    const { administrator, client, isDraining } = this.#context;
    const { random } = client('policy');
    while (!isDraining()) {
      await administrator.client.pause(3000);
      const policy = pick(random, ['compact', 'delete', 'compact,delete']);
      await administrator.client.tried(() => administrator.alterTopic(TOPIC, { 'cleanup.policy': policy }));
    }
  }
}
