import { mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ProcessLog } from './process-log.ts';

test('a full disk drops lines and says so when there is room again, on a line of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-process-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'made', 'process.log');
  let room = Number.POSITIVE_INFINITY;
  const write = (descriptor: number, bytes: Buffer, from: number, length: number): number => {
    if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const written = writeSync(descriptor, bytes, from, Math.min(length, room));
    room -= written;
    return written;
  };
  const log = new ProcessLog(file, write as typeof writeSync);
  log.write('{"msg":"first"}\n');
  room = 5;
  log.write('{"msg":"cut"}\n');
  log.write('{"msg":"lost"}\n');
  room = Number.POSITIVE_INFINITY;
  log.write('{"msg":"last"}\n');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toBe('{"msg":"first"}');
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ level: 40, msg: expect.stringContaining('2 lines') });
  expect(lines[3]).toBe('{"msg":"last"}');
});
