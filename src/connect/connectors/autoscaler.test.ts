import { expect, test } from 'vitest';
import { type Capacity, withTasks } from '../state/capacity.ts';
import { Autoscaler } from './autoscaler.ts';
import { CpuUse } from './cpu-use.ts';

const MINUTE = 60_000;
const of = (workerCount: number, maxTaskCount: number | null = null): Capacity => ({
  ...{ mcuCount: 2, workerCount },
  autoScaling: {
    ...{ minWorkerCount: 1, maxWorkerCount: 3, scaleInPercent: 20, scaleOutPercent: 80 },
    maxTaskCount,
  },
});

test('above its scale-out policy a connector gets one worker more, up to the most', () => {
  const autoscaler = new Autoscaler();
  expect(autoscaler.workerCount(of(1), [81], 0)).toBe(2);
  expect(autoscaler.workerCount(of(2), [95, 70], 0)).toBe(3);
  expect(autoscaler.workerCount(of(2), [95, 60], 0)).toBe(2);
  expect(autoscaler.workerCount(of(3), [99, 99, 99], 0)).toBe(3);
});

test('after five minutes below its scale-in policy it gets one less, down to the least', () => {
  const autoscaler = new Autoscaler();
  const at = (minute: number, workers: number, percent: number) =>
    autoscaler.workerCount(of(workers), Array(workers).fill(percent), minute * MINUTE);
  expect([at(0, 3, 5), at(4, 3, 5), at(4.5, 3, 25), at(5, 3, 5), at(9, 3, 5)]).toEqual(Array(5).fill(3));
  expect(at(10, 3, 5)).toBe(2);
  expect(at(11, 2, 5)).toBe(2);
  expect(at(16, 2, 5)).toBe(1);
  expect(at(30, 1, 5)).toBe(1);
});

test('nothing changes while the use of CPUs is not known, or the connector is not scaled', () => {
  expect(new Autoscaler().workerCount(of(2), [], 0)).toBe(2);
  expect(new Autoscaler().workerCount({ mcuCount: 1, workerCount: 2 }, [99, 99], 0)).toBe(2);
});

test('the use of CPUs is a mean over a minute, of a worker with so many of them', () => {
  const use = new CpuUse();
  const look = (seconds: number, cpuMs: number) =>
    use.look([{ pid: 7, cpuMs, residentBytes: 0 }], seconds * 1_000);
  look(0, 1_000);
  look(30, 1_000);
  expect(use.percents(1)).toEqual(new Map());
  look(60, 31_000);
  expect(use.percents(1)).toEqual(new Map([[7, 50]]));
  expect(use.percents(2)).toEqual(new Map([[7, 25]]));
  look(90, 61_000);
  expect(use.percents(1)).toEqual(new Map([[7, 100]]));
  // Another process says nothing of the minute before.
  use.look([{ pid: 8, cpuMs: 1, residentBytes: 0 }], 120_000);
  expect(use.percents(1)).toEqual(new Map());
});

test('a scaled connector has two tasks for each unit, and no more than it may', () => {
  const tasks = (capacity: Capacity) => withTasks({ 'tasks.max': '1' }, capacity)['tasks.max'];
  expect(tasks(of(2))).toBe('8');
  expect(tasks(of(2, 5))).toBe('5');
  expect(tasks({ mcuCount: 2, workerCount: 2 })).toBe('1');
});
