import type { Clock } from '../../base/clock.ts';
import { partitionKey } from '../../base/topic-partition.ts';
import { WakeUp } from '../../base/wake-up.ts';
import {
  AdminError,
  type ClusterAdmin,
  type PartitionRefusal,
  type ReassignmentTarget,
} from './cluster-admin.ts';
import { type Move, sameBrokers, sameOrder } from './move.ts';
import { type BatchLimits, nextBatch } from './next-batch.ts';
import type { RebalancePlan } from './plan.ts';
import { type MoveRefusal, RefusedMoves } from './refused-moves.ts';
import { type SurveyedMove, survey } from './survey.ts';
import { throttlesOf } from './throttles.ts';

/**
 * What is copied at a time by default: enough to keep every broker busy, little enough to be taken back soon.
 */
const DEFAULT_BATCH: BatchLimits = { maxMoves: 50, maxBytes: 20 * 1024 ** 3 };
/** How often the cluster is asked while nothing changes. */
const POLL_MS = 2000;
/** How soon after something changed: small partitions are copied in no time. */
const POLL_SOON_MS = 100;
/**
 * Failures in a row before the rebalance gives up; with the waits between them about half a minute without a
 * cluster.
 */
const FAILURES_MAX = 15;

export interface RebalanceOptions extends Partial<BatchLimits> {
  /** Bytes a second for each broker, in and out; null does not throttle. */
  readonly bytesPerSecond: number | null;
  readonly onProgress?: (progress: RebalanceProgress) => void;
}

export interface RebalanceProgress {
  readonly movedPartitions: number;
  /** Those that are being copied now. */
  readonly movingPartitions: number;
  readonly totalPartitions: number;
  /** With what those that are being copied have already. */
  readonly movedBytes: number;
  readonly totalBytes: number;
}

export interface RebalanceOutcome {
  readonly state: 'COMPLETED' | 'CANCELLED';
  readonly progress: RebalanceProgress;
  /** Moves that were not done although nobody cancelled them. */
  readonly refused: readonly MoveRefusal[];
  /** Partitions whose preferred leader could not take over. */
  readonly notElected: readonly PartitionRefusal[];
  /** Brokers that were not there to be told that the throttle ended; `clearThrottles` tells them. */
  readonly throttledBrokers: readonly number[];
}

/**
 * Carries out a plan in bounded batches. The state is the plan and what the cluster says, so after a crash
 * another executor with the same plan goes on where this one stopped, whether it was moving, cancelling or
 * cleaning up.
 */
export class RebalanceExecutor {
  readonly #admin: ClusterAdmin;
  readonly #plan: RebalancePlan;
  readonly #options: RebalanceOptions;
  readonly #wakeUp: WakeUp;
  readonly #refused = new RefusedMoves();
  #bytesPerSecond: number | null;
  /** Whether every broker that is there knows the throttle that was asked for last. */
  #throttled = false;
  #cancelled = false;
  #progress: RebalanceProgress;

  constructor(clock: Clock, admin: ClusterAdmin, plan: RebalancePlan, options: RebalanceOptions) {
    this.#wakeUp = new WakeUp(clock);
    this.#admin = admin;
    this.#plan = plan;
    this.#options = options;
    this.#bytesPerSecond = options.bytesPerSecond;
    this.#progress = {
      movedPartitions: 0,
      movingPartitions: 0,
      totalPartitions: plan.moves.length,
      movedBytes: 0,
      totalBytes: plan.totalBytes,
    };
  }

  get progress(): RebalanceProgress {
    return this.#progress;
  }

  /**
   * Resolves when the plan is carried out, or the cancellation: throttles are gone and preferred leaders
   * lead. Rejects with AdminError when the cluster cannot be reached for long, and with the signal's reason;
   * then it may be run again.
   */
  async run(signal: AbortSignal): Promise<RebalanceOutcome> {
    let failures = 0;
    let waitMs = POLL_SOON_MS;
    for (;;) {
      signal.throwIfAborted();
      this.#wakeUp.answer();
      const before = this.#progress;
      try {
        const outcome = await this.#step();
        if (outcome !== 'GO ON') return outcome;
        failures = 0;
      } catch (error) {
        if (!(error instanceof AdminError)) throw error;
        failures++;
        if (!error.retriable || failures > FAILURES_MAX) throw error;
      }
      const changed =
        before.movedPartitions !== this.#progress.movedPartitions ||
        before.movingPartitions !== this.#progress.movingPartitions;
      waitMs = changed ? POLL_SOON_MS : Math.min(waitMs * 2, POLL_MS);
      await this.#wakeUp.wait(waitMs, signal);
    }
  }

  /**
   * What is being copied is taken back; what has arrived stays where it is, because taking that back would
   * copy it a second time. To cancel after a crash, call this before `run`.
   */
  cancel(): void {
    this.#cancelled = true;
    this.#wakeUp.call();
  }

  /** Changes the throttle of the moves that are under way too. */
  setThrottle(bytesPerSecond: number | null): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#throttled = false;
    this.#wakeUp.call();
  }

  async #step(): Promise<RebalanceOutcome | 'GO ON'> {
    const surveyed = await this.#look();
    const cancelled = this.#cancelled;
    const goesOn = cancelled ? await this.#withdraw(surveyed) : await this.#advance(surveyed);
    if (goesOn) return 'GO ON';
    const throttledBrokers = await clearThrottles(this.#admin, this.#plan);
    const notElected = await this.#electPreferred(surveyed);
    return {
      state: cancelled ? 'CANCELLED' : 'COMPLETED',
      progress: this.#progress,
      refused: this.#refused.all,
      notElected,
      throttledBrokers,
    };
  }

  async #look(): Promise<SurveyedMove[]> {
    const { moves } = this.#plan;
    // The reassignments first: one that ends in between is seen as done, not as pending.
    const ongoing = await this.#admin.listReassignments();
    const topics = [...new Set(moves.map(({ topic }) => topic))];
    const described = topics.length > 0 ? await this.#admin.describePartitions(topics) : [];
    const surveyed = survey(moves, described, ongoing);
    const moving = inState(surveyed, 'MOVING');
    const done = inState(surveyed, 'DONE');
    const doneBytes = done.reduce((sum, move) => sum + move.bytes, 0);
    // A move that the controller has just ended looks undone until brokers know of it; progress does not go
    // back for that.
    const last = this.#cancelled ? null : this.#progress;
    const progress: RebalanceProgress = {
      movedPartitions: Math.max(done.length, last?.movedPartitions ?? 0),
      movingPartitions: moving.length,
      totalPartitions: moves.length,
      movedBytes: Math.max(doneBytes + (await this.#copiedBytes(moving)), last?.movedBytes ?? 0),
      totalBytes: this.#plan.totalBytes,
    };
    this.#progress = progress;
    this.#options.onProgress?.(progress);
    return surveyed;
  }

  async #copiedBytes(moving: readonly Move[]): Promise<number> {
    const targets = new Set(moving.flatMap(added));
    if (targets.size === 0) return 0;
    const { sizes } = await this.#admin.logSizes([...targets], moving);
    const moves = new Map(moving.map((move) => [partitionKey(move), move]));
    return sizes.reduce((sum, size) => {
      const move = moves.get(partitionKey(size));
      if (!move || !added(move).includes(size.broker)) return sum;
      // Records that came since the plan was made do not count.
      return sum + Math.min(size.sizeInBytes, move.bytes / added(move).length);
    }, 0);
  }

  /** Starts what may be started; whether there is more to wait for. */
  async #advance(surveyed: readonly SurveyedMove[]): Promise<boolean> {
    this.#refused.judge(surveyed);
    const open = surveyed.filter(({ move }) => !this.#refused.has(move));
    const pending = inState(open, 'PENDING');
    const moving = inState(open, 'MOVING');
    if (pending.length + moving.length > 0 && !this.#throttled) {
      const bytesPerSecond = this.#bytesPerSecond;
      const { unreachable } = await this.#admin.setThrottles(throttlesOf(this.#plan.moves, bytesPerSecond));
      // Another throttle may have been asked for meanwhile.
      this.#throttled = unreachable.length === 0 && bytesPerSecond === this.#bytesPerSecond;
    }
    const batch = nextBatch(pending, moving, {
      maxMoves: this.#options.maxMoves ?? DEFAULT_BATCH.maxMoves,
      maxBytes: this.#options.maxBytes ?? DEFAULT_BATCH.maxBytes,
    });
    await this.#alter(batch.map(({ topic, partition, to }) => ({ topic, partition, replicas: to })));
    return open.some(({ state }) => state !== 'DONE');
  }

  /**
   * Takes back what is under way, then the order that Kafka does not take back; whether there is more to wait
   * for.
   */
  async #withdraw(surveyed: readonly SurveyedMove[]): Promise<boolean> {
    this.#refused.judge(surveyed);
    const moving = inState(surveyed, 'MOVING');
    if (moving.length > 0) {
      await this.#takeBack(moving);
      return true;
    }
    const shuffled = surveyed.filter(
      ({ move, replicas, state }) =>
        state === 'PENDING' &&
        !sameBrokers(move.from, move.to) &&
        sameBrokers(replicas, move.from) &&
        !sameOrder(replicas, move.from) &&
        !this.#refused.has(move),
    );
    await this.#alter(
      shuffled.map(({ move: { topic, partition, from } }) => ({ topic, partition, replicas: from })),
    );
    const unsettled = surveyed.some(({ move, state }) => state === 'CHANGED' && !this.#refused.has(move));
    return shuffled.length > 0 || unsettled;
  }

  /**
   * Kafka takes back the brokers and not their order, which is asked for at once. The next look could miss
   * it: the brokers may still describe the partition as it was before the move.
   */
  async #takeBack(moving: readonly Move[]): Promise<void> {
    const refused = await this.#alter(
      moving.map(({ topic, partition }) => ({ topic, partition, replicas: null })),
    );
    const taken = moving.filter((move) => !refused.has(partitionKey(move)));
    await this.#alter(taken.map(({ topic, partition, from }) => ({ topic, partition, replicas: from })));
  }

  /** The keys of the partitions that were refused. */
  async #alter(targets: readonly ReassignmentTarget[]): Promise<Set<string>> {
    const refused = new Set<string>();
    if (targets.length === 0) return refused;
    for (const refusal of await this.#admin.alterReassignments(targets)) {
      refused.add(partitionKey(refusal));
      // It ended before it could be cancelled: what came of it is seen at the next look.
      if (refusal.error === 'NO_REASSIGNMENT_IN_PROGRESS') continue;
      this.#refused.add(refusal);
    }
    return refused;
  }

  async #electPreferred(surveyed: readonly SurveyedMove[]): Promise<readonly PartitionRefusal[]> {
    const led = surveyed.filter(({ replicas, isr, leader }) => {
      const [preferred] = replicas;
      return preferred !== undefined && preferred !== leader && isr.includes(preferred);
    });
    return led.length > 0 ? this.#admin.electPreferred(led.map(({ move }) => move)) : [];
  }
}

/** Removes the throttles of a plan, whether it set them or not; the brokers that could not be told. */
export async function clearThrottles(admin: ClusterAdmin, plan: RebalancePlan): Promise<readonly number[]> {
  const { unreachable } = await admin.setThrottles(throttlesOf(plan.moves, null));
  return unreachable;
}

function inState(surveyed: readonly SurveyedMove[], state: SurveyedMove['state']): Move[] {
  return surveyed.filter((one) => one.state === state).map(({ move }) => move);
}

function added({ from, to }: Move): number[] {
  return to.filter((broker) => !from.includes(broker));
}
