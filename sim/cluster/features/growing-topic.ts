import { AcknowledgedRecordsSurvive } from '../../checkers/acknowledged-records-survive.ts';
import { OffsetsNeverChangeTheirRecord } from '../../checkers/offsets-never-change-their-record.ts';
import { SequencesHaveNoGap } from '../../checkers/sequences-have-no-gap.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { IdempotentProducer, recordChecks } from '../producers.ts';

const TOPIC = 'growing';
const MOST_PARTITIONS = 5;
const EVERY_MS = 3000;

/**
 * A topic that gets more partitions. Some producers know new partitions as soon as the controller does, and
 * ask brokers that do not know them yet; others know the old partitions only.
 */
export class GrowingTopic implements Feature {
  readonly #context: FeatureContext;
  readonly #survive: AcknowledgedRecordsSurvive;
  readonly #offsets: OffsetsNeverChangeTheirRecord;
  readonly #sequences: SequencesHaveNoGap;
  readonly #producers: IdempotentProducer[] = [];

  constructor(context: FeatureContext) {
    this.#context = context;
    this.#survive = new AcknowledgedRecordsSurvive(context.violations);
    this.#offsets = new OffsetsNeverChangeTheirRecord(context.violations);
    this.#sequences = new SequencesHaveNoGap(context.violations);
  }

  async prepare(): Promise<void> {
    await this.#context.administrator.create({ name: TOPIC, partitions: 1, replicationFactor: 3 });
  }

  async run(): Promise<void> {
    const { administrator, isOver, isDraining } = this.#context;
    const { client } = administrator;
    const working: Promise<void>[] = [];
    let written = 0;
    while (!isDraining()) {
      const known = this.#partitions;
      if (known > written) {
        working.push(this.#produce(known));
        written = known;
      }
      await client.pause(EVERY_MS);
      if (known < MOST_PARTITIONS && !isDraining())
        await client.tried(async () => {
          await administrator.addPartitions(TOPIC, known + 1);
        });
    }
    await Promise.all(working);
    while (!isOver()) await client.pause();
  }

  isDrained(): boolean {
    return this.#producers.every((producer) => producer.isDrained);
  }

  check(): void {
    for (let partition = 0; partition < this.#partitions; partition++) {
      const name = `${TOPIC}-${partition}`;
      for (const { broker, records } of this.#context.watch.replicasOf(TOPIC, partition)) {
        const values = new Map(records.map(({ offset, value }) => [offset, String(value)]));
        for (const [offset, value] of values) this.#offsets.told(name, offset, value);
        this.#survive.check(name, values, { on: broker, from: 0 });
        this.#sequences.check(name, values.values());
      }
    }
  }

  get #partitions(): number {
    return this.#context.cluster.image?.topics.byName(TOPIC)?.partitions.length ?? 0;
  }

  #produce(partitions: number): Promise<void> {
    const { client, isOver, isDraining } = this.#context;
    const producer = new IdempotentProducer(client(`grower-${partitions}`), {
      topic: TOPIC,
      partitions,
      checks: recordChecks(TOPIC, { survive: this.#survive, offsets: this.#offsets }),
    });
    this.#producers.push(producer);
    return producer.run({ isOver, isDraining });
  }
}
