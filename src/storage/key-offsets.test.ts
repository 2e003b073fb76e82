import { expect, test } from 'vitest';
import { KeyOffsets, SLOT_BYTES } from './key-offsets.ts';

const SECRET = new Uint8Array(16);

test('every key leads to its last offset, and an unknown one to none', () => {
  const keys = new KeyOffsets(SECRET, { keys: 5000, maxBytes: 1024 * 1024 });
  for (let offset = 0; offset < 10_000; offset++) keys.put(Buffer.from(`key ${offset % 5000}`), offset);
  expect(keys.size).toBe(5000);
  for (let key = 0; key < 5000; key++) expect(keys.get(Buffer.from(`key ${key}`))).toBe(5000 + key);
  expect(keys.get(Buffer.from('key 5000'))).toBe(-1);
});

test('its memory is bounded: a full map refuses new keys and still takes known ones', () => {
  const keys = new KeyOffsets(SECRET, { keys: 1_000_000, maxBytes: 100 * SLOT_BYTES });
  let taken = 0;
  while (keys.put(Buffer.from(`key ${taken}`), taken)) taken++;
  expect(taken).toBe(75);
  expect(keys.put(Buffer.from('key 3'), 1000)).toBe(true);
  expect(keys.get(Buffer.from('key 3'))).toBe(1000);
  expect(keys.get(Buffer.from('key 75'))).toBe(-1);
});

test('the empty key is a key', () => {
  const keys = new KeyOffsets(SECRET, { keys: 1, maxBytes: 1024 });
  keys.put(Buffer.alloc(0), 0);
  expect(keys.get(Buffer.alloc(0))).toBe(0);
});
