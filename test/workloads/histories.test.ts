import { expect, test } from 'vitest';
import { SharedLedger } from './shared-ledger.ts';
import { TableHistory } from './table-history.ts';
import { TopicLife } from './topic-life.ts';
import { TransferHistory } from './transfer-history.ts';
import { Refused } from './wire-client.ts';
import { Working } from './working.ts';
import type { Workload } from './workload.ts';

test('of a key, what was acknowledged last is read, or what had no answer', () => {
  const history = new TableHistory();
  for (const value of [1, 2, 3]) history.wrote('key', value);
  history.acknowledged('key', 1);
  history.acknowledged('key', 3);
  expect(history.violations(new Map([['key', 3]]))).toEqual([]);
  expect(history.violations(new Map([['key', 2]]))).toEqual([]);
  expect(history.violations(new Map([['key', 1]]))).toEqual(['key was acknowledged with 3 and reads as 1']);
  expect(history.violations(new Map())).toEqual(['key was acknowledged with 3 and reads as nothing']);
  const invented = new Map(Object.entries({ key: 3, another: 4 }));
  expect(history.violations(invented)).toEqual(['another reads as 4, which nobody wrote']);
});

const entries = (transfer: string) => [
  { transfer, account: 0, amount: -5 },
  { transfer, account: 1, amount: 5 },
];

test('a transfer that was committed is whole, and one that was aborted is not there', () => {
  const history = new TransferHistory();
  history.ended('a', true);
  history.ended('b', false);
  expect(history.violations([...entries('a'), ...entries('unanswered')])).toEqual([]);
  expect(history.violations([])).toEqual(['transfer a is lost']);
  expect(history.violations(['a', 'b'].flatMap(entries))).toEqual(['transfer b was aborted and is there']);
  expect(history.violations(entries('a').slice(1))).toEqual([
    'the sum of all accounts has changed by 5',
    'half of transfer a is there',
  ]);
  expect(history.violations(['a', 'a'].flatMap(entries))).toEqual([
    'transfer a is twice in account 0',
    'transfer a is twice in account 1',
  ]);
});

test('of a share group, each record is given to somebody, and one consumer alone accepts it', () => {
  const ledger = new SharedLedger(15_000);
  for (const offset of [0, 1, 2]) ledger.produced(0, offset);
  ledger.given('a', 0, 0, 1000);
  ledger.accepts('a', 0, 0, 1100);
  ledger.given('a', 0, 1, 1000);
  expect(ledger.violations()).toEqual(['0/2 was given to nobody']);
  ledger.given('b', 0, 2, 2000);
  // Its lock was over and another consumer had accepted the record: a later acceptance of it does not count.
  ledger.given('b', 0, 1, 17_000);
  ledger.accepts('b', 0, 1, 17_100);
  ledger.accepts('a', 0, 1, 17_200);
  expect([ledger.violations(), ledger.accepted]).toEqual([[], 2]);
  ledger.given('b', 0, 0, 1200);
  ledger.accepts('b', 0, 0, 1300);
  ledger.accepts('c', 0, 2, 2100);
  expect(ledger.violations()).toEqual([
    '0/0 was accepted by a and by b',
    '0/2 was accepted by c, which was never given it',
  ]);
});

test('a life of a topic has what was acknowledged in it at its place, and nothing of another life', () => {
  const life = new TopicLife('life 1', 'id');
  const values = [0, 1, 2, 3].map((record) => life.valueOf(record));
  const read = (from: number) =>
    values.slice(from).map((value, i) => ({ offset: 10 + from + i, key: null, value }));
  life.acknowledged(0, 10, values);
  expect(life.violations(0, read(0))).toEqual([]);
  expect(life.violations(0, read(1))).toEqual(['0 has "undefined" at 10, not "life 1 record 0"']);
  life.mayBeDeletedBelow(0, life.middleOf(0) ?? 0);
  expect(life.violations(0, read(2))).toEqual([]);
  expect(life.violations(0, read(3))).toEqual(['0 has "undefined" at 12, not "life 1 record 2"']);
  const foreign = { offset: 14, key: null, value: 'life 0 record 4' };
  expect(life.violations(0, [...read(0), foreign])).toEqual(['0 has "life 0 record 4" at 14 in life 1']);
  const moved = read(0).map((record) => ({ ...record, offset: record.offset + 1 }));
  expect(life.violations(0, moved)).toHaveLength(2);
});

test('a step that was refused is followed by the next; an error that no fault explains comes out', async () => {
  const steps: number[] = [];
  const workload: Workload = {
    name: 'steps',
    topic: 'none',
    acknowledged: 0,
    step: async () => {
      steps.push(steps.length);
      throw steps.length < 3 ? new Refused('NOT_LEADER_OR_FOLLOWER') : new Error('the third step');
    },
    violations: async () => ['one'],
  };
  const working = new Working([workload], 0);
  working.start();
  await expect.poll(() => steps.length).toBe(3);
  await expect(working.rest()).rejects.toThrow('the third step');
  expect(await working.violations()).toEqual(['steps: one']);
});
