import { expect, test } from 'vitest';
import { decompressLz4Frame } from './lz4-frame.ts';

// Frames put together by hand from the format description of the lz4 project.
const MAGIC = [0x04, 0x22, 0x4d, 0x18];
const BLOCKS_OF_64K = 0x40;
const END = [0, 0, 0, 0];

test('linked blocks may refer to what the block before them gave', () => {
  const frame = Buffer.from([
    ...[...MAGIC, 0x40, BLOCKS_OF_64K, 0],
    // Four raw bytes; then a block with a match of 6 at distance 4, and two literals to end with.
    ...[4, 0, 0, 0x80, 0x61, 0x62, 0x63, 0x64],
    ...[6, 0, 0, 0, 0x02, 4, 0, 0x20, 0x79, 0x7a],
    ...END,
  ]);
  expect(decompressLz4Frame(frame, 100).toString()).toBe('abcdabcdabyz');
});

test('content size, block checksums and content checksum are stepped over', () => {
  const frame = Buffer.from([
    ...[...MAGIC, 0x40 | 0x20 | 0x10 | 0x08 | 0x04, BLOCKS_OF_64K, 3, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[3, 0, 0, 0x80, 0x61, 0x62, 0x63, 9, 9, 9, 9],
    ...[...END, 9, 9, 9, 9],
  ]);
  expect(decompressLz4Frame(frame, 100).toString()).toBe('abc');
});

test('frames that follow each other are one, and skippable frames are nothing', () => {
  const frame = Buffer.from([...MAGIC, 0x60, BLOCKS_OF_64K, 0, 2, 0, 0, 0x80, 0x68, 0x69, ...END]);
  const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  expect(decompressLz4Frame(Buffer.concat([frame, skippable, frame]), 100).toString()).toBe('hihi');
});

test('a match before the beginning, or of distance 0, is refused', () => {
  for (const distance of [0, 5]) {
    const block = [4, 0, 0, 0x80, 0x61, 0x62, 0x63, 0x64, 4, 0, 0, 0, 0x00, distance, 0, 0x00];
    const frame = Buffer.from([...MAGIC, 0x40, BLOCKS_OF_64K, 0, ...block, ...END]);
    expect(() => decompressLz4Frame(frame, 100)).toThrow('before the beginning');
  }
});
