import type { Timer } from '../../base/clock.ts';
import { supervise } from '../../base/programmer-error.ts';
import type { World } from '../../base/world.ts';
import type { StateBatch } from '../../coordinator/share/records.ts';
import type { ShareKey } from '../../coordinator/share/share-key.ts';
import { combineBatches } from '../../coordinator/share/state-batches.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Refusal } from '../../protocol/refusal.ts';
import type { Partition } from '../../replication/partition.ts';
import type { DeliveryConfig } from '../configs/share-groups-config.ts';
import type { AcknowledgementBatch } from './acknowledgements.ts';
import type { AcquiredRecords } from './acquisition.ts';
import { Deliveries } from './deliveries.ts';
import type { Change } from './delivery.ts';
import type { FetchedBatch } from './fetched-batches.ts';
import { firstOffset } from './first-offset.ts';
import type { StateStore } from './state-store.ts';

/** What waits to be kept, in the order in which it was decided. */
interface Unkept {
  readonly batches: readonly StateBatch[];
  readonly change: Change | null;
  readonly kept: (error: Refusal | null) => void;
}

/**
 * After these the broker knows nothing of the share partition that counts: it reads it anew, or is not its
 * leader.
 */
const FENCED: readonly ErrorName[] = [
  'NOT_LEADER_OR_FOLLOWER',
  'GROUP_ID_NOT_FOUND',
  'UNKNOWN_TOPIC_OR_PARTITION',
];

export interface SharePartitionHost {
  readonly store: StateStore;
  config(groupId: string): DeliveryConfig;
  /** It counts no more. */
  ended(partition: SharePartition): void;
}

/**
 * A partition that this broker leads, as one share group reads it: it gives records to members and takes
 * their acknowledgements, each of which is answered when the share coordinator has it. It lives in one leader
 * epoch.
 */
export class SharePartition {
  readonly key: ShareKey;
  readonly replica: Partition;
  readonly leaderEpoch: number;
  readonly #world: World;
  readonly #host: SharePartitionHost;
  #deliveries: Deliveries | null = null;
  #stateEpoch = 0;
  #isLoading = false;
  #endedBy: ErrorName | null = null;
  /** No member is left here. */
  #isLeft = false;
  /** Somebody reads it from files: until that is over, nobody else reads the same records. */
  #isBeingRead = false;
  readonly #unkept: Unkept[] = [];
  #isWriting = false;
  #expiry: { readonly timer: Timer; readonly at: number } | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(
    world: World,
    options: { readonly key: ShareKey; readonly replica: Partition; readonly host: SharePartitionHost },
  ) {
    this.#world = world;
    this.key = options.key;
    this.replica = options.replica;
    this.leaderEpoch = options.replica.leaderEpoch;
    this.#host = options.host;
  }

  get config(): DeliveryConfig {
    return this.#host.config(this.key.groupId);
  }

  /** Why it counts no more, or has never counted; null while it does. */
  get endedBy(): ErrorName | null {
    return this.#endedBy;
  }

  /** Has its state brought here, if it is not; whoever waits is told when it is, or will not be. */
  load(): void {
    this.#isLeft = false;
    if (this.#isLoading || this.#deliveries || this.#isEnded) return;
    this.#isLoading = true;
    supervise(
      this.#world,
      this.#load().finally(() => {
        this.#isLoading = false;
        this.#wake();
      }),
    );
  }

  /** Whether it is known where the group stands, so that a member can be told that there is nothing. */
  get isLoaded(): boolean {
    return this.#deliveries !== null && !this.#isEnded;
  }

  /** Where a member may read now; null when there is nothing for it. */
  readableFrom(): number | null {
    const deliveries = this.#deliveries;
    if (!deliveries || this.#isEnded || this.#isBeingRead) return null;
    deliveries.moveStart(this.replica.log.logStartOffset);
    const { recordLocks, isReadCommitted } = this.config;
    const offset = deliveries.fetchOffset({ recordLocks });
    const { log } = this.replica;
    const end = isReadCommitted ? log.lastStableOffset : log.highWatermark;
    return offset === null || offset >= end ? null : offset;
  }

  /** Nobody else reads until the result is called. */
  beginRead(): () => void {
    this.#isBeingRead = true;
    return () => {
      this.#isBeingRead = false;
      this.#wake();
    };
  }

  /**
   * Locks what was read for the member. `aborted`: offsets of transactions that were aborted, which nobody
   * gets.
   */
  acquire(
    memberId: string,
    read: {
      readonly batches: readonly FetchedBatch[];
      readonly fetchOffset: number;
      readonly aborted: readonly FetchedBatch[];
    },
    wish: { readonly maxRecords: number; readonly batchSize: number; readonly isStrict: boolean },
  ): AcquiredRecords[] {
    const deliveries = this.#deliveries;
    if (!deliveries || this.#isEnded || read.batches.length === 0) return [];
    const { lockDurationMs, deliveryCountLimit, recordLocks } = this.config;
    const lockedUntil = this.#world.clock.monotonic() + lockDurationMs;
    const acquired = deliveries.acquire({
      ...wish,
      memberId,
      batches: read.batches,
      fetchOffset: read.fetchOffset,
      lockedUntil,
      limits: { deliveryCount: deliveryCountLimit, recordLocks },
    });
    this.#expireAt(lockedUntil);
    if (read.aborted.length === 0) return acquired;
    for (const { baseOffset, lastOffset } of read.aborted) deliveries.archive(baseOffset, lastOffset);
    return without(acquired, read.aborted);
  }

  /** Resolves with null when the share coordinator has it, or with why the acknowledgements do not count. */
  acknowledge(memberId: string, batches: readonly AcknowledgementBatch[]): Promise<Refusal | null> {
    const deliveries = this.#deliveries;
    if (!deliveries || this.#isEnded) return Promise.resolve(notHere);
    const { lockDurationMs, deliveryCountLimit } = this.config;
    const lockedUntil = this.#world.clock.monotonic() + lockDurationMs;
    const change = deliveries.acknowledge(memberId, batches, {
      lockedUntil,
      limits: { deliveryCount: deliveryCountLimit },
    });
    if (change === null) return Promise.resolve(null);
    if ('error' in change) return Promise.resolve(change);
    return this.#keep(change.batches, change);
  }

  /** The member has gone. */
  release(memberId: string): Promise<Refusal | null> {
    const limits = { deliveryCount: this.config.deliveryCountLimit };
    const change = this.#isEnded ? null : (this.#deliveries?.release(memberId, limits) ?? null);
    return change ? this.#keep(change.batches, change) : Promise.resolve(null);
  }

  /** Runs whenever there may be something to read that was not before, until the result is called. */
  onMoved(moved: () => void): () => void {
    this.#waiting.add(moved);
    return () => this.#waiting.delete(moved);
  }

  /** Whatever waits fails with this error. */
  end(error: ErrorName): void {
    if (this.#isEnded) return;
    this.#endedBy = error;
    this.#expiry?.timer.cancel();
    for (const { kept } of this.#unkept.splice(0)) kept({ error, message: null });
    this.#host.ended(this);
    this.#wake();
  }

  /** Ends as soon as everything that was decided is kept. */
  endWhenKept(): void {
    this.#isLeft = true;
    if (!this.#isWriting && this.#unkept.length === 0) this.end('NOT_LEADER_OR_FOLLOWER');
  }

  get #isEnded(): boolean {
    return this.#endedBy !== null;
  }

  async #load(): Promise<void> {
    const state = await this.#host.store.read(this.key, this.leaderEpoch);
    if (this.#isEnded) return;
    if ('error' in state) {
      this.end(state.error);
      return;
    }
    this.#stateEpoch = state.stateEpoch;
    const startOffset = state.startOffset === -1 ? await this.#begin() : state.startOffset;
    if (this.#isEnded) return;
    if (typeof startOffset !== 'number') {
      this.end(startOffset.error);
      return;
    }
    this.#deliveries = new Deliveries(startOffset, state.stateBatches);
  }

  /**
   * Where the group begins is kept before anybody reads: a leader after this one must not begin elsewhere.
   */
  async #begin(): Promise<number | Refusal> {
    const startOffset = await firstOffset(this.#world.clock, this.replica, this.config.autoOffsetReset);
    if (this.#isEnded) return notHere;
    if (typeof startOffset !== 'number') return { error: startOffset.error, message: null };
    const failure = await this.#host.store.write(this.key, {
      stateEpoch: this.#stateEpoch,
      leaderEpoch: this.leaderEpoch,
      startOffset,
      deliveryCompleteCount: 0,
      stateBatches: [],
    });
    return failure ?? startOffset;
  }

  /** One write at a time; what comes meanwhile goes with the next. */
  #keep(batches: readonly StateBatch[], change: Change | null): Promise<Refusal | null> {
    return new Promise((resolve) => {
      this.#unkept.push({ batches, change, kept: resolve });
      if (!this.#isWriting) supervise(this.#world, this.#write());
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#unkept.length > 0) {
      const deliveries = this.#deliveries;
      if (!deliveries) break;
      const written = this.#unkept.splice(0);
      const { startOffset } = deliveries;
      let stateBatches: readonly StateBatch[] = [];
      for (const { batches } of written)
        stateBatches = combineBatches(
          stateBatches,
          batches.toSorted((a, b) => a.firstOffset - b.firstOffset),
          startOffset,
        );
      const failure = await this.#host.store.write(this.key, {
        stateEpoch: this.#stateEpoch,
        leaderEpoch: this.leaderEpoch,
        startOffset,
        deliveryCompleteCount: deliveries.completeCount,
        stateBatches,
      });
      this.#written(written, failure);
    }
    this.#isWriting = false;
    if (this.#isLeft) this.endWhenKept();
  }

  #written(written: readonly Unkept[], failure: Refusal | null): void {
    for (const { change } of written) {
      if (!change) continue;
      if (failure) this.#deliveries?.rollBack(change);
      else this.#deliveries?.commit(change);
    }
    for (const { kept } of written) kept(failure);
    if (failure && FENCED.includes(failure.error)) this.end(failure.error);
    // A lock may have ended while its record was on its way.
    else this.#expire();
    this.#wake();
  }

  #expireAt(at: number): void {
    if (this.#isEnded || at === Number.POSITIVE_INFINITY) return;
    if (this.#expiry) {
      if (this.#expiry.at <= at) return;
      this.#expiry.timer.cancel();
    }
    const delayMs = Math.max(1, at - this.#world.clock.monotonic());
    const timer = this.#world.clock.after(delayMs, () => {
      this.#expiry = null;
      this.#expire();
    });
    this.#expiry = { timer, at };
  }

  /** Records whose lock is over are anybody's again, whether or not the share coordinator hears of it. */
  #expire(): void {
    const deliveries = this.#deliveries;
    if (!deliveries || this.#isEnded) return;
    const { deliveryCountLimit } = this.config;
    const batches = deliveries.expire(this.#world.clock.monotonic(), { deliveryCount: deliveryCountLimit });
    this.#expireAt(deliveries.nextExpiry);
    if (batches.length === 0) return;
    supervise(this.#world, this.#keep(batches, null));
    this.#wake();
  }

  #wake(): void {
    for (const moved of [...this.#waiting]) if (this.#waiting.has(moved)) moved();
  }
}

const notHere: Refusal = { error: 'NOT_LEADER_OR_FOLLOWER', message: null };

/** What is left of the records outside of these offsets. */
function without(acquired: readonly AcquiredRecords[], gone: readonly FetchedBatch[]): AcquiredRecords[] {
  let left = [...acquired];
  for (const { baseOffset, lastOffset } of gone)
    left = left.flatMap((one) => {
      if (one.lastOffset < baseOffset || one.firstOffset > lastOffset) return [one];
      const parts: AcquiredRecords[] = [];
      if (one.firstOffset < baseOffset) parts.push({ ...one, lastOffset: baseOffset - 1 });
      if (one.lastOffset > lastOffset) parts.push({ ...one, firstOffset: lastOffset + 1 });
      return parts;
    });
  return left;
}
