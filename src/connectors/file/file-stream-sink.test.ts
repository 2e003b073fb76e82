import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NodeClock } from '../../platform/node-clock.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { ConnectValue } from '../kernel/schema.ts';
import { TestSinkContext } from '../testing/sink-task-context.ts';
import { fileStreamSink } from './file-stream-sink.ts';

function record(value: ConnectValue): SinkRecord {
  return {
    ...{
      topic: 't',
      partition: 0,
      originalTopic: 't',
      originalPartition: 0,
      offset: 0,
      headers: [],
      origin: null,
    },
    ...{ key: null, keySchema: null, value, valueSchema: null },
    ...{ timestamp: 0, timestampType: 'CreateTime' },
  };
}

test('values are lines at the end of the file, and bytes are reported', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'file-sink-'));
  const file = join(folder, 'out.txt');
  const context = new TestSinkContext(new NodeClock());
  for (const values of [
    ['one', null],
    [7n, new Uint8Array(3), 'two'],
  ]) {
    const task = await fileStreamSink.task({ file });
    await task.start(context);
    await task.put(values.map(record));
    expect(await task.preCommit([{ topic: 't', partition: 0, offset: 2 }])).toHaveLength(1);
    await task.stop();
  }
  expect(readFileSync(file, 'utf8')).toBe('one\nnull\n7\ntwo\n');
  expect(context.reported.map(({ record }) => record.value)).toEqual([new Uint8Array(3)]);
  rmSync(folder, { recursive: true });
});

test('a line that was not written whole does not swallow the record that is written next', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'file-sink-'));
  const file = join(folder, 'out.txt');
  writeFileSync(file, 'one\nhalf of a li');
  const task = await fileStreamSink.task({ file });
  await task.start(new TestSinkContext(new NodeClock()));
  await task.put([record('half of a line')]);
  await task.stop();
  expect(readFileSync(file, 'utf8')).toBe('one\nhalf of a li\nhalf of a line\n');
  rmSync(folder, { recursive: true });
});
