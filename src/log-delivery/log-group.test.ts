import {
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendToLogGroup, logStreamFile } from './log-group.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-group-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('lines are on the device before anybody can remember that they were delivered', () => {
  const file = logStreamFile(folder, 'orders', 'Broker-1');
  const synced: string[] = [];
  const sync = (descriptor: number) => {
    fdatasyncSync(descriptor);
    synced.push(readFileSync(file, 'utf8'));
  };
  appendToLogGroup(file, Buffer.from('one\n'), sync);
  appendToLogGroup(file, Buffer.from('two\n'), sync);
  expect(synced).toEqual(['one\n', 'one\ntwo\n']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('lines that could not be synced are in the file once when they are given again', () => {
  const file = logStreamFile(folder, 'orders', 'Broker-1');
  appendToLogGroup(file, Buffer.from('one\n'));
  const failing = () => {
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  };
  expect(() => appendToLogGroup(file, Buffer.from('two\n'), failing)).toThrow('EIO');
  expect(readFileSync(file, 'utf8')).toBe('one\n');
  appendToLogGroup(file, Buffer.from('two\n'));
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
});

test('the name of a file that a killed process left is on the device, too, before its lines count', () => {
  const file = logStreamFile(folder, 'orders', 'Broker-1');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, 'one\n');
  const synced: string[] = [];
  appendToLogGroup(file, Buffer.from('two\n'), fdatasyncSync, (names) => synced.push(names));
  expect(synced).toEqual([dirname(file)]);
});
