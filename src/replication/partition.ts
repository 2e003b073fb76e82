import { assert } from '../base/assert.ts';
import type { BrokerId, Offset, Uuid } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import { type PartitionImage, RECOVERED } from '../metadata/topics.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { Appended, PartitionLog } from '../storage/partition-log.ts';
import type { IsrAnswer, IsrChange } from './isr-changes.ts';
import {
  afterFetch,
  afterRest,
  effectiveMinInSyncReplicas,
  type FetchTimes,
  type FollowerState,
  highWatermark,
  isCaughtUp,
  mayJoinIsr,
  outOfSync,
  unknownFollower,
} from './isr-rules.ts';
import { OffsetWaiters } from './offset-waiters.ts';
import { PartitionTraffic } from './partition-traffic.ts';

/** What a partition asks of the broker around it. */
export interface PartitionHost {
  readonly brokerId: BrokerId;
  /** replica.lag.time.max.ms */
  lagTimeMaxMs(): number;
  /** min.insync.replicas of the topic. */
  minInSyncReplicas(topic: string): number;
  /** The epoch of a broker that may be in an ISR now (registered, not fenced, not shutting down); otherwise null. */
  eligibleEpoch(id: BrokerId): number | null;
  changeIsr(change: IsrChange, answered: (answer: IsrAnswer) => void): void;
  /** There is something new of it for those who read it: its end, its high watermark, its start or its ISR. */
  moved(partition: Partition): void;
}

/** The batches of one append, and how long its caller wants to wait. */
export interface LeaderAppend {
  readonly records: Buffer;
  readonly origin: 'client' | 'coordinator';
  readonly acks: 'leader' | 'all';
  /**
   * Runs once, when the append is as durable as `acks` asks, or never will be. Not called when the append was refused.
   * Without it nobody waits.
   */
  readonly acked?: (error: ErrorName | null) => void;
  /** Whether whoever waited has gone; see `waiterLeft`. */
  readonly hasLeft?: () => boolean;
}

/**
 * One replica on this broker: its role, and as a leader what it knows of its followers. The image of the cluster says
 * who leads and who is in the ISR; the leader alone judges who should be, and asks the controller (KIP-497). Until the
 * answer, it counts on the larger of both ISRs, so that nothing is acknowledged that either of them could lose.
 */
export class Partition {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: number;
  readonly log: PartitionLog;
  readonly traffic = new PartitionTraffic();

  readonly #world: World;
  readonly #host: PartitionHost;
  #role: 'leader' | 'follower' | 'none' = 'none';
  #leaderId: BrokerId = -1;
  #leaderEpoch = -1;
  #partitionEpoch = -1;
  #epochStartOffset: Offset = 0;
  #leaderHighWatermark: Offset = -1;
  #replicas: readonly BrokerId[] = [];
  #isr: readonly BrokerId[] = [];
  /** What the controller was asked for and has not answered. */
  #pendingIsr: readonly BrokerId[] | undefined;
  #maximalIsr: ReadonlySet<BrokerId> = new Set();
  readonly #followers = new Map<BrokerId, FollowerState>();
  readonly #written = new OffsetWaiters();
  readonly #replicated = new OffsetWaiters();
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
    this.#world = world;
    this.topic = options.topic;
    this.topicId = options.topicId;
    this.index = options.index;
    this.log = options.log;
    this.#host = options.host;
    this.log.onWritten(() => this.#onWritten());
    this.log.onDurable(() => this.#onDurable());
    this.log.onFailed(() => this.#onFailed());
    this.log.onStartMoved(() => this.#host.moved(this));
  }

  get isLeader(): boolean {
    return this.#role === 'leader';
  }
  get isFollower(): boolean {
    return this.#role === 'follower';
  }
  get leaderId(): BrokerId {
    return this.#leaderId;
  }
  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }
  get partitionEpoch(): number {
    return this.#partitionEpoch;
  }
  /** The committed ISR, as the controller knows it. */
  get isr(): readonly BrokerId[] {
    return this.#isr;
  }
  get replicas(): readonly BrokerId[] {
    return this.#replicas;
  }
  get epochStartOffset(): Offset {
    return this.#epochStartOffset;
  }
  /** As a follower: what the leader of this epoch said last; it may lie beyond this log. -1 before that. */
  get leaderHighWatermark(): Offset {
    return this.#leaderHighWatermark;
  }
  follower(id: BrokerId): FollowerState | undefined {
    return this.#followers.get(id);
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
  /** Runs when appended records are lost because their write failed; the end of a role is told by `RoleListener`. */
  onLost(listener: (error: ErrorName) => void): () => void {
    this.#lostListeners.add(listener);
    return () => this.#lostListeners.delete(listener);
  }

  /** Takes the state in which this broker leads. Returns whether a new leader epoch began here. */
  makeLeader(state: PartitionImage): boolean {
    // The answer of AlterPartition may have told us already; what was asked since then must stay in force.
    const isKnown = this.#role === 'leader' && state.partitionEpoch === this.#partitionEpoch;
    if (isKnown || state.partitionEpoch < this.#partitionEpoch) return false;
    const now = this.#world.clock.monotonic();
    const isNewEpoch = this.#role !== 'leader' || state.leaderEpoch > this.#leaderEpoch;
    this.#take(state);
    this.#role = 'leader';
    if (isNewEpoch) {
      this.#epochStartOffset = this.log.endOffset;
      assert(this.log.highWatermark <= this.#epochStartOffset, 'what is committed lies before the new epoch');
      this.log.assignEpoch(state.leaderEpoch, this.#epochStartOffset);
      this.#followers.clear();
    }
    for (const id of state.replicas)
      if (id !== this.#host.brokerId && !this.#followers.has(id))
        this.#followers.set(id, unknownFollower(now, state.isr.includes(id)));
    for (const id of [...this.#followers.keys()])
      if (!state.replicas.includes(id)) this.#followers.delete(id);
    this.#advanceHighWatermark();
    return isNewEpoch;
  }

  /** Takes the state in which another broker leads, or none. Returns whether the leader or its epoch changed. */
  makeFollower(state: PartitionImage): boolean {
    if (state.partitionEpoch < this.#partitionEpoch) return false;
    const changed =
      this.#role !== 'follower' || state.leaderEpoch > this.#leaderEpoch || state.leader !== this.#leaderId;
    const led = this.#role === 'leader';
    this.#take(state);
    this.#role = 'follower';
    if (changed) this.#leaderHighWatermark = -1;
    this.#followers.clear();
    if (led) this.#failWaiters('NOT_LEADER_OR_FOLLOWER');
    return changed;
  }

  /** Ends every role: the replica goes, or its log failed. */
  resign(error: ErrorName): void {
    this.#role = 'none';
    this.#followers.clear();
    this.#failWaiters(error);
  }

  /** FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH when the peer's epoch is not ours; -1 asks for no check (KIP-320). */
  checkLeaderEpoch(epoch: number): ErrorName | null {
    if (epoch === -1 || epoch === this.#leaderEpoch) return null;
    return epoch < this.#leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH';
  }

  /** Appends as the leader. The records have been checked; offsets are patched into them. */
  append(append: LeaderAppend): Appended | { readonly error: ErrorName; readonly message?: string } {
    if (this.#role !== 'leader') return { error: 'NOT_LEADER_OR_FOLLOWER' };
    if (append.acks === 'all' && this.#isr.length < this.#minInSyncReplicas())
      return { error: 'NOT_ENOUGH_REPLICAS' };
    const result = this.log.append(append.records, { origin: append.origin, leaderEpoch: this.#leaderEpoch });
    if ('error' in result) return result;
    if (!result.duplicate) this.#count(append.records.length, result);
    const { acked, hasLeft } = append;
    if (!acked) return result;
    const offset = result.lastOffset + 1;
    if (append.acks === 'all') this.#awaitReplicated(offset, acked, hasLeft);
    // A duplicate may lie long behind us.
    else if (this.log.durableEndOffset >= offset) acked(null);
    else this.#written.add(offset, acked, hasLeft);
    return result;
  }

  #count(bytes: number, { baseOffset, lastOffset }: Appended): void {
    this.traffic.appends++;
    this.traffic.bytesIn += bytes;
    this.traffic.messagesIn += lastOffset - baseOffset + 1;
  }

  #awaitReplicated(
    offset: Offset,
    acked: (error: ErrorName | null) => void,
    hasLeft: (() => boolean) | undefined,
  ): void {
    if (this.log.highWatermark >= offset) acked(null);
    else
      this.#replicated.add(
        offset,
        (error) => {
          if (error) acked(error);
          else
            acked(this.#isr.length < this.#minInSyncReplicas() ? 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' : null);
        },
        hasLeft,
      );
  }

  /** Someone who waited for acks=all was answered otherwise, and `hasLeft` of that append says so. The append stays. */
  waiterLeft(): void {
    this.#replicated.left();
  }

  /** How many appends are queued for an acknowledgement. */
  get waiterCount(): number {
    return this.#written.size + this.#replicated.size;
  }

  /**
   * A follower has fetched from `offset`: everything below is in its log. An error when it is not a follower of this
   * leader.
   */
  onFollowerFetch(
    id: BrokerId,
    fetch: { readonly offset: Offset; readonly logStartOffset: Offset; readonly brokerEpoch: number },
  ): ErrorName | null {
    if (this.#role !== 'leader') return 'NOT_LEADER_OR_FOLLOWER';
    const known = this.#followers.get(id);
    if (!known) return 'UNKNOWN_LEADER_EPOCH';
    const now = this.#world.clock.monotonic();
    const leaderEndOffset = this.log.endOffset;
    this.#followers.set(id, afterFetch(known, { ...fetch, leaderEndOffset, now }));
    this.#maybeExpandIsr(id);
    if (known.endOffset !== fetch.offset) this.#advanceHighWatermark();
    return null;
  }

  /**
   * A follower has all there is, and its fetches name this partition no more. `times` goes on telling when they came, until
   * `followerMoves`, which must follow at once when anything moves here.
   */
  followerRests(id: BrokerId, times: FetchTimes): void {
    const known = this.#followers.get(id);
    if (this.#role === 'leader' && known) this.#followers.set(id, { ...known, resting: times });
  }

  followerMoves(id: BrokerId, times: FetchTimes): void {
    const known = this.#followers.get(id);
    if (known?.resting === times) this.#followers.set(id, afterRest(known));
  }

  /** As a follower: what the leader said is committed, as far as it is here, and where its log begins. */
  followHighWatermark(leaderHighWatermark: Offset, leaderLogStartOffset: Offset): void {
    if (this.#role !== 'follower') return;
    const { log } = this;
    const { highWatermark, logStartOffset } = log;
    this.#leaderHighWatermark = leaderHighWatermark;
    const next = Math.min(leaderHighWatermark, log.endOffset);
    if (next > highWatermark) log.updateHighWatermark(next);
    if (leaderLogStartOffset > logStartOffset) log.advanceLogStartOffset(leaderLogStartOffset);
    // Consumers may wait here too (KIP-392).
    if (log.highWatermark !== highWatermark || log.logStartOffset !== logStartOffset) this.#host.moved(this);
  }

  /** Takes out of the ISR who has been behind for too long; called regularly while this broker leads. */
  maybeShrinkIsr(): void {
    if (this.#role !== 'leader' || this.#pendingIsr) return;
    const gone = outOfSync(
      this.#isr,
      this.#followers,
      this.log.endOffset,
      this.#world.clock.monotonic(),
      this.#host.lagTimeMaxMs(),
    );
    if (gone.length > 0) this.#changeIsr(this.#isr.filter((id) => !gone.includes(id)));
  }

  /** Brokers became eligible or not; what waited for one of them may go on. */
  onEligibilityChanged(): void {
    if (this.#role === 'leader') this.#advanceHighWatermark();
  }

  #maybeExpandIsr(id: BrokerId): void {
    if (this.#pendingIsr || this.#isr.includes(id) || !this.#isEligible(id)) return;
    const follower = this.#followers.get(id);
    assert(follower, 'a follower that fetched is known');
    const { highWatermark } = this.log;
    if (mayJoinIsr(follower, { highWatermark, epochStartOffset: this.#epochStartOffset }))
      this.#changeIsr([...this.#isr, id]);
  }

  #changeIsr(isr: readonly BrokerId[]): void {
    assert(this.#role === 'leader', 'only a leader judges who is in sync');
    assert(this.#pendingIsr === undefined, 'one change of the ISR is under way');
    this.#pendingIsr = isr;
    this.#maximalIsr = new Set([...this.#isr, ...isr]);
    const leaderEpoch = this.#leaderEpoch;
    const partitionEpoch = this.#partitionEpoch;
    // Also after an unclean election: a leader whose log is open has recovered all that there is to recover (KIP-704).
    const change: IsrChange = {
      topicId: this.topicId,
      partition: this.index,
      leaderEpoch,
      partitionEpoch,
      leaderRecoveryState: RECOVERED,
      isr: isr.map((brokerId) => ({ brokerId, brokerEpoch: this.#epochInIsr(brokerId) })),
    };
    this.#host.changeIsr(change, (answer) => {
      // A change that came through the metadata log meanwhile has made this one void.
      if (this.#role !== 'leader' || this.#pendingIsr !== isr) return;
      // Somebody changed the partition first, perhaps this very request, whose first answer was lost. What came of it the
      // metadata log will tell; until then the larger ISR counts (KIP-497).
      if ('error' in answer && isOvertaken(answer.error)) return;
      // Whoever left is eligible to lead if fewer than min.insync.replicas stayed, and that may have been raised before, in
      // the metadata log, where this answer has overtaken it. Only what the log told goes together (KIP-966).
      if (!('error' in answer) && this.#isr.some((id) => !answer.isr.includes(id))) return;
      this.#pendingIsr = undefined;
      if ('error' in answer) {
        this.#maximalIsr = new Set(this.#isr);
        this.#world.log.info('the controller refused an ISR', { ...this.name, isr, error: answer.error });
      } else if (answer.leaderEpoch === this.#leaderEpoch && answer.partitionEpoch >= this.#partitionEpoch) {
        this.#isr = answer.isr;
        this.#partitionEpoch = answer.partitionEpoch;
        this.#maximalIsr = new Set(answer.isr);
      }
      this.#advanceHighWatermark();
      // Who is out of the ISR must be looked at again with its next fetch.
      this.#host.moved(this);
    });
  }

  /** The broker epoch that a member of a new ISR was judged in. */
  #epochInIsr(id: BrokerId): number {
    if (id === this.#host.brokerId) return this.#host.eligibleEpoch(id) ?? -1;
    const epoch = this.#followers.get(id)?.brokerEpoch ?? -1;
    return epoch === -1 ? (this.#host.eligibleEpoch(id) ?? -1) : epoch;
  }

  #isEligible(id: BrokerId): boolean {
    const epoch = this.#host.eligibleEpoch(id);
    const fetched = this.#followers.get(id)?.brokerEpoch ?? -1;
    return epoch !== null && (fetched === -1 || fetched === epoch);
  }

  #minInSyncReplicas(): number {
    return effectiveMinInSyncReplicas(this.#host.minInSyncReplicas(this.topic), this.#replicas.length);
  }

  #advanceHighWatermark(): void {
    const { log } = this;
    const current = log.highWatermark;
    const next = highWatermark({
      current,
      leaderEndOffset: log.durableEndOffset,
      followers: this.#followers,
      maximalIsr: this.#maximalIsr,
      isEligible: (id) => this.#isEligible(id),
      isrSize: this.#isr.length,
      minInSyncReplicas: this.#minInSyncReplicas(),
      now: this.#world.clock.monotonic(),
      lagTimeMaxMs: this.#host.lagTimeMaxMs(),
    });
    if (next === current) return;
    assert(next > current, 'the high watermark of a leader does not fall');
    assert(next <= log.durableEndOffset, 'what is committed may be counted as this replica’s');
    const reached = log.updateHighWatermark(next);
    assert(reached === next, 'what is committed is written');
    this.#replicated.reached(next);
    for (const listener of this.#committedListeners) listener();
    this.#host.moved(this);
  }

  #onWritten(): void {
    if (this.#role === 'leader') this.#host.moved(this);
  }

  #onDurable(): void {
    this.#written.reached(this.log.durableEndOffset);
    if (this.#role === 'leader') this.#advanceHighWatermark();
  }

  #onFailed(): void {
    this.#failWaiters('KAFKA_STORAGE_ERROR');
    for (const listener of this.#lostListeners) listener('KAFKA_STORAGE_ERROR');
  }

  #failWaiters(error: ErrorName): void {
    this.#written.fail(error);
    this.#replicated.fail(error);
  }

  #take(state: PartitionImage): void {
    this.#leaderId = state.leader;
    this.#leaderEpoch = state.leaderEpoch;
    this.#partitionEpoch = state.partitionEpoch;
    this.#replicas = state.replicas;
    this.#isr = state.isr;
    this.#pendingIsr = undefined;
    this.#maximalIsr = new Set(state.isr);
  }

  get name(): { readonly topic: string; readonly partition: number } {
    return { topic: this.topic, partition: this.index };
  }

  /** Whether a follower counts as in sync for waiting, for metrics and tests. */
  isCaughtUp(id: BrokerId): boolean {
    const follower = this.#followers.get(id);
    if (!follower) return false;
    const now = this.#world.clock.monotonic();
    return isCaughtUp(follower, this.log.endOffset, now, this.#host.lagTimeMaxMs());
  }
}

/** The controller's partition is newer than ours: what we asked for may have happened. */
function isOvertaken(error: ErrorName): boolean {
  return (
    error === 'INVALID_UPDATE_VERSION' || error === 'FENCED_LEADER_EPOCH' || error === 'NEW_LEADER_ELECTED'
  );
}
