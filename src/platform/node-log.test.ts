import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { LogLevel } from '../base/log.ts';
import { nodeLog } from './node-log.ts';

test('a process logs one JSON object a line, with the fields of its parents and errors in full', () => {
  const folder = mkdtempSync(`${tmpdir()}/millrace-log-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = `${folder}/logs/broker.log`;
  const log = nodeLog({ level: 'info', file });
  log.debug('not this');
  log
    .child({ brokerId: 3 })
    .warn('disk is slow', { ms: 20, error: new Error('why', { cause: new Error('deeper') }) });
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(1);
  const line: unknown = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({
    level: 40,
    time: expect.any(Number),
    msg: 'disk is slow',
    brokerId: 3,
    ms: 20,
    err: {
      type: 'Error',
      message: 'why: deeper',
      stack: expect.stringMatching(/why\n[\s\S]*caused by: Error: deeper/),
    },
  });
});

test('the level can change while the process runs, for its children too', () => {
  const folder = mkdtempSync(`${tmpdir()}/millrace-log-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = `${folder}/broker.log`;
  let level: LogLevel = 'info';
  const child = nodeLog({ level: () => level, file }).child({ brokerId: 3 });
  child.debug('not this');
  level = 'debug';
  child.debug('this');
  level = 'error';
  child.warn('nor this');
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['this']);
});

test('what a line cannot say takes nothing else with it', () => {
  const folder = mkdtempSync(`${tmpdir()}/millrace-log-`);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = `${folder}/broker.log`;
  const log = nodeLog({ level: 'info', file });
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const circular = new Error('round');
  circular.cause = circular;
  log.info('a circle', { circle });
  log.info('a large number', { offset: 2n ** 60n });
  log.error('an error of a system call', { error: Object.assign(new Error('no'), { code: 'ENOSPC' }) });
  log.error('an error that is its own cause', { error: circular });
  log.error('what was thrown is no error', { error: 'text' });
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { level: 30, msg: 'a circle' },
    { offset: '1152921504606846976' },
    { level: 50, err: { message: 'no', code: 'ENOSPC' } },
    { err: { message: 'round' } },
    { error: 'text' },
  ]);
});

test('people read one line for each, with the stack of an error below', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  const log = nodeLog({ level: 'debug' });
  log.debug('it begins', { broker: 1, at: 'here', nothing: undefined });
  log.warn('it failed', { error: new Error('why') });
  const [begins, failed] = write.mock.calls.map(([line]) => line);
  expect(begins).toMatch(/^\d\d:\d\d:\d\d\.\d{3} debug it begins broker=1 at=here\n$/);
  expect(failed).toMatch(/^\S+ warn {2}it failed\nError: why\n {4}at /);
});
