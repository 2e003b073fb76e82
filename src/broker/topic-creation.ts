import type { World } from '../base/world.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { CONSUMER_OFFSETS, TRANSACTION_STATE } from '../metadata/internal-topics.ts';
import { type ErrorName, errorCode, errorName } from '../protocol/errors.ts';
import type { createTopics } from '../protocol/messages/19-create-topics.ts';
import type { BrokerSettings } from './broker-settings.ts';
import type { ImageWaiters } from './image-waiters.ts';

/** How long a request that made a topic waits until this broker knows it; Kafka's clients ask again after 100 ms or so. */
const VISIBLE_TIMEOUT_MS = 2_000;
const CREATE_TIMEOUT_MS = 5_000;

type NewTopic = Parameters<ReturnType<typeof createTopics.request>['encode']>[1]['topics'][number];
type Forward = (topics: readonly NewTopic[], timeoutMs: number) => Promise<ReadonlyMap<string, number>>;

/**
 * Makes topics that somebody needs and nobody made: those a client asks metadata of (auto.create.topics.enable), and
 * the coordinators' own. Requests for the same topic share one creation.
 */
export class TopicCreation {
  readonly #world: World;
  readonly #create: Forward;
  readonly #image: () => ClusterImage;
  readonly #waiters: ImageWaiters;
  readonly #settings: BrokerSettings;
  readonly #inFlight = new Map<string, Promise<ErrorName | null>>();

  constructor(
    world: World,
    options: {
      /** Sends CreateTopics to the controller; resolves with the error code of each topic. */
      readonly create: Forward;
      readonly image: () => ClusterImage;
      readonly waiters: ImageWaiters;
      readonly settings: BrokerSettings;
    },
  ) {
    this.#world = world;
    this.#create = options.create;
    this.#image = options.image;
    this.#waiters = options.waiters;
    this.#settings = options.settings;
  }

  /** auto.create.topics.enable */
  get isAutomatic(): boolean {
    return this.#settings.boolean('auto.create.topics.enable', true);
  }

  /**
   * Resolves when the topic is known to this broker: with null, or why it is not. It is made with the cluster's defaults,
   * or as Kafka makes it when it is a coordinator's.
   */
  ensure(name: string): Promise<ErrorName | null> {
    if (this.#image().topics.byName(name)) return Promise.resolve(null);
    const known = this.#inFlight.get(name);
    if (known) return known;
    const creation = this.#make(name).finally(() => this.#inFlight.delete(name));
    this.#inFlight.set(name, creation);
    return creation;
  }

  async #make(name: string): Promise<ErrorName | null> {
    const topic = this.#topic(name);
    const error = await this.#attempt(topic);
    if (error !== null && error !== 'TOPIC_ALREADY_EXISTS') return error;
    const isVisible = await this.#waiters.until(
      (image) => image.topics.byName(name)?.partitions[0] !== undefined,
      VISIBLE_TIMEOUT_MS,
    );
    return isVisible ? null : 'LEADER_NOT_AVAILABLE';
  }

  async #attempt(topic: NewTopic): Promise<ErrorName | null> {
    try {
      const codes = await this.#create([topic], CREATE_TIMEOUT_MS);
      const code = codes.get(topic.name) ?? errorCode('UNKNOWN_SERVER_ERROR');
      return code === 0 ? null : errorName(code);
    } catch (error) {
      this.#world.log.warn('a topic could not be created', { topic: topic.name, error });
      return 'LEADER_NOT_AVAILABLE';
    }
  }

  #topic(name: string): NewTopic {
    const settings = this.#settings;
    const internal = (prefix: string, configs: Record<string, string>): NewTopic => ({
      name,
      numPartitions: settings.number(`${prefix}.num.partitions`, 50),
      // Never fewer, however few brokers have registered: what is in it would have fewer copies for ever (KAFKA-3959).
      replicationFactor: settings.number(`${prefix}.replication.factor`, 3),
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    });
    if (name === CONSUMER_OFFSETS)
      return internal('offsets.topic', {
        'cleanup.policy': 'compact',
        'compression.type': 'producer',
        'segment.bytes': String(settings.number('offsets.topic.segment.bytes', 104_857_600)),
      });
    if (name === TRANSACTION_STATE)
      return internal('transaction.state.log', {
        'cleanup.policy': 'compact',
        'compression.type': 'uncompressed',
        'unclean.leader.election.enable': 'false',
        'min.insync.replicas': String(settings.number('transaction.state.log.min.isr', 2)),
        'segment.bytes': String(settings.number('transaction.state.log.segment.bytes', 104_857_600)),
      });
    return {
      name,
      numPartitions: settings.number('num.partitions', 1),
      replicationFactor: settings.number('default.replication.factor', 1),
      assignments: [],
      configs: [],
    };
  }
}
