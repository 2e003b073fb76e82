import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { EventLog } from './event-log.ts';

const demo = { name: 'demo', arn: 'arn:demo' };
const other = { name: 'other', arn: 'arn:other' };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'events-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const open = (): EventLog => EventLog.open(folder, silent);
const add = (log: EventLog, message: string, cluster: typeof demo | null = demo): void =>
  log.add({ kind: 'CLUSTER_STATE', cluster, message });
const messages = (log: EventLog, range: Partial<Parameters<EventLog['list']>[0]> = {}): string[] =>
  log.list({ most: 100, ...range }).map(({ message }) => message);

test('events are asked for by cluster, by number and behind one that is known', () => {
  const log = open();
  add(log, 'one');
  add(log, 'two', other);
  add(log, 'three', null);
  add(log, 'four');
  expect(messages(log)).toEqual(['one', 'two', 'three', 'four']);
  expect(messages(log, { cluster: 'demo' })).toEqual(['one', 'four']);
  expect(messages(log, { cluster: other.arn })).toEqual(['two']);
  expect(messages(log, { most: 2 })).toEqual(['three', 'four']);
  const after = log.list({ most: 2 })[0]?.id ?? 0;
  expect(messages(log, { after })).toEqual(['four']);
});

test('the next life knows them, and goes on counting', () => {
  add(open(), 'before');
  const log = open();
  add(log, 'after');
  expect(log.list({ most: 9 }).map(({ id, message }) => [id, message])).toEqual([
    [1, 'before'],
    [2, 'after'],
  ]);
});

test('a line that a crash cut costs that line alone', () => {
  add(open(), 'whole');
  appendFileSync(join(folder, 'events.log'), '{"id":2,"at":');
  add(open(), 'next');
  expect(messages(open())).toEqual(['whole', 'next']);
});

test('what cannot be written is known all the same, and the rest is written when it can be', () => {
  const log = open();
  mkdirSync(join(folder, 'events.log'));
  add(log, 'unwritten');
  rmSync(join(folder, 'events.log'), { recursive: true });
  add(log, 'written');
  expect(messages(log)).toEqual(['unwritten', 'written']);
  expect(messages(open())).toEqual(['written']);
});

test('a long file is written anew with the last ones', () => {
  const log = open();
  for (let number = 1; number <= 10_001; number++) add(log, String(number));
  expect(readFileSync(join(folder, 'events.log'), 'utf8').trim().split('\n').length).toBeLessThan(6_000);
  const later = open();
  expect(later.list({ most: 5_000 })).toHaveLength(5_000);
  expect(later.list({ most: 1 })).toMatchObject([{ id: 10_001, message: '10001' }]);
});
