import type { Group } from './group.ts';
import type { OffsetKey } from './group-record.ts';
import type { Offsets } from './offsets.ts';

/** KIP-211: which offsets of a group nobody needs any more. Those of topics that it still reads stay. */
export function expiredOffsets(
  group: Group,
  offsets: Offsets,
  { now, retentionMs }: { readonly now: number; readonly retentionMs: number },
): { expired: OffsetKey[]; allExpired: boolean } {
  const since = group.retentionStart();
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
