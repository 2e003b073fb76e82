import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outOfMemory } from './out-of-memory.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

// As OpenJDK 17 and Node 24 print it.
test.each([
  [
    'Java',
    '[2026-11-29] INFO started\nTerminating due to java.lang.OutOfMemoryError: Java heap space\n',
    'java.lang.OutOfMemoryError: Java heap space',
  ],
  [
    'Node',
    `FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n${' 1: 0xcafe node::Abort\n'.repeat(30)}`,
    'JavaScript heap out of memory',
  ],
  ['a process that ended of something else', '[2026-11-29] ERROR Stopping due to error\n', null],
])('%s', (_, log, says) => {
  const file = join(folder, 'worker.log');
  writeFileSync(file, log);
  expect(outOfMemory(file, 0)).toBe(says);
});

test('a process without a log did not say so', () => {
  expect(outOfMemory(join(folder, 'none.log'), 0)).toBeNull();
});

test('what an earlier life of the process said is not said again', () => {
  const file = join(folder, 'worker.log');
  writeFileSync(file, 'Terminating due to java.lang.OutOfMemoryError: Java heap space\n');
  const before = statSync(file).size;
  expect(outOfMemory(file, before)).toBeNull();
  appendFileSync(file, 'Terminating due to java.lang.OutOfMemoryError: Metaspace\n');
  expect(outOfMemory(file, before)).toBe('java.lang.OutOfMemoryError: Metaspace');
});
