import { expect, test } from 'vitest';
import { readClassHeader } from './class-file.ts';

const INTERFACES = 5000;
const NAME = `a/${'b'.repeat(60_000)}`;

/** A class whose interfaces all have one name: of so many constants for classes, which share its text. */
function sharing(constants: number): Buffer {
  const text = Buffer.from(NAME);
  const bytes = Buffer.alloc(10 + 3 + text.length + 3 * constants + 8 + 2 * INTERFACES + 6);
  bytes.writeUInt32BE(0xcafebabe, 0);
  bytes.writeUInt16BE(61, 6);
  bytes.writeUInt16BE(2 + constants, 8);
  let at = bytes.writeUInt8(1, 10);
  at = bytes.writeUInt16BE(text.length, at);
  at += text.copy(bytes, at);
  for (let index = 0; index < constants; index++) at = bytes.writeUInt16BE(1, bytes.writeUInt8(7, at));
  for (const value of [0x0021, 2, 2, INTERFACES]) at = bytes.writeUInt16BE(value, at);
  for (let index = 0; index < INTERFACES; index++) at = bytes.writeUInt16BE(2 + (index % constants), at);
  return bytes;
}

test.each([
  ['one constant', 1],
  ['constants of their own', INTERFACES],
])(
  'a class that names one interface thousands of times, by %s, has its name in memory once',
  (_, constants) => {
    const bytes = sharing(constants);
    const before = process.memoryUsage().heapUsed;
    const header = readClassHeader(bytes);
    const grownBytes = process.memoryUsage().heapUsed - before;
    expect(header?.interfaces.map((name) => name === NAME.replace('/', '.'))).toEqual([true]);
    expect(grownBytes).toBeLessThan((INTERFACES * NAME.length) / 2);
  },
);
