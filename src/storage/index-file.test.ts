import { expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { readWhole } from '../base/disk.ts';
import { IndexFile } from './index-file.ts';
import { OpenFiles } from './open-files.ts';
import { overwrite } from './testing/log-bench.ts';

const PATH = '/index';

function open(content: Uint8Array = Buffer.alloc(0)) {
  const { world } = new Simulation(1).host('a');
  overwrite(world, PATH, content);
  const files = new OpenFiles(world.disk, 10);
  return { index: new IndexFile(files.file(PATH, 'create'), 4), world };
}

function add(index: IndexFile, ...numbers: number[]): void {
  for (const number of numbers) index.append((slot) => slot.writeInt32BE(number));
}

function all(index: IndexFile): number[] {
  return Array.from({ length: index.entries }, (_, n) => index.entry(n).readInt32BE(0));
}

test('entries are the same in memory and in the file', () => {
  const { index } = open();
  const numbers = Array.from({ length: 2000 }, (_, i) => i * 3);
  add(index, ...numbers);
  expect(all(index)).toEqual(numbers);
  index.persist();
  expect(all(index)).toEqual(numbers);
});

test('an index keeps no more memory than its newest entries', () => {
  const { index } = open();
  add(index, 1);
  expect(index.entry(0).buffer.byteLength).toBe(2048);
  index.persist();
  expect(index.entry(0).buffer.byteLength).toBe(4);
});

test('half an entry at the end of the file is cut before anything is appended', () => {
  const { index, world } = open(Buffer.from([0, 0, 0, 7, 9, 9]));
  expect(index.sizeIsWhole).toBe(false);
  index.truncateTo(1);
  add(index, 8);
  index.persist();
  expect(all(index)).toEqual([7, 8]);
  expect(readWhole(world.disk, PATH)).toEqual(Buffer.from([0, 0, 0, 7, 0, 0, 0, 8]));
});

test.each([
  [5, -1],
  [10, 0],
  [15, 0],
  [29, 1],
  [30, 2],
  [99, 2],
])('the last entry at or below %i is number %i', (target, slot) => {
  const { index } = open();
  add(index, 10, 20, 30);
  expect(index.lastWhere((entry) => entry.readInt32BE(0) <= target)).toBe(slot);
});

test('what is forgotten stays in the file until something is written: the log must lose its end first', () => {
  const { index, world } = open();
  add(index, 1, 2, 3);
  index.persist();
  index.truncateTo(1);
  expect(all(index)).toEqual([1]);
  expect(readWhole(world.disk, PATH)?.length).toBe(12);
  add(index, 4);
  index.persist();
  expect(readWhole(world.disk, PATH)).toEqual(Buffer.from([0, 0, 0, 1, 0, 0, 0, 4]));
});

test('truncation reaches into the file and into what waits', () => {
  const { index } = open();
  add(index, 1, 2);
  index.persist();
  add(index, 3, 4);
  index.truncateTo(3);
  expect(all(index)).toEqual([1, 2, 3]);
  index.truncateTo(1);
  add(index, 9);
  expect(all(index)).toEqual([1, 9]);
});

test('a write that failed leaves whole entries in the file, and the rest is written later', () => {
  const { world, faults } = new Simulation(1).host('a');
  const index = new IndexFile(new OpenFiles(world.disk, 10).file(PATH, 'create'), 4);
  add(index, 1, 2);
  faults.writeEio = 1;
  expect(() => index.persist()).toThrow();
  faults.writeEio = 0;
  expect(all(index)).toEqual([1, 2]);
  index.persist();
  expect(readWhole(world.disk, PATH)).toEqual(Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]));
});
