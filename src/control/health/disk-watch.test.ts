import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import type { Disk } from '../../base/disk.ts';
import { silent } from '../../base/log.ts';
import { DiskWatch } from './disk-watch.ts';

test('a disk that fills is told at 75 and 90 percent, once each, and again when there is room', async () => {
  const clock = new ManualClock();
  let freeBytes = 500;
  const space: Disk['space'] = () => ({ freeBytes, totalBytes: 1000 });
  const disk = { space } as Disk;
  const watch = new DiskWatch({ clock, disk, log: silent }, '/data');
  const told: (number | null)[] = [];
  watch.onLevel(({ level }) => told.push(level));
  watch.start();
  for (const left of [251, 250, 240, 255, 251, 99, 101, 20, 119, 121, 260, 272]) {
    freeBytes = left;
    await clock.advance(10_000);
  }
  expect(told).toEqual([75, 90, 75, null]);
  expect(watch.usage).toMatchObject({ usedPercent: 72.8, freeBytes: 272, level: null });
  watch.stop();
});
