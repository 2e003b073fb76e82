import type { Uuid } from '../../../src/base/brand.ts';
import { below } from '../../../src/base/random.ts';
import { chance } from '../../chance.ts';
import { AcknowledgedRecordsSurvive } from '../../checkers/acknowledged-records-survive.ts';
import { OffsetsNeverChangeTheirRecord } from '../../checkers/offsets-never-change-their-record.ts';
import { SequencesHaveNoGap } from '../../checkers/sequences-have-no-gap.ts';
import { DeletedRecords } from '../deleted-records.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { IdempotentProducer, recordChecks } from '../producers.ts';

const TOPIC = 'again';
const PARTITIONS = 2;
const REPLICATION_FACTOR = 3;

interface Generation {
  readonly topicId: Uuid;
  readonly producer: IdempotentProducer;
  readonly deleted: DeletedRecords;
  ended: boolean;
}

/**
 * A topic that is deleted and made again under its name, also while a broker is away. Its records are deleted
 * too.
 */
export class TopicMadeAgain implements Feature {
  readonly #context: FeatureContext;
  readonly #survive: AcknowledgedRecordsSurvive;
  readonly #offsets: OffsetsNeverChangeTheirRecord;
  readonly #sequences: SequencesHaveNoGap;
  #generation: Generation | null = null;
  #count = 0;

  constructor(context: FeatureContext) {
    this.#context = context;
    this.#survive = new AcknowledgedRecordsSurvive(context.violations);
    this.#offsets = new OffsetsNeverChangeTheirRecord(context.violations);
    this.#sequences = new SequencesHaveNoGap(context.violations);
  }

  async prepare(): Promise<void> {
    this.#generation = await this.#make();
  }

  async run(): Promise<void> {
    const { administrator, isOver, isDraining } = this.#context;
    const { client } = administrator;
    while (!isOver()) {
      const generation = this.#generation;
      if (!generation) return;
      const working = this.#work(generation);
      const until = this.#context.simulation.time + 200 + below(client.random, 6000);
      while (!isOver() && (isDraining() || this.#context.simulation.time < until)) await client.pause();
      generation.ended = true;
      await working;
      if (!isOver()) await this.#makeAgain(generation);
    }
  }

  isDrained(): boolean {
    const generation = this.#generation;
    return generation !== null && !generation.ended && generation.producer.isDrained;
  }

  check(): void {
    const generation = this.#generation;
    if (!generation) return;
    const name = nameOf(generation.topicId);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      for (const { broker, log, records } of this.#context.watch.replicasOf(TOPIC, partition)) {
        const values = new Map(records.map(({ offset, value }) => [offset, String(value)]));
        for (const [offset, value] of values) this.#offsets.told(`${name}-${partition}`, offset, value);
        generation.deleted.check(partition, { on: broker, log });
        const from = generation.deleted.upTo(partition);
        this.#survive.check(`${name}-${partition}`, values, { on: broker, from });
        if (from === 0) this.#sequences.check(`${name}-${partition}`, values.values());
      }
    }
  }

  async #work(generation: Generation): Promise<void> {
    const { isOver, isDraining } = this.#context;
    const isEnded = () => generation.ended || isOver();
    await Promise.all([
      generation.producer.run({ isOver: isEnded, isDraining: () => isDraining() || isEnded() }),
      generation.deleted.run(() => isDraining() || isEnded()),
    ]);
  }

  /** Some brokers are away meanwhile, and die after that. */
  async #makeAgain({ topicId }: Generation): Promise<void> {
    const { administrator, cluster } = this.#context;
    const { random } = administrator.client;
    const away = chance(random, 0.5) ? cluster.ids[below(random, cluster.ids.length)] : undefined;
    const host = away === undefined ? undefined : cluster.host(away);
    const dies = chance(random, 0.6);
    if (host) host.pause();
    await administrator.delete(topicId);
    if (chance(random, 0.5)) await administrator.client.pause(1000);
    this.#generation = (await this.#make()) ?? this.#generation;
    if (!host) return;
    if (dies) host.kill();
    host.resume();
  }

  async #make(): Promise<Generation | null> {
    const { administrator, client, cluster, violations } = this.#context;
    const topicId = await administrator.create({
      name: TOPIC,
      partitions: PARTITIONS,
      replicationFactor: REPLICATION_FACTOR,
      configs: { 'segment.ms': String(200 + below(administrator.client.random, 3000)), 'retention.ms': '-1' },
    });
    if (topicId === null) return null;
    const producer = new IdempotentProducer(client(`idempotent-${this.#count++}`), {
      topic: TOPIC,
      topicId,
      partitions: PARTITIONS,
      checks: recordChecks(nameOf(topicId), { survive: this.#survive, offsets: this.#offsets }),
    });
    const deleted = new DeletedRecords({
      topic: TOPIC,
      partitions: PARTITIONS,
      cluster,
      administrator,
      violations,
      before: this.#generation?.deleted,
      end: (partition) => this.#survive.end(`${nameOf(topicId)}-${partition}`),
    });
    return { topicId, producer, deleted, ended: false };
  }
}

function nameOf(topicId: Uuid): string {
  return `${TOPIC} (${topicId})`;
}
