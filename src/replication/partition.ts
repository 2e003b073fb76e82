import type { BrokerId, Offset, Uuid } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import type { PartitionImage } from '../metadata/topics.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { Appended, PartitionLog } from '../storage/partition-log.ts';
import { type Acked, AppendWaiters } from './append-waiters.ts';
import { DeletionWaiters } from './deletion-waiters.ts';
import type { FetchTimes, FollowerState } from './isr-rules.ts';
import { type LeaderHost, PartitionLeader } from './partition-leader.ts';
import { PartitionState } from './partition-state.ts';
import { PartitionTraffic } from './partition-traffic.ts';

/** What a partition asks of the broker around it. */
export interface PartitionHost extends LeaderHost {
  /**
   * There is something new of it for those who read it: its end, its high watermark, its start or its ISR.
   */
  moved(partition: Partition): void;
}

/** The batches of one append, and how long its caller wants to wait. */
export interface LeaderAppend {
  readonly records: Buffer;
  readonly origin: 'client' | 'coordinator';
  readonly acks: 'leader' | 'all';
  /**
   * Runs once, when the append is as durable as `acks` asks, or never will be. Not called when the append was
   * refused. Without it nobody waits.
   */
  readonly acked?: Acked;
  /** Whether whoever waited has gone; see `waiterLeft`. */
  readonly hasLeft?: () => boolean;
}

/**
 * One replica on this broker, in the role that the image of the cluster gives it: `PartitionLeader` has what
 * it does while it leads.
 */
export class Partition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: number;
  readonly log: PartitionLog;
  readonly traffic = new PartitionTraffic();
  readonly deletions = new DeletionWaiters();

  readonly #host: PartitionHost;
  readonly #state = new PartitionState();
  readonly #leader: PartitionLeader;
  readonly #waiters = new AppendWaiters();
  #leaderHighWatermark: Offset = -1;
  readonly #committedListeners = new Set<() => void>();
  readonly #lostListeners = new Set<(error: ErrorName) => void>();

  constructor(
    world: World,
    options: {
      readonly topic: string;
      readonly topicId: Uuid;
      readonly index: number;
      readonly log: PartitionLog;
      readonly host: PartitionHost;
    },
  ) {
    this.topic = options.topic;
    this.topicId = options.topicId;
    this.index = options.index;
    this.log = options.log;
    this.#host = options.host;
    this.#leader = new PartitionLeader(world, options.host, {
      topic: this.topic,
      topicId: this.topicId,
      index: this.index,
      state: this.#state,
      log: this.log,
      committed: () => this.#onCommitted(),
      followerBegins: () => this.#onLowWatermark(),
      isrAnswered: () => this.#host.moved(this),
    });
    this.log.onWritten(() => this.#onWritten());
    this.log.onDurable(() => this.#onDurable());
    this.log.onFailed(() => this.#onFailed());
    this.log.trimming.onStartMoved(() => this.#host.moved(this));
  }

  get isLeader(): boolean {
    return this.#state.role === 'leader';
  }
  get isFollower(): boolean {
    return this.#state.role === 'follower';
  }
  get leaderId(): BrokerId {
    return this.#state.leaderId;
  }
  get leaderEpoch(): number {
    return this.#state.leaderEpoch;
  }
  get partitionEpoch(): number {
    return this.#state.partitionEpoch;
  }
  /** The committed ISR, as the controller knows it. */
  get isr(): readonly BrokerId[] {
    return this.#state.isr;
  }
  get replicas(): readonly BrokerId[] {
    return this.#state.replicas;
  }
  get epochStartOffset(): Offset {
    return this.#leader.epochStartOffset;
  }
  /** While this broker leads; see `PartitionLeader`. */
  get lowWatermark(): Offset {
    return this.#leader.lowWatermark;
  }
  /** As a follower: what the leader of this epoch said last; it may lie beyond this log. -1 before that. */
  get leaderHighWatermark(): Offset {
    return this.#leaderHighWatermark;
  }
  follower(id: BrokerId): FollowerState | undefined {
    return this.#leader.follower(id);
  }
  /** Up to here a replica that has the role may be read: what is in the page cache. */
  get readableEndOffset(): Offset {
    return this.log.writtenEndOffset;
  }

  /** Runs whenever the high watermark moved, while this broker leads. */
  onCommitted(listener: () => void): () => void {
    this.#committedListeners.add(listener);
    return () => this.#committedListeners.delete(listener);
  }
  /**
   * Runs when appended records are lost because their write failed; the end of a role is told by
   * `RoleListener`.
   */
  onLost(listener: (error: ErrorName) => void): () => void {
    this.#lostListeners.add(listener);
    return () => this.#lostListeners.delete(listener);
  }

  /** Takes the state in which this broker leads. Returns whether a new leader epoch began here. */
  makeLeader(state: PartitionImage): boolean {
    // The answer of AlterPartition may have told us already; what was asked since then must stay in force.
    const isKnown = this.#state.role === 'leader' && state.partitionEpoch === this.#state.partitionEpoch;
    if (isKnown || state.partitionEpoch < this.#state.partitionEpoch) return false;
    const isNewEpoch = this.#state.role !== 'leader' || state.leaderEpoch > this.#state.leaderEpoch;
    this.#state.take(state);
    this.#state.role = 'leader';
    if (isNewEpoch) this.#leader.beginEpoch();
    this.#leader.stateChanged();
    this.#onLowWatermark();
    return isNewEpoch;
  }

  /**
   * Takes the state in which another broker leads, or none. Returns whether the leader or its epoch changed.
   */
  makeFollower(state: PartitionImage): boolean {
    if (state.partitionEpoch < this.#state.partitionEpoch) return false;
    const changed =
      this.#state.role !== 'follower' ||
      state.leaderEpoch > this.#state.leaderEpoch ||
      state.leader !== this.#state.leaderId;
    const led = this.#state.role === 'leader';
    this.#state.take(state);
    this.#state.role = 'follower';
    if (changed) this.#leaderHighWatermark = -1;
    this.#leader.end();
    if (led) this.#leave('NOT_LEADER_OR_FOLLOWER');
    return changed;
  }

  /** Ends every role: the replica goes, or its log failed. */
  resign(error: ErrorName): void {
    this.#state.role = 'none';
    this.#leader.end();
    this.#leave(error);
  }

  #leave(error: ErrorName): void {
    this.#waiters.fail(error);
    this.deletions.fail(error);
  }

  /**
   * FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH when the peer's epoch is not ours; -1 asks for no check
   * (KIP-320).
   */
  checkLeaderEpoch(epoch: number): ErrorName | null {
    if (epoch === -1 || epoch === this.#state.leaderEpoch) return null;
    return epoch < this.#state.leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH';
  }

  /** Appends as the leader. The records have been checked; offsets are patched into them. */
  append(append: LeaderAppend): Appended | { readonly error: ErrorName; readonly message?: string } {
    if (this.#state.role !== 'leader') return { error: 'NOT_LEADER_OR_FOLLOWER' };
    if (append.acks === 'all' && !this.#leader.hasEnoughReplicas) return { error: 'NOT_ENOUGH_REPLICAS' };
    const result = this.log.append(append.records, {
      origin: append.origin,
      leaderEpoch: this.#state.leaderEpoch,
    });
    if ('error' in result) return result;
    if (!result.duplicate) this.#count(append.records.length, result);
    const { acked, hasLeft } = append;
    if (!acked) return result;
    const offset = result.lastOffset + 1;
    if (append.acks === 'all') this.#awaitReplicated(offset, acked, hasLeft);
    // A duplicate may lie long behind us.
    else if (this.log.durableEndOffset >= offset) acked(null);
    else this.#waiters.awaitWritten(offset, acked, hasLeft);
    return result;
  }

  #count(bytes: number, { baseOffset, lastOffset }: Appended): void {
    this.traffic.appends++;
    this.traffic.bytesIn += bytes;
    this.traffic.messagesIn += lastOffset - baseOffset + 1;
  }

  #awaitReplicated(offset: Offset, acked: Acked, hasLeft: (() => boolean) | undefined): void {
    if (this.log.highWatermark >= offset) acked(null);
    else
      this.#waiters.awaitReplicated(
        offset,
        (error) => {
          if (error) acked(error);
          else acked(this.#leader.hasEnoughReplicas ? null : 'NOT_ENOUGH_REPLICAS_AFTER_APPEND');
        },
        hasLeft,
      );
  }

  /**
   * Runs once, as for an append with acks=all: when all that is in the log now is committed, or never will
   * be.
   */
  awaitCommitted(acked: Acked, hasLeft: () => boolean): void {
    if (this.#state.role === 'leader') this.#awaitReplicated(this.log.endOffset, acked, hasLeft);
    else acked('NOT_LEADER_OR_FOLLOWER');
  }

  /**
   * Someone who waited for acks=all was answered otherwise, and `hasLeft` of that append says so. The append
   * stays.
   */
  waiterLeft(): void {
    this.#waiters.left();
  }

  /** How many appends are queued for an acknowledgement. */
  get waiterCount(): number {
    return this.#waiters.size;
  }

  /** Whether a follower sent a fetch before its broker registered anew; what it says counts no more. */
  isOfFormerLife(id: BrokerId, brokerEpoch: number): boolean {
    return this.isLeader && this.#leader.isOfFormerLife(id, brokerEpoch);
  }

  /**
   * A follower has fetched from `offset`: everything below is in its log. An error when it is not a follower
   * of this leader, or has registered anew since.
   */
  onFollowerFetch(
    id: BrokerId,
    fetch: { readonly offset: Offset; readonly logStartOffset: Offset; readonly brokerEpoch: number },
  ): ErrorName | null {
    return this.isLeader ? this.#leader.onFollowerFetch(id, fetch) : 'NOT_LEADER_OR_FOLLOWER';
  }

  /**
   * A follower has all there is, and its fetches name this partition no more. `times` goes on telling when
   * they came, until
   * `followerMoves`, which must follow at once when anything moves here.
   */
  followerRests(id: BrokerId, times: FetchTimes): void {
    if (this.isLeader) this.#leader.followerRests(id, times);
  }

  followerMoves(id: BrokerId, times: FetchTimes): void {
    this.#leader.followerMoves(id, times);
  }

  /** As a follower: what the leader said is committed, as far as it is here, and where its log begins. */
  followHighWatermark(leaderHighWatermark: Offset, leaderLogStartOffset: Offset): void {
    if (this.#state.role !== 'follower') return;
    const { log } = this;
    const { highWatermark, logStartOffset } = log;
    this.#leaderHighWatermark = leaderHighWatermark;
    const next = Math.min(leaderHighWatermark, log.endOffset);
    if (next > highWatermark) log.updateHighWatermark(next);
    if (leaderLogStartOffset > logStartOffset) log.trimming.advanceLogStartOffset(leaderLogStartOffset);
    // Consumers may wait here too (KIP-392).
    if (log.highWatermark !== highWatermark || log.logStartOffset !== logStartOffset) this.#host.moved(this);
  }

  /** Takes out of the ISR who has been behind for too long; called regularly while this broker leads. */
  maybeShrinkIsr(): void {
    if (this.isLeader) this.#leader.maybeShrinkIsr();
  }

  /** Brokers became eligible or not; what waited for one of them may go on. */
  onEligibilityChanged(): void {
    if (!this.isLeader) return;
    this.#leader.advanceHighWatermark();
    this.#onLowWatermark();
  }

  #onLowWatermark(): void {
    if (this.deletions.size > 0) this.deletions.reached(this.lowWatermark);
  }

  #onCommitted(): void {
    this.#waiters.replicated(this.log.highWatermark);
    for (const listener of this.#committedListeners) listener();
    this.#host.moved(this);
  }

  #onWritten(): void {
    if (this.isLeader) this.#host.moved(this);
  }

  #onDurable(): void {
    this.#waiters.written(this.log.durableEndOffset);
    if (this.isLeader) this.#leader.advanceHighWatermark();
  }

  #onFailed(): void {
    this.#waiters.fail('KAFKA_STORAGE_ERROR');
    for (const listener of this.#lostListeners) listener('KAFKA_STORAGE_ERROR');
  }

  get name(): { readonly topic: string; readonly partition: number } {
    return { topic: this.topic, partition: this.index };
  }

  /** Whether a follower counts as in sync for waiting, for metrics and tests. */
  isCaughtUp(id: BrokerId): boolean {
    return this.#leader.isCaughtUp(id);
  }
}
