import { below } from '../../../src/base/random.ts';
import { chance } from '../../chance.ts';
import { AcknowledgedRecordsSurvive } from '../../checkers/acknowledged-records-survive.ts';
import { OffsetsNeverChangeTheirRecord } from '../../checkers/offsets-never-change-their-record.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { IdempotentProducer, recordChecks } from '../producers.ts';

const TOPIC = 'retained';
const PARTITIONS = 1;

/**
 * A topic whose old records are deleted by time or by size: only old records, only committed ones, and none
 * after them.
 */
export class RetainedTopic implements Feature {
  readonly #context: FeatureContext;
  readonly #survive: AcknowledgedRecordsSurvive;
  readonly #offsets: OffsetsNeverChangeTheirRecord;
  readonly #producer: IdempotentProducer;

  constructor(context: FeatureContext) {
    this.#context = context;
    this.#survive = new AcknowledgedRecordsSurvive(context.violations);
    this.#offsets = new OffsetsNeverChangeTheirRecord(context.violations);
    this.#producer = new IdempotentProducer(context.client('idempotent-retained'), {
      topic: TOPIC,
      partitions: PARTITIONS,
      checks: recordChecks(TOPIC, { survive: this.#survive, offsets: this.#offsets }),
    });
  }

  async prepare(): Promise<void> {
    const { administrator } = this.#context;
    const { random } = administrator.client;
    const limit: Record<string, string> = chance(random, 0.5)
      ? { 'retention.ms': String(1000 + below(random, 5000)) }
      : { 'retention.ms': '-1', 'retention.bytes': String(500 + below(random, 5000)) };
    await administrator.create({
      name: TOPIC,
      partitions: PARTITIONS,
      replicationFactor: 3,
      configs: { 'segment.ms': String(100 + below(random, 1000)), ...limit },
    });
  }

  async run(): Promise<void> {
    const { isOver, isDraining } = this.#context;
    await this.#producer.run({ isOver, isDraining });
  }

  isDrained(): boolean {
    return this.#producer.isDrained;
  }

  check(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const name = `${TOPIC}-${partition}`;
      for (const { broker, log, records } of this.#context.watch.replicasOf(TOPIC, partition)) {
        const values = new Map(records.map(({ offset, value }) => [offset, String(value)]));
        for (const [offset, value] of values) this.#offsets.told(name, offset, value);
        this.#survive.check(name, values, { on: broker, from: log.logStartOffset });
      }
    }
  }
}
