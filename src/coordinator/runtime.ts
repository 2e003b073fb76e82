import type { World } from '../base/world.ts';
import type { ImageDelta } from '../metadata/delta.ts';
import { type ClusterImage, emptyImage } from '../metadata/image.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { CoordinatorLog, TransactionMarker } from './coordinator-log.ts';
import type { CoordinatorDecision } from './decision.ts';
import { HostedPartition } from './hosted-partition.ts';
import { partitionFor } from './partition-for.ts';
import type { CoordinatorKind, CoordinatorShard } from './shard.ts';
import type { Waiter } from './waiter.ts';

export type { CoordinatorLog } from './coordinator-log.ts';

/**
 * What every coordinator of a broker is: the shards of the partitions of one internal topic that this broker
 * leads, one state machine each: load, decide, append, replay at once, answer at commit. Every answer waits
 * until all that its decision could see is committed, so nothing leaves the process that a new leader might
 * not know; reads are decisions without records.
 */
export class CoordinatorRuntime<Shard extends CoordinatorShard<Record>, Record> {
  readonly #world: World;
  readonly #kind: CoordinatorKind<Shard, Record>;
  readonly #topic: string;
  readonly #commitTimeoutMs: number;
  readonly #hosted = new Map<number, HostedPartition<Shard, Record>>();
  readonly #image = () => this.#newest;
  #newest: ClusterImage = emptyImage;
  #stopped = false;

  /**
   * `topic`: the internal topic whose leaders coordinate. `commitTimeoutMs`: how long an answer waits for its
   * commit before it becomes REQUEST_TIMED_OUT.
   */
  constructor(
    world: World,
    kind: CoordinatorKind<Shard, Record>,
    options: { readonly topic: string; readonly commitTimeoutMs: number },
  ) {
    this.#world = world;
    this.#kind = kind;
    this.#topic = options.topic;
    this.#commitTimeoutMs = options.commitTimeoutMs;
  }

  /**
   * What the cluster knows now, and what changed in it. Shards that are loaded later begin with this image.
   */
  onImage(image: ClusterImage, delta: ImageDelta): void {
    this.#newest = image;
    for (const hosted of this.#hosted.values()) hosted.onImage(image, delta);
  }

  /**
   * This broker leads the partition in this epoch. Stale epochs are ignored; a new log of the same epoch is
   * loaded.
   */
  onElection(partition: number, leaderEpoch: number, log: CoordinatorLog): void {
    if (this.#stopped) return;
    const current = this.#hosted.get(partition);
    if (current && current.leaderEpoch > leaderEpoch) return;
    if (current?.leaderEpoch === leaderEpoch && current.log === log) return;
    current?.resign();
    const hosted = new HostedPartition(this.#world, this.#kind, {
      partition,
      leaderEpoch,
      log,
      image: this.#image,
      commitTimeoutMs: this.#commitTimeoutMs,
    });
    this.#hosted.set(partition, hosted);
    hosted.load();
  }

  /** This broker no longer leads the partition, as of this epoch (without one: at all). */
  onResignation(partition: number, leaderEpoch?: number): void {
    const current = this.#hosted.get(partition);
    if (!current) return;
    if (leaderEpoch !== undefined && leaderEpoch < current.leaderEpoch) return;
    this.#hosted.delete(partition);
    current.resign();
  }

  /** The partition whose leader coordinates this group or transactional id. */
  partitionFor(id: string): number {
    const partitions = this.#newest.topics.byName(this.#topic)?.partitions.length ?? 0;
    return partitionFor(id, Math.max(1, partitions));
  }

  /** True when commands for this partition are decided here now. */
  isActive(partition: number): boolean {
    return this.#hosted.get(partition)?.active ?? false;
  }

  /** The epoch in which this broker leads the partition, or undefined when it does not. */
  leaderEpoch(partition: number): number | undefined {
    return this.#hosted.get(partition)?.leaderEpoch;
  }

  /** The partitions led here, loaded or not. */
  partitions(): number[] {
    return [...this.#hosted.keys()];
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Decides a command. `failed` words what the runtime itself has to say: NOT_COORDINATOR,
   * COORDINATOR_LOAD_IN_PROGRESS, REQUEST_TIMED_OUT (not committed in time; it may be later), why the log
   * refused, or COORDINATOR_NOT_AVAILABLE once it is stopped.
   */
  run<Answer>(
    partition: number,
    decide: (shard: Shard, waiter: Waiter<Answer>) => CoordinatorDecision<Record, Answer>,
    failed: (error: ErrorName) => Answer,
  ): Promise<Answer> {
    if (this.#stopped) return Promise.resolve(failed('COORDINATOR_NOT_AVAILABLE'));
    const hosted = this.#hosted.get(partition);
    return hosted ? hosted.run(decide, failed) : Promise.resolve(failed('NOT_COORDINATOR'));
  }

  /** As `run`, by the shard of this group or transactional id. */
  runFor<Answer>(
    id: string,
    decide: (shard: Shard, waiter: Waiter<Answer>) => CoordinatorDecision<Record, Answer>,
    failed: (error: ErrorName) => Answer,
  ): Promise<Answer> {
    return this.run(this.partitionFor(id), decide, failed);
  }

  /**
   * Gathers what each shard led here lists. An error while one of them is being loaded, since the list would
   * not be whole.
   */
  async list<Entry>(entries: (shard: Shard) => Entry[]): Promise<Entry[] | { readonly error: ErrorName }> {
    if (this.#stopped) return { error: 'COORDINATOR_NOT_AVAILABLE' };
    const lists = await Promise.all(
      this.partitions().map((partition) =>
        this.run<Entry[] | { readonly error: ErrorName }>(
          partition,
          (shard) => ({ records: [], answer: entries(shard), replies: [] }),
          (error) => (error === 'NOT_COORDINATOR' ? [] : { error: clientError(error) }),
        ),
      ),
    );
    const all: Entry[] = [];
    for (const list of lists) {
      if ('error' in list) return list;
      for (const entry of list) all.push(entry);
    }
    return all;
  }

  /** Ends a producer's transaction in a partition; null, or why it could not. */
  completeTransaction(partition: number, marker: TransactionMarker): Promise<ErrorName | null> {
    return this.#hosted.get(partition)?.complete(marker) ?? Promise.resolve('NOT_COORDINATOR');
  }

  /** Answers everything that waits; further commands fail with COORDINATOR_NOT_AVAILABLE. */
  stop(): void {
    this.#stopped = true;
    for (const partition of this.partitions()) this.onResignation(partition);
  }
}

/** Not committed in time looks to a client like a coordinator that is not there: it asks again. */
export function clientError(error: ErrorName): ErrorName {
  return error === 'REQUEST_TIMED_OUT' ? 'COORDINATOR_NOT_AVAILABLE' : error;
}
