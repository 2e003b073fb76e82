import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limitLog } from './log-limit.ts';

test('a log that has grown long is put aside, and its writer goes on in an empty one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
  const file = join(folder, 'process.log');
  const writer = openSync(file, 'a');
  limitLog(file);
  writeSync(writer, 'short\n');
  limitLog(file);
  expect(readFileSync(file, 'utf8')).toBe('short\n');
  appendFileSync(file, Buffer.alloc(17 * 1024 * 1024, 'x'));
  limitLog(file);
  writeSync(writer, 'next\n');
  expect(readFileSync(file, 'utf8')).toBe('next\n');
  expect(statSync(`${file}.1`).size).toBe(17 * 1024 * 1024 + 6);
  closeSync(writer);
  rmSync(folder, { recursive: true });
});

test('a log that is not there is short', () => {
  expect(() => limitLog('/nowhere/process.log')).not.toThrow();
});
