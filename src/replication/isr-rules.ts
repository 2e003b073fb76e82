import type { BrokerId, Offset } from '../base/brand.ts';

/** What a leader knows of one follower, from its fetches. */
export interface FollowerState {
  /**
   * Where it fetched from last, which is how far its log goes; -1 before the first fetch in this leader
   * epoch.
   */
  readonly endOffset: Offset;
  /** Where its log begins, as it said. */
  readonly logStartOffset: Offset;
  /** Monotonic time of its last fetch, and the leader's end offset then. */
  readonly fetchedAt: number;
  readonly leaderEndOffsetAtFetch: Offset;
  /** Until when it is known to have had everything there was. */
  readonly caughtUpAt: number;
  /** The registration of the broker that fetched; -1 from a broker that does not say. */
  readonly brokerEpoch: number;
  /**
   * Its fetches go on and name nothing of this partition, because nothing has moved here since the last that
   * did: each of them, the last at `usedAt`, says that it still has everything. Null while they are looked at
   * one by one.
   */
  readonly resting: FetchTimes | null;
}

/** When a follower fetched last, whatever it named. */
export interface FetchTimes {
  readonly usedAt: number;
}

/** The state of a follower that has not fetched yet: it gets a full lag time to do so. */
export function unknownFollower(now: number, wasInSync: boolean): FollowerState {
  return {
    endOffset: -1,
    logStartOffset: -1,
    fetchedAt: 0,
    leaderEndOffsetAtFetch: 0,
    caughtUpAt: wasInSync ? now : Number.NEGATIVE_INFINITY,
    brokerEpoch: -1,
    resting: null,
  };
}

/** Until when a follower is known to have had everything there was. */
export function caughtUpAt({ caughtUpAt, resting }: FollowerState): number {
  return resting ? Math.max(caughtUpAt, resting.usedAt) : caughtUpAt;
}

/** Something moved that a resting follower had all of: its last fetch is the last that says so. */
export function afterRest(follower: FollowerState): FollowerState {
  const { resting } = follower;
  if (!resting) return follower;
  return { ...follower, fetchedAt: resting.usedAt, caughtUpAt: caughtUpAt(follower), resting: null };
}

/**
 * A follower is caught up at the time of a fetch that reaches the leader's end; one that reaches where the
 * end was at its fetch before has been caught up then. So a follower under steady load never counts as
 * lagging (KIP-16).
 */
export function afterFetch(
  follower: FollowerState,
  fetch: {
    readonly offset: Offset;
    readonly logStartOffset: Offset;
    readonly leaderEndOffset: Offset;
    readonly now: number;
    readonly brokerEpoch: number;
  },
): FollowerState {
  let at = follower.caughtUpAt;
  if (fetch.offset >= fetch.leaderEndOffset) at = Math.max(at, fetch.now);
  else if (follower.endOffset >= 0 && fetch.offset >= follower.leaderEndOffsetAtFetch)
    at = Math.max(at, follower.fetchedAt);
  return {
    endOffset: fetch.offset,
    logStartOffset: fetch.logStartOffset,
    fetchedAt: fetch.now,
    leaderEndOffsetAtFetch: fetch.leaderEndOffset,
    caughtUpAt: at,
    brokerEpoch: fetch.brokerEpoch,
    resting: null,
  };
}

export function isCaughtUp(
  follower: FollowerState,
  leaderEndOffset: Offset,
  now: number,
  lagTimeMaxMs: number,
): boolean {
  return follower.endOffset === leaderEndOffset || now - caughtUpAt(follower) <= lagTimeMaxMs;
}

/** Followers in the ISR that have been behind for longer than replica.lag.time.max.ms. */
export function outOfSync(
  isr: readonly BrokerId[],
  followers: ReadonlyMap<BrokerId, FollowerState>,
  leaderEndOffset: Offset,
  now: number,
  lagTimeMaxMs: number,
): BrokerId[] {
  return isr.filter((id) => {
    const follower = followers.get(id);
    return follower !== undefined && !isCaughtUp(follower, leaderEndOffset, now, lagTimeMaxMs);
  });
}

/**
 * A follower may enter the ISR once it has all that is committed and has begun with this leader's epoch, so
 * that nothing it holds can diverge from the leader below the high watermark.
 */
export function mayJoinIsr(
  follower: FollowerState,
  leader: { readonly highWatermark: Offset; readonly epochStartOffset: Offset },
): boolean {
  return follower.endOffset >= leader.highWatermark && follower.endOffset >= leader.epochStartOffset;
}

/**
 * The high watermark: the least end offset over the leader, the ISR (with those that are about to join it),
 * and followers that are caught up but not in it yet; waiting for those lets them join (KAFKA-4477). It never
 * falls, and stays while the ISR is smaller than min.insync.replicas (KIP-966).
 */
export function highWatermark(options: {
  readonly current: Offset;
  readonly leaderEndOffset: Offset;
  readonly followers: ReadonlyMap<BrokerId, FollowerState>;
  /** Those in the ISR, and those that the controller was asked to add to it. */
  readonly maximalIsr: ReadonlySet<BrokerId>;
  readonly isEligible: (id: BrokerId) => boolean;
  readonly isrSize: number;
  readonly minInSyncReplicas: number;
  readonly now: number;
  readonly lagTimeMaxMs: number;
}): Offset {
  const { current, leaderEndOffset, followers, now, lagTimeMaxMs } = options;
  if (options.isrSize < options.minInSyncReplicas) return current;
  let lowest = leaderEndOffset;
  for (const [id, follower] of followers) {
    const counts =
      options.maximalIsr.has(id) ||
      (isCaughtUp(follower, leaderEndOffset, now, lagTimeMaxMs) && options.isEligible(id));
    if (counts && follower.endOffset < lowest) lowest = follower.endOffset;
  }
  return Math.max(current, lowest);
}

/** min.insync.replicas cannot ask for more replicas than there are (KIP-966). */
export function effectiveMinInSyncReplicas(configured: number, replicas: number): number {
  return Math.max(1, Math.min(configured, replicas));
}
