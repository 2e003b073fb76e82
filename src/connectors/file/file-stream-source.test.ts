import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NodeClock } from '../../platform/node-clock.ts';
import type { SourceOffset, SourceRecord } from '../kernel/connect-record.ts';
import type { SourceTask } from '../kernel/source-task.ts';
import { TestSourceContext } from '../testing/source-task-context.ts';
import { fileStreamSource } from './file-stream-source.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-source-'));
  file = join(folder, 'in.txt');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function started(stored: SourceOffset | null, more: Record<string, string> = {}): Promise<SourceTask> {
  const task = await fileStreamSource.task({ file, topic: 'lines', ...more });
  await task.start(new TestSourceContext(new NodeClock(), stored));
  return task;
}

async function polled(task: SourceTask, count: number): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  while (records.length < count) records.push(...(await task.poll()));
  return records;
}

describe('lines of a file', () => {
  test('end in LF, CR LF or CR, and each has the position behind it', async () => {
    writeFileSync(file, 'one\ntwo\r\nthree\rfour\n\nrest');
    const task = await started(null);
    const records = await polled(task, 5);
    expect(records.map(({ value, sourceOffset }) => [value, sourceOffset.position])).toEqual([
      ['one', 4],
      ['two', 9],
      ['three', 15],
      ['four', 20],
      ['', 21],
    ]);
    expect(records[0]?.sourcePartition).toEqual({ filename: file });
    await task.stop();
  });

  test('go on behind the stored position, also with what is appended later', async () => {
    writeFileSync(file, 'one\ntwo\nthr');
    const task = await started({ position: 4 });
    expect((await polled(task, 1)).map(({ value }) => value)).toEqual(['two']);
    expect(await task.poll()).toEqual([]);
    appendFileSync(file, 'ee\nfour\n');
    expect((await polled(task, 2)).map(({ value }) => value)).toEqual(['three', 'four']);
    await task.stop();
  });

  test('of more bytes than are read at a time are whole, in batches of batch.size', async () => {
    const lines = Array.from({ length: 3000 }, (_, number) => `${number} ${'é'.repeat(150)}`);
    writeFileSync(file, `${lines.join('\r\n')}\r\n`);
    const task = await started(null, { 'batch.size': '7' });
    const first = await task.poll();
    expect(first).toHaveLength(7);
    const records = [...first, ...(await polled(task, 2993))];
    expect(records.map(({ value }) => value)).toEqual(lines);
    await task.stop();
  });

  test('are waited for where there is no file yet', async () => {
    const task = await started(null);
    expect(await task.poll()).toEqual([]);
    writeFileSync(file, 'late\n');
    expect((await polled(task, 1)).map(({ value }) => value)).toEqual(['late']);
    await task.stop();
  });
});
