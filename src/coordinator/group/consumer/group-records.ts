import type { GroupRecord } from '../records.ts';
import type { ResolvedExpression } from './expressions.ts';

/** The group's epoch: every change that needs another assignment makes it greater by one. */
export function groupEpoch(
  groupId: string,
  { epoch, metadataHash }: { readonly epoch: number; readonly metadataHash: bigint },
): GroupRecord {
  return { type: 'ConsumerGroupMetadata', key: { groupId }, value: { epoch, metadataHash } };
}

/** Of which group epoch the targets of all members are; `now` in milliseconds since 1970. */
export function assignmentEpoch(groupId: string, epoch: number, now: number): GroupRecord {
  return {
    type: 'ConsumerGroupTargetAssignmentMetadata',
    key: { groupId },
    value: { assignmentEpoch: epoch, assignmentTimestamp: now },
  };
}

/** Which topics a subscribed expression matched. */
export function resolvedExpression(
  groupId: string,
  regularExpression: string,
  { topics, version, timestamp }: ResolvedExpression,
): GroupRecord {
  return {
    type: 'ConsumerGroupRegularExpression',
    key: { groupId, regularExpression },
    value: { topics: [...topics].sort(), version, timestamp },
  };
}

/** Nobody in the group is subscribed by the expression any more. */
export function expressionTombstone(groupId: string, regularExpression: string): GroupRecord {
  return { type: 'ConsumerGroupRegularExpression', key: { groupId, regularExpression }, value: null };
}

/** What Kafka before 4.1 wrote in place of the hash; told once that it does not count any more. */
export function partitionMetadataTombstone(groupId: string): GroupRecord {
  return { type: 'ConsumerGroupPartitionMetadata', key: { groupId }, value: null };
}

/** The end of a group without members. */
export function groupTombstones(groupId: string, hasPartitionMetadata: boolean): GroupRecord[] {
  return [
    { type: 'ConsumerGroupTargetAssignmentMetadata', key: { groupId }, value: null },
    ...(hasPartitionMetadata ? [partitionMetadataTombstone(groupId)] : []),
    { type: 'ConsumerGroupMetadata', key: { groupId }, value: null },
  ];
}
