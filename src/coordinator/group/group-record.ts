import type { GroupRecordOf } from './records.ts';

export type GroupMetadataValue = NonNullable<GroupRecordOf<'GroupMetadata'>['value']>;
export type OffsetCommitValue = NonNullable<GroupRecordOf<'OffsetCommit'>['value']>;
/** Which offset: the key of an OffsetCommit record. */
export type OffsetKey = GroupRecordOf<'OffsetCommit'>['key'];

export function offsetTombstone(key: OffsetKey): GroupRecordOf<'OffsetCommit'> {
  return { type: 'OffsetCommit', key, value: null };
}

export function groupTombstone(group: string): GroupRecordOf<'GroupMetadata'> {
  return { type: 'GroupMetadata', key: { group }, value: null };
}

/** Makes a group known before anyone has joined it. */
export function emptyGroup(group: string, now: number): GroupRecordOf<'GroupMetadata'> {
  return {
    type: 'GroupMetadata',
    key: { group },
    value: {
      protocolType: '',
      generation: 0,
      protocol: null,
      leader: null,
      currentStateTimestamp: now,
      members: [],
    },
  };
}
