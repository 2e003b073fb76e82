import { below } from '../../../src/base/random.ts';
import { chance, shuffled } from '../../chance.ts';
import { AcknowledgedRecordsSurvive } from '../../checkers/acknowledged-records-survive.ts';
import { OffsetsNeverChangeTheirRecord } from '../../checkers/offsets-never-change-their-record.ts';
import { SequencesHaveNoGap } from '../../checkers/sequences-have-no-gap.ts';
import { DeletedRecords } from '../deleted-records.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { IdempotentProducer, recordChecks } from '../producers.ts';

const TOPIC = 'moved';
const PARTITIONS = 2;
/** Less than the number of brokers, so that a partition can move away from a broker and back. */
const REPLICATION_FACTOR = 2;

/**
 * A topic with its own min.insync.replicas whose partitions move away and back, while records are deleted.
 */
export class MovedTopic implements Feature {
  readonly #context: FeatureContext;
  readonly #survive: AcknowledgedRecordsSurvive;
  readonly #offsets: OffsetsNeverChangeTheirRecord;
  readonly #sequences: SequencesHaveNoGap;
  readonly #producer: IdempotentProducer;
  readonly #deleted: DeletedRecords;

  constructor(context: FeatureContext) {
    this.#context = context;
    const { violations, administrator } = context;
    this.#survive = new AcknowledgedRecordsSurvive(violations);
    this.#offsets = new OffsetsNeverChangeTheirRecord(violations);
    this.#sequences = new SequencesHaveNoGap(violations);
    this.#producer = new IdempotentProducer(context.client('idempotent-moved'), {
      topic: TOPIC,
      partitions: PARTITIONS,
      checks: recordChecks(TOPIC, { survive: this.#survive, offsets: this.#offsets }),
    });
    this.#deleted = new DeletedRecords({
      topic: TOPIC,
      partitions: PARTITIONS,
      cluster: context.cluster,
      administrator,
      violations,
      end: (partition) => this.#survive.end(`${TOPIC}-${partition}`),
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
        'min.insync.replicas': '2',
        'segment.ms': String(200 + below(random, 3000)),
        'retention.ms': '-1',
      },
    });
  }

  async run(): Promise<void> {
    const { isOver, isDraining } = this.#context;
    await Promise.all([
      this.#producer.run({ isOver, isDraining }),
      this.#deleted.run(isDraining).then(() => this.#deleted.runLast(isOver)),
      this.#move(),
    ]);
  }

  isDrained(): boolean {
    return this.#producer.isDrained && this.#deleted.isDrained;
  }

  check(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const name = `${TOPIC}-${partition}`;
      for (const { broker, log, records } of this.#context.watch.replicasOf(TOPIC, partition)) {
        const values = new Map(records.map(({ offset, value }) => [offset, String(value)]));
        for (const [offset, value] of values) this.#offsets.told(name, offset, value);
        this.#deleted.check(partition, { on: broker, log });
        const from = this.#deleted.upTo(partition);
        this.#survive.check(name, values, { on: broker, from });
        if (from === 0) this.#sequences.check(name, values.values());
      }
    }
  }

  async #move(): Promise<void> {
    const { administrator, cluster, isDraining } = this.#context;
    const { client } = administrator;
    while (!isDraining()) {
      await client.pause(2000);
      if (isDraining()) return;
      const replicas = shuffled(client.random, cluster.ids).slice(0, REPLICATION_FACTOR);
      const partition = below(client.random, PARTITIONS);
      const to = chance(client.random, 0.1) ? null : replicas;
      await client.tried(() => administrator.reassign(TOPIC, partition, to));
    }
  }
}
