import { assert } from '../base/assert.ts';
import type { BrokerId, Offset, Uuid } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import { RECOVERED } from '../metadata/topics.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { PartitionLog } from '../storage/partition-log.ts';
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
import type { PartitionState } from './partition-state.ts';

/** What the leader of a partition asks of the broker around it. */
export interface LeaderHost {
  readonly brokerId: BrokerId;
  /** replica.lag.time.max.ms */
  lagTimeMaxMs(): number;
  /** min.insync.replicas of the topic. */
  minInSyncReplicas(topic: string): number;
  /**
   * The epoch of a broker that may be in an ISR now (registered, not fenced, not shutting down); otherwise
   * null.
   */
  eligibleEpoch(id: BrokerId): number | null;
  /** The epoch of a broker's newest registration, fenced or not; null for one that is not registered. */
  registeredEpoch(id: BrokerId): number | null;
  changeIsr(change: IsrChange, answered: (answer: IsrAnswer) => void): void;
}

/** The partition that is led, and what it is told. */
interface Led {
  readonly topic: string;
  readonly topicId: Uuid;
  readonly index: number;
  readonly state: PartitionState;
  readonly log: PartitionLog;
  /** The high watermark moved. */
  committed(): void;
  /** A follower's log begins elsewhere than at its fetch before. */
  followerBegins(): void;
  /** The ISR may have changed. */
  isrAnswered(): void;
}

/**
 * What a replica knows and does while it leads: how far its followers are, who is in sync, and what is
 * committed. The leader alone judges who should be in the ISR, and asks the controller (KIP-497). Until the
 * answer, it counts on the larger of both ISRs, so that nothing is acknowledged that either of them could
 * lose.
 */
export class PartitionLeader {
  readonly #world: World;
  readonly #host: LeaderHost;
  readonly #led: Led;
  readonly #state: PartitionState;
  readonly #log: PartitionLog;
  readonly #followers = new Map<BrokerId, FollowerState>();
  #epochStartOffset: Offset = 0;

  constructor(world: World, host: LeaderHost, led: Led) {
    this.#world = world;
    this.#host = host;
    this.#led = led;
    this.#state = led.state;
    this.#log = led.log;
  }

  /** Where the newest epoch began that this broker led. */
  get epochStartOffset(): Offset {
    return this.#epochStartOffset;
  }

  follower(id: BrokerId): FollowerState | undefined {
    return this.#followers.get(id);
  }

  /** A new leader epoch begins here, with followers of which nothing is known. */
  beginEpoch(): void {
    this.#epochStartOffset = this.#log.endOffset;
    assert(this.#log.highWatermark <= this.#epochStartOffset, 'what is committed lies before the new epoch');
    this.#log.assignEpoch(this.#state.leaderEpoch, this.#epochStartOffset);
    this.#followers.clear();
  }

  /**
   * To be called when the state of the partition has changed: its replicas become the followers, and more may
   * be committed.
   */
  stateChanged(): void {
    const { replicas, isr } = this.#state;
    const now = this.#world.clock.monotonic();
    for (const id of replicas)
      if (id !== this.#host.brokerId && !this.#followers.has(id))
        this.#followers.set(id, unknownFollower(now, isr.includes(id)));
    for (const id of [...this.#followers.keys()]) if (!replicas.includes(id)) this.#followers.delete(id);
    this.advanceHighWatermark();
  }

  /** To be called when this broker leads no more: what it knew of followers is forgotten. */
  end(): void {
    this.#followers.clear();
  }

  /**
   * Where the logs of this leader and of the followers whose brokers are there all have begun: nobody of them
   * can bring back what lies before. -1 while such a follower has not fetched in this epoch.
   */
  get lowWatermark(): Offset {
    const starts = [...this.#followers]
      .filter(([id]) => this.#host.eligibleEpoch(id) !== null)
      .map(([, follower]) => follower.logStartOffset);
    return Math.min(this.#log.logStartOffset, ...starts);
  }

  /** Whether the committed ISR is as large as min.insync.replicas asks for. */
  get hasEnoughReplicas(): boolean {
    return this.#state.isr.length >= this.#minInSyncReplicas();
  }

  /**
   * Whether a fetch with this epoch was sent before the broker registered anew: what its log had then it may
   * have lost since (KAFKA-15221). An epoch of -1 tells nothing.
   */
  isOfFormerLife(id: BrokerId, brokerEpoch: number): boolean {
    if (brokerEpoch === -1) return false;
    const fetched = this.#followers.get(id)?.brokerEpoch ?? -1;
    return brokerEpoch < Math.max(fetched, this.#host.registeredEpoch(id) ?? -1);
  }

  /**
   * A follower has fetched from `offset`: everything below is in its log. An error when it is not a follower
   * of this leader.
   */
  onFollowerFetch(
    id: BrokerId,
    fetch: { readonly offset: Offset; readonly logStartOffset: Offset; readonly brokerEpoch: number },
  ): ErrorName | null {
    const known = this.#followers.get(id);
    if (!known) return 'UNKNOWN_LEADER_EPOCH';
    if (this.isOfFormerLife(id, fetch.brokerEpoch)) return 'NOT_LEADER_OR_FOLLOWER';
    const now = this.#world.clock.monotonic();
    const leaderEndOffset = this.#log.endOffset;
    this.#followers.set(id, afterFetch(known, { ...fetch, leaderEndOffset, now }));
    this.#maybeExpandIsr(id);
    if (known.endOffset !== fetch.offset) this.advanceHighWatermark();
    if (known.logStartOffset !== fetch.logStartOffset) this.#led.followerBegins();
    return null;
  }

  followerRests(id: BrokerId, times: FetchTimes): void {
    const known = this.#followers.get(id);
    if (known) this.#followers.set(id, { ...known, resting: times });
  }

  followerMoves(id: BrokerId, times: FetchTimes): void {
    const known = this.#followers.get(id);
    if (known?.resting === times) this.#followers.set(id, afterRest(known));
  }

  /** Asks that whoever has been behind for too long leaves the ISR. */
  maybeShrinkIsr(): void {
    const { isr, pendingIsr } = this.#state;
    if (pendingIsr) return;
    const gone = outOfSync(
      isr,
      this.#followers,
      this.#log.endOffset,
      this.#world.clock.monotonic(),
      this.#host.lagTimeMaxMs(),
    );
    assert(!gone.includes(this.#host.brokerId), 'a leader is never behind itself');
    if (gone.length > 0) this.#changeIsr(isr.filter((id) => !gone.includes(id)));
  }

  isCaughtUp(id: BrokerId): boolean {
    const follower = this.#followers.get(id);
    if (!follower) return false;
    const now = this.#world.clock.monotonic();
    return isCaughtUp(follower, this.#log.endOffset, now, this.#host.lagTimeMaxMs());
  }

  /** Commits what every member of the ISR has; see `highWatermark` in `isr-rules.ts`. */
  advanceHighWatermark(): void {
    assert(this.#state.role === 'leader', 'only a leader decides what is committed');
    const log = this.#log;
    const current = log.highWatermark;
    const next = highWatermark({
      current,
      leaderEndOffset: log.durableEndOffset,
      followers: this.#followers,
      maximalIsr: this.#state.maximalIsr,
      isEligible: (id) => this.#isEligible(id),
      isrSize: this.#state.isr.length,
      minInSyncReplicas: this.#minInSyncReplicas(),
      now: this.#world.clock.monotonic(),
      lagTimeMaxMs: this.#host.lagTimeMaxMs(),
    });
    if (next === current) return;
    assert(next > current, 'the high watermark of a leader does not fall');
    assert(next <= log.durableEndOffset, 'what is committed may be counted as this replica’s');
    const reached = log.updateHighWatermark(next);
    assert(reached === next, 'what is committed is written');
    this.#led.committed();
  }

  #maybeExpandIsr(id: BrokerId): void {
    const { isr, pendingIsr } = this.#state;
    if (pendingIsr || isr.includes(id) || !this.#isEligible(id)) return;
    const follower = this.#followers.get(id);
    assert(follower, 'a follower that fetched is known');
    const { highWatermark } = this.#log;
    if (mayJoinIsr(follower, { highWatermark, epochStartOffset: this.#epochStartOffset }))
      this.#changeIsr([...isr, id]);
  }

  #changeIsr(isr: readonly BrokerId[]): void {
    const { topic, topicId, index: partition } = this.#led;
    const state = this.#state;
    state.isrAsked(isr);
    // Also after an unclean election: a leader whose log is open has recovered all that there is to recover
    // (KIP-704).
    const change: IsrChange = {
      topicId,
      partition,
      leaderEpoch: state.leaderEpoch,
      partitionEpoch: state.partitionEpoch,
      leaderRecoveryState: RECOVERED,
      isr: isr.map((brokerId) => ({ brokerId, brokerEpoch: this.#epochInIsr(brokerId) })),
    };
    this.#host.changeIsr(change, (answer) => {
      // A change that came through the metadata log meanwhile has made this one void.
      if (state.role !== 'leader' || state.pendingIsr !== isr) return;
      // Somebody changed the partition first, perhaps this very request, whose first answer was lost. What
      // came of it the metadata log will tell; until then the larger ISR counts (KIP-497).
      if ('error' in answer && isOvertaken(answer.error)) return;
      // Whoever left is eligible to lead if fewer than min.insync.replicas stayed, and that may have been
      // raised before, in the metadata log, where this answer has overtaken it. Only what the log told goes
      // together (KIP-966).
      if (!('error' in answer) && state.isr.some((id) => !answer.isr.includes(id))) return;
      if ('error' in answer) {
        state.isrIs(state.isr);
        this.#world.log.info('the controller refused an ISR', { topic, partition, isr, error: answer.error });
      } else if (answer.leaderEpoch === state.leaderEpoch && answer.partitionEpoch >= state.partitionEpoch) {
        state.partitionEpoch = answer.partitionEpoch;
        state.isrIs(answer.isr);
      } else state.isrUnknown();
      this.advanceHighWatermark();
      // Who is out of the ISR must be looked at again with its next fetch.
      this.#led.isrAnswered();
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
    return effectiveMinInSyncReplicas(
      this.#host.minInSyncReplicas(this.#led.topic),
      this.#state.replicas.length,
    );
  }
}

/** The controller's partition is newer than ours: what we asked for may have happened. */
function isOvertaken(error: ErrorName): boolean {
  return (
    error === 'INVALID_UPDATE_VERSION' || error === 'FENCED_LEADER_EPOCH' || error === 'NEW_LEADER_ELECTED'
  );
}
