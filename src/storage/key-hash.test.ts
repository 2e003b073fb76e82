import { expect, test } from 'vitest';
import { KeyHash } from './key-hash.ts';

/** The first and some later vectors of the reference implementation: key 00..0f, input 00..n-1. */
const VECTORS: readonly (readonly [number, string])[] = [
  [0, 'a3817f04ba25a8e66df67214c7550293'],
  [1, 'da87c1d86b99af44347659119b22fc45'],
  [2, '8177228da4a45dc7fca38bdef60affe4'],
];

function hex(length: number): string {
  const into = new Uint32Array(4);
  new KeyHash(Uint8Array.from({ length: 16 }, (_, i) => i)).hash(
    Uint8Array.from({ length }, (_, i) => i),
    into,
  );
  const bytes = Buffer.alloc(16);
  into.forEach((word, i) => void bytes.writeUInt32LE(word, 4 * i));
  return bytes.toString('hex');
}

test.each(VECTORS)('the hash of %i bytes is that of the reference implementation', (length, expected) => {
  expect(hex(length)).toBe(expected);
});

test('every length has a hash of its own', () => {
  expect(new Set(Array.from({ length: 300 }, (_, length) => hex(length))).size).toBe(300);
});
