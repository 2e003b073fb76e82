import { assert } from '../base/assert.ts';
import type { BrokerId, Uuid } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import type { ImageDelta } from '../metadata/delta.ts';
import { LOST_DIRECTORY } from '../metadata/directory-id.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { NO_LEADER, type PartitionImage } from '../metadata/topics.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { LogDirectory } from '../storage/log-directory.ts';
import { AwaitedFollowers } from './awaited-followers.ts';
import { ComingReplicas } from './coming-replicas.ts';
import type { IsrChanges } from './isr-changes.ts';
import { MissingReplicas } from './missing-replicas.ts';
import { Partition, type PartitionHost } from './partition.ts';
import { PartitionTraffic } from './partition-traffic.ts';
import { PartitionWatchers } from './partition-watchers.ts';
import type { ReplicaDirectories } from './replica-directories.ts';
import type { ReplicationThrottle } from './replication-throttle.ts';
import type { TopicSettings } from './topic-settings.ts';

export interface ReplicaManagerOptions {
  readonly brokerId: BrokerId;
  readonly logs: LogDirectory;
  readonly isrChanges: IsrChanges;
  readonly directories: ReplicaDirectories;
  readonly image: () => ClusterImage;
  readonly topicSettings: (topic: string) => TopicSettings;
  readonly lagTimeMaxMs: () => number;
  readonly fetchers: Fetchers;
  /** Limits what is sent to followers. */
  readonly leaderThrottle: ReplicationThrottle;
}

/** Who keeps followers filled. */
export interface Fetchers {
  follow(partition: Partition, leader: BrokerId): void;
  unfollow(partition: Partition): void;
}

/** Told what this broker's replicas have become. */
export interface RoleListener {
  becameLeader(partition: Partition): void;
  becameFollower(partition: Partition): void;
  removed(partition: Partition): void;
}

/** All replicas on this broker: follows the image of the cluster, and knows who waits for which of them. */
export class ReplicaManager {
  readonly #world: World;
  readonly #options: ReplicaManagerOptions;
  readonly #byTopic = new Map<string, Map<number, Partition>>();
  readonly #roleListeners: RoleListener[] = [];
  readonly #host: PartitionHost;
  readonly #missing: MissingReplicas;
  readonly #coming: ComingReplicas;
  /** Who watches which partition: fetch sessions, and fetches that wait for data. */
  readonly watchers = new PartitionWatchers();
  readonly awaitedFollowers: AwaitedFollowers;
  /** The traffic of replicas that are gone, so that what this broker counts in all never falls. */
  readonly goneTraffic = new PartitionTraffic();
  /** Partitions that the delta has moved which is applied now. */
  readonly #moved = new Set<Partition>();
  #isStopped = false;
  #shrinkTimer: { cancel(): void } | undefined;

  constructor(world: World, options: ReplicaManagerOptions) {
    this.#world = world;
    this.#options = options;
    this.awaitedFollowers = new AwaitedFollowers(world.clock);
    this.#coming = new ComingReplicas(world, options);
    this.#missing = new MissingReplicas(world, {
      open: (topicId, index) => this.#openMissing(topicId, index),
      lost: (topicId, index) => this.#lost(topicId, index),
    });
    this.#host = {
      brokerId: options.brokerId,
      lagTimeMaxMs: options.lagTimeMaxMs,
      minInSyncReplicas: (topic) => options.topicSettings(topic).minInSyncReplicas,
      eligibleEpoch: (id) => {
        const broker = options.image().brokers.byId(id);
        return broker && !broker.fenced && !broker.inControlledShutdown ? broker.epoch : null;
      },
      registeredEpoch: (id) => options.image().brokers.byId(id)?.epoch ?? null,
      changeIsr: (change, answered) => options.isrChanges.submit(change, answered),
      moved: (partition) => this.watchers.moved(partition),
    };
  }

  get logs(): LogDirectory {
    return this.#options.logs;
  }

  get leaderThrottle(): ReplicationThrottle {
    return this.#options.leaderThrottle;
  }

  /** min.insync.replicas of a topic. */
  minInSyncReplicas(topic: string): number {
    return this.#options.topicSettings(topic).minInSyncReplicas;
  }

  get brokerId(): BrokerId {
    return this.#options.brokerId;
  }

  /** A replica on this broker, whatever its role. */
  find(topic: string, index: number): Partition | undefined {
    return this.#byTopic.get(topic)?.get(index);
  }

  /** The replica, or what a client is told when there is none here. */
  lookup(topic: string, index: number): Partition | { readonly error: ErrorName } {
    const partition = this.find(topic, index);
    if (partition) return partition;
    const known = this.#options.image().topics.byName(topic);
    const state = known?.partitions[index];
    if (!known || !state) return { error: 'UNKNOWN_TOPIC_OR_PARTITION' };
    const isOffline = state.replicas.includes(this.brokerId) && !this.#missing.isAboutToOpen(known.id, index);
    return { error: isOffline ? 'KAFKA_STORAGE_ERROR' : 'NOT_LEADER_OR_FOLLOWER' };
  }

  *all(): IterableIterator<Partition> {
    for (const partitions of this.#byTopic.values()) yield* partitions.values();
  }

  /** Replicas that should be here and that a device refuses, or whose log takes no appends. */
  get offlineCount(): number {
    let faulty = 0;
    for (const { log } of this.all()) if (log.fault !== null) faulty++;
    return faulty + this.#missing.lostCount;
  }

  addRoleListener(listener: RoleListener): void {
    this.#roleListeners.push(listener);
  }

  /** Begins to judge the ISRs of led partitions, every half of replica.lag.time.max.ms. */
  start(): void {
    const again = () => {
      this.#shrinkTimer = this.#world.clock.after(this.#options.lagTimeMaxMs() / 2, () => {
        for (const partition of this.all()) partition.maybeShrinkIsr();
        again();
      });
    };
    again();
  }

  /**
   * Ends all roles, and none begins any more: an image may still come, because whoever reads the metadata log
   * stops later. Logs stay open for whoever owns the directory.
   */
  stop(): void {
    this.#isStopped = true;
    this.#coming.stop();
    this.#shrinkTimer?.cancel();
    this.#missing.stop();
    for (const partition of this.all()) {
      this.#options.fetchers.unfollow(partition);
      partition.resign('NOT_LEADER_OR_FOLLOWER');
      this.watchers.moved(partition);
    }
  }

  /** What takes long of a delta, done ahead of `applyDelta`; null when nothing does. */
  prepare(delta: ImageDelta): Promise<void> | null {
    return this.#coming.make(delta);
  }

  applyDelta(image: ClusterImage, delta: ImageDelta): void {
    // It was being prepared when this broker stopped. The next start applies it.
    if (this.#isStopped) return;
    const topics = delta.topics;
    if (topics) {
      for (const topic of topics.deleted.values())
        for (const index of topic.partitions.keys()) this.#remove(topic.name, index, topic.id);
      for (const topic of topics.changed.values())
        for (const [index, state] of topic.partitions) this.#apply(topic.name, topic.id, index, state);
    }
    if (delta.configs)
      this.#applyConfigs(delta.configs.changed('topic'), delta.configs.changed('broker').length > 0);
    if (delta.brokers) {
      for (const partition of this.all()) {
        partition.onEligibilityChanged();
        this.#follow(partition, image);
      }
    }
    this.#tellWhoWaits();
  }

  /**
   * Wakes whoever waits for a partition that moved; once for a whole delta, so that the answers tell all of
   * it.
   */
  #tellWhoWaits(): void {
    const moved = [...this.#moved];
    this.#moved.clear();
    for (const partition of moved) this.watchers.moved(partition);
    this.awaitedFollowers.hurry();
  }

  #apply(topic: string, topicId: Uuid, index: number, state: PartitionImage): void {
    if (!state.replicas.includes(this.brokerId)) {
      this.#remove(topic, index, topicId);
      return;
    }
    const partition = this.find(topic, index) ?? this.#create(topic, topicId, index);
    if (!partition) return;
    assert(partition.topicId === topicId, 'the replicas of a deleted topic go before the next one has any');
    this.#missing.delete(topicId, index);
    const told = state.directories[state.replicas.indexOf(this.brokerId)];
    this.#options.directories.opened({ topicId, index, directory: this.logs.directoryId }, told);
    if (state.leader === this.brokerId) {
      this.#options.fetchers.unfollow(partition);
      if (partition.makeLeader(state)) {
        this.awaitedFollowers.began(partition);
        for (const listener of this.#roleListeners) listener.becameLeader(partition);
      }
    } else {
      const changed = partition.makeFollower(state);
      if (changed) for (const listener of this.#roleListeners) listener.becameFollower(partition);
      if (partition.leaderId === NO_LEADER) this.#options.fetchers.unfollow(partition);
      else this.#follow(partition, this.#options.image());
    }
    // Those who wait may have to be told that the leader is elsewhere now.
    this.#moved.add(partition);
  }

  #follow(partition: Partition, image: ClusterImage): void {
    if (!partition.isFollower || partition.leaderId === NO_LEADER) return;
    if (image.brokers.byId(partition.leaderId)) this.#options.fetchers.follow(partition, partition.leaderId);
  }

  /**
   * Undefined when it cannot be now: it is tried again. Until then the replica is offline
   * (KAFKA_STORAGE_ERROR), and the broker serves its others.
   */
  #create(topic: string, topicId: Uuid, index: number): Partition | undefined {
    const { logs } = this.#options;
    const of = { topic, partition: index };
    let stored = logs.create(of, topicId);
    if ('error' in stored && stored.error === 'INCONSISTENT_TOPIC_ID') {
      // The image has another topic of this name, so the one that the folder belonged to is gone.
      this.#world.log.warn('a replica of a topic that is gone was left here', { ...of, ...stored });
      logs.makeStray(of);
      stored = logs.create(of, topicId);
    }
    if ('error' in stored) {
      this.#missing.add({ topicId, index }, stored);
      return undefined;
    }
    const { log } = stored;
    log.updateConfig(this.#options.topicSettings(topic).log);
    const partition = new Partition(this.#world, { topic, topicId, index, log, host: this.#host });
    const partitions = this.#byTopic.get(topic);
    if (partitions) partitions.set(index, partition);
    else this.#byTopic.set(topic, new Map([[index, partition]]));
    return partition;
  }

  #remove(topic: string, index: number, topicId: Uuid): void {
    const partitions = this.#byTopic.get(topic);
    const partition = partitions?.get(index);
    if (this.#missing.delete(topicId, index)) this.#options.logs.delete({ topic, partition: index }, topicId);
    if (!partitions || !partition || partition.topicId !== topicId) return;
    this.goneTraffic.add(partition.traffic);
    partitions.delete(index);
    if (partitions.size === 0) this.#byTopic.delete(topic);
    this.#options.fetchers.unfollow(partition);
    partition.resign('UNKNOWN_TOPIC_OR_PARTITION');
    for (const listener of this.#roleListeners) listener.removed(partition);
    this.awaitedFollowers.ended(partition);
    this.#moved.add(partition);
    this.#options.logs.delete({ topic, partition: index }, topicId);
  }

  /** What could not be opened; by now the replica may be another broker's, or the topic gone. */
  #openMissing(topicId: Uuid, index: number): boolean {
    const topic = this.#options.image().topics.byId(topicId);
    const state = topic?.partitions[index];
    if (!topic || !state?.replicas.includes(this.brokerId)) {
      this.#missing.delete(topicId, index);
      return false;
    }
    this.#apply(topic.name, topicId, index, state);
    this.#tellWhoWaits();
    return this.find(topic.name, index) !== undefined;
  }

  /** Its log cannot be opened: until it is, this replica is not to be in sync, nor to lead. */
  #lost(topicId: Uuid, index: number): void {
    const state = this.#options.image().topics.byId(topicId)?.partitions[index];
    if (!state || state.directories[state.replicas.indexOf(this.brokerId)] === LOST_DIRECTORY) return;
    this.#options.directories.assign({ topicId, index, directory: LOST_DIRECTORY });
  }

  #applyConfigs(topics: readonly string[], all: boolean): void {
    for (const topic of all ? [...this.#byTopic.keys()] : topics) {
      const partitions = this.#byTopic.get(topic);
      if (!partitions) continue;
      const { log } = this.#options.topicSettings(topic);
      for (const partition of partitions.values()) partition.log.updateConfig(log);
    }
  }
}
