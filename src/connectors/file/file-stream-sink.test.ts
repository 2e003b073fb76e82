import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NodeClock } from '../../platform/node-clock.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { ConnectValue } from '../kernel/schema.ts';
import { TestSinkContext } from '../testing/sink-task-context.ts';
import { fileStreamSink } from './file-stream-sink.ts';
import { FileStreamSinkTask } from './file-stream-sink-task.ts';

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

/** Opens files whose `fail`th sync fails, once, as Linux tells of a page that it could not write. */
function failingSync(method: 'sync' | 'datasync', fail: number): typeof open {
  let syncs = 0;
  return async (...args) => {
    const handle = await open(...args);
    return new Proxy(handle, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (name !== method) return value.bind(target);
        return async () => {
          if (++syncs === fail) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
          await (target as FileHandle)[method]();
        };
      },
    });
  };
}

test('after a sync that failed no offset is committed before the lines are written anew', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'file-sink-'));
  const file = join(folder, 'out.txt');
  const opened = failingSync('datasync', 2);
  const task = new FileStreamSinkTask(file, opened);
  await task.start(new TestSinkContext(new NodeClock()));
  await task.put([record('one')]);
  expect(await task.preCommit([{ topic: 't', partition: 0, offset: 1 }])).toHaveLength(1);
  await task.put([record('two')]);
  const behindTwo = [{ topic: 't', partition: 0, offset: 2 }];
  await expect(task.preCommit(behindTwo)).rejects.toThrow(`${file} may not be on the device (EIO`);
  await task.put([record('three')]);
  await expect(task.preCommit(behindTwo)).rejects.toThrow('written again when the task starts again');
  await task.stop();
  const again = new FileStreamSinkTask(file, opened);
  await again.start(new TestSinkContext(new NodeClock()));
  await again.put([record('two'), record('three')]);
  expect(await again.preCommit([{ topic: 't', partition: 0, offset: 3 }])).toHaveLength(1);
  await again.stop();
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\nthree\ntwo\nthree\n');
  rmSync(folder, { recursive: true });
});

test('a task whose new file has no durable name does not start, and one that starts later makes it durable', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'file-sink-'));
  const file = join(folder, 'out.txt');
  const failing = new FileStreamSinkTask(file, failingSync('sync', 1));
  await expect(failing.start(new TestSinkContext(new NodeClock()))).rejects.toThrow('EIO');
  await failing.stop();
  writeFileSync(file, 'of another process\n');
  let syncs = 0;
  const counting: typeof open = async (path, flags) => {
    if (path === folder) syncs++;
    return open(path, flags);
  };
  const task = new FileStreamSinkTask(file, counting);
  await task.start(new TestSinkContext(new NodeClock()));
  await task.stop();
  expect(syncs).toBe(1);
  rmSync(folder, { recursive: true });
});
