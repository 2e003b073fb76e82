import { crashOnProgrammerError } from '../../base/programmer-error.ts';
import type { World } from '../../base/world.ts';
import { groupsConfigs } from '../../metadata/configs/broker/groups-configs.ts';
import { replicationConfigs } from '../../metadata/configs/broker/replication-configs.ts';
import { shareGroupsConfigs } from '../../metadata/configs/broker/share-groups-configs.ts';
import { topicsConfigs } from '../../metadata/configs/broker/topics-configs.ts';
import { transactionsConfigs } from '../../metadata/configs/broker/transactions-configs.ts';
import type { ConfigKey } from '../../metadata/configs/config-key.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE } from '../../metadata/internal-topics.ts';
import { type ErrorName, errorCode, errorName } from '../../protocol/errors.ts';
import type { CreatableTopic } from '../../protocol/messages/19-create-topics.ts';
import type { BrokerSettings } from '../configs/broker-settings.ts';
import type { ImageWaiters } from '../metadata-view/image-waiters.ts';

/**
 * How long a request that made a topic waits until this broker knows it; Kafka's clients ask again after 100
 * ms or so.
 */
const VISIBLE_TIMEOUT_MS = 2_000;
const CREATE_TIMEOUT_MS = 5_000;

type Forward = (topics: readonly CreatableTopic[], timeoutMs: number) => Promise<ReadonlyMap<string, number>>;

/**
 * Makes topics that somebody needs and nobody made: those a client asks metadata of
 * (auto.create.topics.enable), and the coordinators' own. Requests for the same topic share one creation.
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
    return this.#settings.get(topicsConfigs.autoCreateTopicsEnable);
  }

  /**
   * Resolves when the topic is known to this broker: with null, or why it is not. It is made with the
   * cluster's defaults, or as Kafka makes it when it is a coordinator's.
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

  async #attempt(topic: CreatableTopic): Promise<ErrorName | null> {
    try {
      const codes = await this.#create([topic], CREATE_TIMEOUT_MS);
      const code = codes.get(topic.name) ?? errorCode('UNKNOWN_SERVER_ERROR');
      return code === 0 ? null : errorName(code);
    } catch (error) {
      crashOnProgrammerError(this.#world, error);
      this.#world.log.warn('a topic could not be created', { topic: topic.name, error });
      return 'LEADER_NOT_AVAILABLE';
    }
  }

  #topic(name: string): CreatableTopic {
    const settings = this.#settings;
    const internal = (
      partitions: ConfigKey<number>,
      // Never fewer, however few brokers have registered: what is in it would have fewer copies for ever
      // (KAFKA-3959).
      replicas: ConfigKey<number>,
      configs: Record<string, string>,
    ): CreatableTopic => ({
      name,
      numPartitions: settings.get(partitions),
      replicationFactor: settings.get(replicas),
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    });
    if (name === CONSUMER_OFFSETS)
      return internal(groupsConfigs.offsetsTopicNumPartitions, groupsConfigs.offsetsTopicReplicationFactor, {
        'cleanup.policy': 'compact',
        'compression.type': 'producer',
        'segment.bytes': String(settings.get(groupsConfigs.offsetsTopicSegmentBytes)),
      });
    if (name === TRANSACTION_STATE)
      return internal(
        transactionsConfigs.transactionStateLogNumPartitions,
        transactionsConfigs.transactionStateLogReplicationFactor,
        {
          'cleanup.policy': 'compact',
          'compression.type': 'uncompressed',
          'unclean.leader.election.enable': 'false',
          'min.insync.replicas': String(settings.get(transactionsConfigs.transactionStateLogMinIsr)),
          'segment.bytes': String(settings.get(transactionsConfigs.transactionStateLogSegmentBytes)),
        },
      );
    if (name === SHARE_GROUP_STATE)
      return internal(
        shareGroupsConfigs.shareCoordinatorStateTopicNumPartitions,
        shareGroupsConfigs.shareCoordinatorStateTopicReplicationFactor,
        {
          // Its coordinator removes what nobody needs: an update without its snapshot says nothing.
          'cleanup.policy': 'delete',
          'compression.type': 'producer',
          'min.insync.replicas': String(settings.get(shareGroupsConfigs.shareCoordinatorStateTopicMinIsr)),
          'retention.ms': '-1',
          'segment.bytes': String(settings.get(shareGroupsConfigs.shareCoordinatorStateTopicSegmentBytes)),
        },
      );
    return {
      name,
      numPartitions: settings.get(topicsConfigs.numPartitions),
      replicationFactor: settings.get(replicationConfigs.defaultReplicationFactor),
      assignments: [],
      configs: [],
    };
  }
}
