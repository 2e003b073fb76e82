import type { World } from '../base/world.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { CoordinatorLog, TransactionMarker } from './coordinator-log.ts';
import type { Decision } from './decision.ts';
import { HostedPartition } from './hosted-partition.ts';
import type { CoordinatorKind, CoordinatorShard } from './shard.ts';
import type { Waiter } from './waiter.ts';

export type { CoordinatorLog } from './coordinator-log.ts';

/**
 * Runs the shards of the partitions that this broker leads, one state machine each: load, decide, append, replay at
 * once, answer at commit. Every answer waits until all that its decision could see is committed, so nothing leaves
 * the process that a new leader might not know; reads are decisions without records.
 */
export class CoordinatorRuntime<Shard extends CoordinatorShard<Record>, Record> {
  readonly #world: World;
  readonly #kind: CoordinatorKind<Shard, Record>;
  readonly #commitTimeoutMs: number;
  readonly #hosted = new Map<number, HostedPartition<Shard, Record>>();

  /** `commitTimeoutMs`: how long an answer waits for its commit before it becomes REQUEST_TIMED_OUT. */
  constructor(
    world: World,
    kind: CoordinatorKind<Shard, Record>,
    options: { readonly commitTimeoutMs: number },
  ) {
    this.#world = world;
    this.#kind = kind;
    this.#commitTimeoutMs = options.commitTimeoutMs;
  }

  /** This broker leads the partition in this epoch. Stale epochs are ignored; a new log of the same epoch is loaded. */
  onElection(partition: number, leaderEpoch: number, log: CoordinatorLog): void {
    const current = this.#hosted.get(partition);
    if (current && current.leaderEpoch > leaderEpoch) return;
    if (current?.leaderEpoch === leaderEpoch && current.log === log) return;
    current?.resign();
    const hosted = new HostedPartition(this.#world, this.#kind, {
      partition,
      leaderEpoch,
      log,
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

  /**
   * Decides a command. `failed` words what the runtime itself has to say: NOT_COORDINATOR,
   * COORDINATOR_LOAD_IN_PROGRESS, REQUEST_TIMED_OUT (not committed in time; it may be later), or why the log refused.
   */
  run<Answer>(
    partition: number,
    decide: (shard: Shard, waiter: Waiter<Answer>) => Decision<Record, Answer>,
    failed: (error: ErrorName) => Answer,
  ): Promise<Answer> {
    const hosted = this.#hosted.get(partition);
    return hosted ? hosted.run(decide, failed) : Promise.resolve(failed('NOT_COORDINATOR'));
  }

  /** Ends a producer's transaction in a partition; null, or why it could not. */
  completeTransaction(partition: number, marker: TransactionMarker): Promise<ErrorName | null> {
    return this.#hosted.get(partition)?.complete(marker) ?? Promise.resolve('NOT_COORDINATOR');
  }

  stop(): void {
    for (const partition of this.partitions()) this.onResignation(partition);
  }
}
