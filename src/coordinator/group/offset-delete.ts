import { errorCode } from '../../protocol/errors.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
import type { Group } from './group.ts';
import { offsetTombstone } from './group-record.ts';
import type { Offsets } from './offsets.ts';
import type { GroupRecord } from './records.ts';

/** Forgets offsets of topics that no member is subscribed to. */
export function deleteOffsets(
  group: Group,
  offsets: Offsets,
  topics: OffsetDeleteRequest['topics'],
): { records: GroupRecord[]; topics: OffsetDeleteResponse['topics'] } {
  const records: GroupRecord[] = [];
  const answers = topics.map(({ name, partitions }) => {
    const inUse = group.isSubscribedTo(name);
    return {
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        if (inUse) return { partitionIndex, errorCode: errorCode('GROUP_SUBSCRIBED_TO_TOPIC') };
        const key = { group: group.groupId, topic: name, partition: partitionIndex };
        if (
          offsets.committed(key.group, name, partitionIndex) ||
          offsets.isPending(key.group, name, partitionIndex)
        ) {
          records.push(offsetTombstone(key));
        }
        return { partitionIndex, errorCode: 0 };
      }),
    };
  });
  return { records, topics: answers };
}
