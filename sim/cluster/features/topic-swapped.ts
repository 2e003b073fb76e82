import type { Uuid } from '../../../src/base/brand.ts';
import { below } from '../../../src/base/random.ts';
import { chance, pick, shuffled } from '../../chance.ts';
import { AcknowledgedRecordsSurvive } from '../../checkers/acknowledged-records-survive.ts';
import { LivesAreApart } from '../../checkers/lives-are-apart.ts';
import type { SimHost } from '../../sim-host.ts';
import { Administrator } from '../administrator.ts';
import type { ClusterClient } from '../cluster-client.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { IdempotentProducer } from '../producers.ts';
import { readByTopicId, type TopicLife } from '../topic-life.ts';

const TOPIC = 'swapped';
const PARTITIONS_MAX = 3;
/** Less than the number of brokers, so that a partition can move away from a broker and back. */
const REPLICATION_FACTOR = 2;
/** The number of former lives whose clients go on. */
const REMEMBERED = 3;

/**
 * A topic that is deleted and made again, with another number of partitions, while its replicas move: some
 * brokers have a replica of the former topic, some are to get one, and some learn of all that at once.
 * Producers and readers of the former topic go on with its id.
 */
export class TopicSwapped implements Feature {
  readonly #context: FeatureContext;
  readonly #survive: AcknowledgedRecordsSurvive;
  readonly #apart: LivesAreApart;
  readonly #mover: Administrator;
  readonly #lives: TopicLife[] = [];
  readonly #producing: Promise<void>[] = [];
  #count = 0;

  constructor(context: FeatureContext) {
    this.#context = context;
    this.#survive = new AcknowledgedRecordsSurvive(context.violations);
    this.#apart = new LivesAreApart(context.violations);
    const { client, isOver } = context;
    this.#mover = new Administrator(client('swap-mover'), { isOver, created: () => {} });
  }

  async prepare(): Promise<void> {
    await this.#make();
  }

  async run(): Promise<void> {
    const { client, isOver } = this.#context;
    const reader = client('swap-reader');
    await Promise.all([
      this.#swap(),
      this.#move(),
      readByTopicId(reader, {
        topic: TOPIC,
        life: () => {
          const [first, ...rest] = this.#lives.slice(-REMEMBERED);
          return first ? pick(reader.random, [first, ...rest]) : null;
        },
        apart: this.#apart,
        knowsOfDeletion: (host, topicId) => this.#knowsOfDeletion(host, topicId),
        isOver,
      }),
    ]);
  }

  isDrained(): boolean {
    const life = this.#lives.at(-1);
    return life !== undefined && !life.isEnded && life.producer.isDrained;
  }

  check(): void {
    const life = this.#lives.at(-1);
    if (!life) return;
    const { cluster, watch } = this.#context;
    for (let partition = 0; partition < life.partitions; partition++)
      for (const { broker, records } of watch.replicasOf(TOPIC, partition)) {
        const values = new Map(records.map(({ offset, value }) => [offset, String(value)]));
        for (const value of values.values()) this.#apart.saw(`broker ${broker}`, life.topicId, value);
        this.#survive.check(`${life.topicId}-${partition}`, values, { on: broker });
      }
    for (const [id, broker] of cluster.running())
      for (const { topic, topicId } of broker.replicas.all())
        if (topic === TOPIC && broker.image.topics.byId(topicId) === undefined)
          this.#apart.kept(`broker ${id}`, topicId);
  }

  async #swap(): Promise<void> {
    const { administrator, simulation, isOver, isDraining } = this.#context;
    const { client } = administrator;
    while (!isOver()) {
      const life = this.#lives.at(-1);
      if (!life) return;
      const until = simulation.time + 500 + below(client.random, 5000);
      while (!isOver() && (isDraining() || simulation.time < until)) await client.pause();
      if (isOver()) break;
      await this.#reassignAll(administrator);
      life.isEnded = true;
      // A broker that is away meanwhile learns of the deletion and of the next topic at once.
      const away = chance(client.random, 0.5) ? this.#anyHost(client) : undefined;
      away?.pause();
      await administrator.delete(life.topicId);
      if (chance(client.random, 0.3)) await client.pause(500);
      await this.#make();
      away?.resume();
    }
    await Promise.all(this.#producing);
  }

  async #make(): Promise<void> {
    const { administrator, client, isOver, isDraining } = this.#context;
    const { random } = administrator.client;
    const partitions = 1 + below(random, PARTITIONS_MAX);
    const topicId = await administrator.create({
      name: TOPIC,
      partitions,
      replicationFactor: REPLICATION_FACTOR,
      configs: {
        'min.insync.replicas': '2',
        'segment.ms': String(200 + below(random, 3000)),
        'retention.ms': '-1',
      },
    });
    if (topicId === null) return;
    const isNotNewest = () => this.#lives.at(-1)?.topicId !== topicId;
    const isForgotten = () =>
      isOver() || !this.#lives.slice(-REMEMBERED).some((one) => one.topicId === topicId);
    const producer = new IdempotentProducer(client(`swap-writer-${this.#count++}`), {
      topic: TOPIC,
      topicId,
      partitions,
      checks: {
        sent: (_, { value }) => this.#apart.sent(topicId, String(value)),
        acknowledged: (partition, offset, { value }) =>
          this.#survive.acknowledged(`${topicId}-${partition}`, offset, String(value)),
      },
    });
    this.#lives.push({ topicId, partitions, producer, isEnded: false });
    // It goes on with the id that it knows: what it has begun after the deletion must come to nothing.
    this.#producing.push(
      producer.run({ isOver: isForgotten, isDraining: () => isDraining() && !isNotNewest() }),
    );
  }

  /** Moves partitions all the time. */
  async #move(): Promise<void> {
    const { isDraining } = this.#context;
    const { client } = this.#mover;
    while (!isDraining()) {
      await client.pause(1500);
      if (!isDraining() && this.#lives.at(-1)?.isEnded === false) await this.#reassign(this.#mover);
    }
  }

  /** Has every partition under way to other brokers when the topic is deleted. */
  async #reassignAll(administrator: Administrator): Promise<void> {
    for (let partition = 0; partition < (this.#lives.at(-1)?.partitions ?? 0); partition++)
      await this.#reassign(administrator, partition);
  }

  async #reassign(administrator: Administrator, partition?: number): Promise<void> {
    const { cluster } = this.#context;
    const { client } = administrator;
    const replicas = shuffled(client.random, cluster.ids).slice(0, REPLICATION_FACTOR);
    const index = partition ?? below(client.random, this.#lives.at(-1)?.partitions ?? 1);
    const to = chance(client.random, 0.1) ? null : replicas;
    await client.tried(() => administrator.reassign(TOPIC, index, to));
  }

  #anyHost({ random }: ClusterClient): SimHost | undefined {
    const { cluster } = this.#context;
    const id = cluster.ids[below(random, cluster.ids.length)];
    return id === undefined ? undefined : cluster.host(id);
  }

  /** Whether the broker has heard of a later topic of the name. */
  #knowsOfDeletion(host: string, topicId: Uuid): boolean {
    const { cluster } = this.#context;
    const indexOf = (id: Uuid | undefined) => this.#lives.findIndex((life) => life.topicId === id);
    for (const [id, broker] of cluster.running())
      if (cluster.host(id).name === host)
        return indexOf(broker.image.topics.byName(TOPIC)?.id) > indexOf(topicId);
    return false;
  }
}
