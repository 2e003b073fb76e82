import type { GroupRecord } from '../records.ts';
import type { AssignmentConfigs } from './assignment-configs.ts';
import type { TopologyValue } from './topology/topology.ts';

/** The group's epoch: every change that needs another assignment makes it greater by one. */
export function groupEpoch(
  groupId: string,
  options: {
    readonly epoch: number;
    readonly metadataHash: bigint;
    readonly validatedTopologyEpoch: number;
    readonly assignmentConfigs: AssignmentConfigs;
  },
): GroupRecord {
  const { epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs } = options;
  return {
    type: 'StreamsGroupMetadata',
    key: { groupId },
    value: {
      epoch,
      metadataHash,
      validatedTopologyEpoch,
      lastAssignmentConfigs: [...assignmentConfigs].map(([key, value]) => ({ key, value })),
      storedDescriptionTopologyEpoch: -1,
      failedDescriptionTopologyEpoch: -1,
    },
  };
}

/** The topology that the group's first member came with. */
export function groupTopology(groupId: string, value: TopologyValue): GroupRecord {
  return { type: 'StreamsGroupTopology', key: { groupId }, value };
}

/** Of which group epoch the targets of all members are; `now` in milliseconds since 1970. */
export function assignmentEpoch(groupId: string, epoch: number, now: number): GroupRecord {
  return {
    type: 'StreamsGroupTargetAssignmentMetadata',
    key: { groupId },
    value: { assignmentEpoch: epoch, assignmentTimestamp: now },
  };
}

/** The end of a group without members. */
export function groupTombstones(groupId: string): GroupRecord[] {
  const key = { groupId };
  return [
    { type: 'StreamsGroupTargetAssignmentMetadata', key, value: null },
    { type: 'StreamsGroupMetadata', key, value: null },
    { type: 'StreamsGroupTopology', key, value: null },
  ];
}
