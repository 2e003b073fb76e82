import { data } from '../../protocol/data.ts';
import { array, int8, int16, int32, offset, string, uuid } from '../../protocol/field.ts';

const key = {
  groupId: string,
  topicId: uuid,
  partition: int32,
};

const stateBatch = {
  firstOffset: offset,
  lastOffset: offset,
  // 0 available, 2 acknowledged, 4 archived.
  deliveryState: int8,
  deliveryCount: int16,
};

export const shareSnapshotKey = data({
  name: 'ShareSnapshotKey',
  versions: [0, 0],
  fields: key,
});

/** All that is known of a share group in one partition. */
export const shareSnapshotValue = data({
  name: 'ShareSnapshotValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    snapshotEpoch: int32,
    stateEpoch: int32,
    leaderEpoch: int32,
    startOffset: offset,
    deliveryCompleteCount: int32.default(-1).tagged(0),
    createTimestamp: offset,
    writeTimestamp: offset,
    stateBatches: array(stateBatch),
  },
});

export const shareUpdateKey = data({
  name: 'ShareUpdateKey',
  versions: [0, 0],
  fields: key,
});

/** What changed since the snapshot or the update before. */
export const shareUpdateValue = data({
  name: 'ShareUpdateValue',
  versions: [0, 0],
  flexible: 0,
  fields: {
    snapshotEpoch: int32,
    leaderEpoch: int32,
    // -1: as it was.
    startOffset: offset,
    deliveryCompleteCount: int32.default(-1).tagged(0),
    stateBatches: array(stateBatch),
  },
});
