import type { BrokerId, Offset } from '../base/brand.ts';
import { caughtUpAt, type FollowerState } from './isr-rules.ts';

/** A follower that a consumer could read from, and where it stands. */
export interface ReplicaView {
  readonly id: BrokerId;
  readonly rack: string | null;
  readonly endOffset: Offset;
  /** Monotonic time until when it is known to have had everything. */
  readonly caughtUpAt: number;
}

/**
 * The members of the ISR that hold `fetchOffset`, as far as their leader knows. One that is not in sync may
 * lag for as long as it likes, and its readers with it.
 */
export function* readableFollowers(
  leader: { readonly isr: readonly BrokerId[]; follower(id: BrokerId): FollowerState | undefined },
  fetchOffset: Offset,
): Generator<FollowerState & { readonly id: BrokerId }> {
  for (const id of leader.isr) {
    const follower = leader.follower(id);
    if (follower && follower.logStartOffset <= fetchOffset && fetchOffset <= follower.endOffset)
      yield { ...follower, id, caughtUpAt: caughtUpAt(follower) };
  }
}

/**
 * Kafka's RackAwareReplicaSelector (KIP-392): the follower in the client's rack that has most of the log, of
 * several the one that was caught up last. Null when the leader is to be read: it is in that rack itself, or
 * nobody is.
 */
export function closestReplica(
  clientRack: string,
  leaderRack: string | null,
  followers: readonly ReplicaView[],
): BrokerId | null {
  if (clientRack === '' || leaderRack === clientRack) return null;
  const [best] = followers
    .filter(({ rack }) => rack === clientRack)
    .sort((a, b) => b.endOffset - a.endOffset || b.caughtUpAt - a.caughtUpAt || b.id - a.id);
  return best?.id ?? null;
}
