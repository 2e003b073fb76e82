import { sleep } from '../../../src/base/clock.ts';
import { AcknowledgedRecordsSurvive } from '../../checkers/acknowledged-records-survive.ts';
import { RetriesAreNotDoubled } from '../../checkers/retries-are-not-doubled.ts';
import { PRODUCER_EXPIRATION_MS } from '../broker-configs.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { RetryingProducer } from '../retrying-producer.ts';

const TOPIC = 'expiring';
const PARTITIONS = 2;
const PRODUCERS = 4;
const LOOK_MS = 50;

/**
 * Idempotent producers that brokers forget after a few seconds without a batch, and that send their last batch
 * again: no record is there twice unless its producer was silent for that long.
 */
export class ExpiringProducers implements Feature {
  readonly #context: FeatureContext;
  readonly #survive: AcknowledgedRecordsSurvive;
  readonly #retries: RetriesAreNotDoubled;
  readonly #producers: readonly RetryingProducer[];
  #wasClockWrong = false;

  constructor(context: FeatureContext) {
    this.#context = context;
    const { simulation, violations, client, isOver, isDraining } = context;
    this.#survive = new AcknowledgedRecordsSurvive(violations);
    this.#retries = new RetriesAreNotDoubled(violations, { expirationMs: PRODUCER_EXPIRATION_MS });
    this.#producers = Array.from(
      { length: PRODUCERS },
      (_, i) =>
        new RetryingProducer(client(`retrying-${i}`), i % PARTITIONS, {
          topic: TOPIC,
          expirationMs: PRODUCER_EXPIRATION_MS,
          survive: this.#survive,
          retries: this.#retries,
          now: () => simulation.time,
          wasClockWrong: () => this.#wasClockWrong,
          isOver,
          isDraining,
        }),
    );
  }

  async prepare(): Promise<void> {
    await this.#context.administrator.create({
      name: TOPIC,
      partitions: PARTITIONS,
      replicationFactor: 3,
      configs: { 'message.timestamp.type': 'LogAppendTime' },
    });
  }

  async run(): Promise<void> {
    await Promise.all([this.#lookAtClocks(), ...this.#producers.map((producer) => producer.run())]);
  }

  isDrained(): boolean {
    return this.#producers.every((producer) => producer.isDrained);
  }

  check(): void {
    for (let partition = 0; partition < PARTITIONS; partition++)
      for (const { broker, records } of this.#context.watch.replicasOf(TOPIC, partition)) {
        const values = new Map(records.map(({ offset, value }) => [offset, String(value)]));
        this.#survive.check(`${TOPIC}-${partition}`, values, { on: broker });
        if (this.#wasClockWrong) continue;
        this.#retries.check(
          `${TOPIC}-${partition} on broker ${broker}`,
          records.map(({ value, batch }) => ({
            producer: `${batch.producerId}`,
            value: String(value),
            appendedAt: batch.maxTimestamp,
          })),
        );
      }
  }

  /** A broker whose clock is ahead takes what is new for old, as in Apache Kafka. */
  async #lookAtClocks(): Promise<void> {
    const { simulation, cluster, isOver } = this.#context;
    while (!isOver()) {
      this.#wasClockWrong ||= cluster.ids.some((id) => cluster.host(id).clockSkewMs !== 0);
      await sleep(simulation.clock, LOOK_MS);
    }
  }
}
