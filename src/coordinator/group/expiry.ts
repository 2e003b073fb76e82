import type { ClassicGroup } from './classic/classic-group.ts';
import type { OffsetKey } from './group-record.ts';
import type { CommittedOffset } from './offset-map.ts';
import type { Offsets } from './offsets.ts';

/**
 * KIP-211: which offsets of a group nobody needs any more. Retention counts from when the group became empty; for
 * topics that a stable consumer group no longer reads, and for consumers that only commit, from the last commit.
 * While a group rebalances, or while it says nothing about its topics, nothing expires.
 */
export function expiredOffsets(
  group: ClassicGroup,
  offsets: Offsets,
  { now, retentionMs }: { readonly now: number; readonly retentionMs: number },
): { expired: OffsetKey[]; allExpired: boolean } {
  const since = retentionStart(group);
  if (!since) return { expired: [], allExpired: !offsets.hasAny(group.groupId) };
  const expired: OffsetKey[] = [];
  let allExpired = true;
  for (const [topic, partitions] of offsets.committedByTopic(group.groupId)) {
    const inUse = group.isSubscribedTo(topic);
    for (const [partition, offset] of partitions) {
      const over =
        offset.expireTimestamp !== -1 ? now >= offset.expireTimestamp : now - since(offset) >= retentionMs;
      if (!inUse && over && !offsets.isPending(group.groupId, topic, partition)) {
        expired.push({ group: group.groupId, topic, partition });
      } else {
        allExpired = false;
      }
    }
  }
  return { expired, allExpired };
}

function retentionStart(group: ClassicGroup): ((offset: CommittedOffset) => number) | null {
  if (group.protocolType === null) return ({ commitTimestamp }) => commitTimestamp;
  if (group.state === 'Empty') {
    return ({ commitTimestamp }) => (group.stateTimestamp === -1 ? commitTimestamp : group.stateTimestamp);
  }
  if (group.state === 'Stable' && group.usesConsumerProtocol && group.knowsSubscriptions) {
    return ({ commitTimestamp }) => commitTimestamp;
  }
  return null;
}
