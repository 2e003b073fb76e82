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

test('a log is emptied when its copy and the name of that are on the device', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
  const file = join(folder, 'process.log');
  const LONG_BYTES = 17 * 1024 * 1024;
  appendFileSync(file, Buffer.alloc(LONG_BYTES, 'x'));
  const synced: [string, number][] = [];
  limitLog(file, (path) => synced.push([path, statSync(file).size]));
  expect(synced).toEqual([
    [`${file}.1`, LONG_BYTES],
    [folder, LONG_BYTES],
  ]);
  expect(statSync(file).size).toBe(0);
  rmSync(folder, { recursive: true });
});

test('a log that is not there is short', () => {
  expect(() => limitLog('/nowhere/process.log')).not.toThrow();
});
