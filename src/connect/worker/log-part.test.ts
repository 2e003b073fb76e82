import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logAfter, logEnd } from './log-part.ts';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
  log = join(folder, 'worker.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the end of a log, and then whole lines as they come', () => {
  writeFileSync(log, 'one\ntwo\n');
  expect(logEnd(log, 4)).toEqual({ text: 'two\n', position: 8 });
  appendFileSync(log, 'drei ü\nvi');
  const more = logAfter(log, 8, 100);
  expect(more.text).toBe('drei ü\n');
  appendFileSync(log, 'er\n');
  expect(logAfter(log, more.position, 100).text).toBe('vier\n');
});

test('a log that was begun anew is read from its beginning', () => {
  writeFileSync(log, 'new\n');
  expect(logAfter(log, 1_000, 100)).toEqual({ text: 'new\n', position: 4 });
});

test('a line that is longer than what is read comes in parts', () => {
  writeFileSync(log, `${'x'.repeat(15)}\n`);
  expect(logAfter(log, 0, 10)).toEqual({ text: 'x'.repeat(10), position: 10 });
  expect(logAfter(log, 10, 10)).toEqual({ text: 'xxxxx\n', position: 16 });
});

test('a log that is not there yet is empty', () => {
  expect(logEnd(log, 10)).toEqual({ text: '', position: 0 });
  expect(logAfter(log, 0, 10)).toEqual({ text: '', position: 0 });
});
