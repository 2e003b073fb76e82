import { expect, test } from 'vitest';
import { fetchPosition, type LogHistory } from './fetch-position.ts';

/**
 * A leader whose log was written in epochs 1, 2 and 4, and begins at 10, where a snapshot of epoch 1 ends.
 */
const trimmed: LogHistory = {
  startOffset: 10,
  endOffset: 40,
  earliestSnapshotId: { endOffset: 10, epoch: 1 },
  latestSnapshotId: { endOffset: 30, epoch: 2 },
  endOffsetForEpoch: (epoch) => {
    if (epoch <= 1) return { epoch: 1, endOffset: 20 };
    if (epoch <= 3) return { epoch: 2, endOffset: 35 };
    return { epoch: 4, endOffset: 40 };
  },
};

const at = (fetchOffset: number, lastFetchedEpoch: number) =>
  fetchPosition(trimmed, { fetchOffset, lastFetchedEpoch });

test('a replica whose last record is also ours goes on from it', () => {
  expect(at(40, 4)).toEqual({ kind: 'valid' });
  expect(at(20, 1)).toEqual({ kind: 'valid' });
  expect(at(36, 4)).toEqual({ kind: 'valid' });
  expect(at(10, 1)).toEqual({ kind: 'valid' });
});

test('a replica with records that we do not have is told where its last epoch ended here', () => {
  expect(at(25, 1)).toEqual({ kind: 'diverging', epoch: 1, endOffset: 20 });
  expect(at(36, 3)).toEqual({ kind: 'diverging', epoch: 2, endOffset: 35 });
  expect(at(41, 4)).toEqual({ kind: 'diverging', epoch: 4, endOffset: 40 });
});

test('a replica that is behind the beginning of the log is sent the newest snapshot', () => {
  const snapshot = { kind: 'snapshot', id: { endOffset: 30, epoch: 2 } };
  expect(at(0, 0)).toEqual(snapshot);
  expect(at(9, 1)).toEqual(snapshot);
  expect(at(10, 3)).toEqual(snapshot);
});

test('a replica that has nothing begins at the beginning of a log that still has it', () => {
  const whole = { ...trimmed, startOffset: 0, earliestSnapshotId: { endOffset: 0, epoch: 0 } };
  expect(fetchPosition(whole, { fetchOffset: 0, lastFetchedEpoch: 0 })).toEqual({ kind: 'valid' });
});
