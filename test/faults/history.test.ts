import { expect, test } from 'vitest';
import { broken } from './broken-promises.ts';
import { Consumed } from './consumed.ts';
import { check, longestGapsMs, type Read, type Sent } from './history.ts';

const sent = (sequence: number, offset: number): Sent => ({
  producer: 'p',
  sequence,
  acknowledged: true,
  partition: 0,
  offset,
  atMs: sequence,
});
const read = (sequence: number, offset: number): Read => ({ producer: 'p', sequence, partition: 0, offset });

test('a history in which everything is where it was acknowledged has no violation', () => {
  const { lost, invented, duplicated, disordered, moved } = check(
    [sent(0, 0), sent(1, 1)],
    [read(0, 0), read(1, 1)],
  );
  expect([lost, invented, duplicated, disordered, moved].flat()).toEqual([]);
});

test('an acknowledged record that is not there is lost; one without an answer is not', () => {
  const unanswered: Sent = { producer: 'p', sequence: 2, acknowledged: false, atMs: 2 };
  expect(check([sent(0, 0), sent(1, 1), unanswered], [read(0, 0)]).lost).toHaveLength(1);
});

test('a record that nobody sent, one that is there twice, one out of order and one that moved are each found', () => {
  expect(check([sent(0, 0)], [read(0, 0), read(7, 1)]).invented).toHaveLength(1);
  expect(check([sent(0, 0)], [read(0, 0), read(0, 1)]).duplicated).toHaveLength(1);
  expect(check([sent(0, 0), sent(1, 1)], [read(1, 0), read(0, 1)]).disordered).toHaveLength(1);
  expect(check([sent(0, 0)], [read(0, 5)]).moved).toHaveLength(1);
});

test('the longest gap is between acknowledgements of one partition, whatever failed in between', () => {
  const elsewhere = { ...sent(600, 0), partition: 1 };
  const failed = { ...sent(500, 2), acknowledged: false };
  const all = [sent(1, 0), sent(2, 1), failed, elsewhere, sent(900, 3)];
  expect(longestGapsMs(all)).toEqual([898, 0]);
  expect(longestGapsMs(all, 500)).toEqual([100, 400]);
});

test('what a consumer read while faults went on must be there in the end, as it was read', () => {
  const consumed = new Consumed('c');
  consumed.record(0, 0, 'p.0');
  consumed.record(0, 1, 'p.1');
  expect(check([sent(0, 0), sent(1, 1)], [read(0, 0), read(1, 1)], [consumed]).unread).toEqual([]);
  expect(check([sent(0, 0)], [read(0, 0)], [consumed]).unread).toEqual([
    '0/1 was read as p.1 and is not there',
  ]);
});

test('a consumer that did not poll what is there in the end is named, with how much it polled', () => {
  const consumed = new Consumed('c');
  consumed.record(0, 0, 'p.0');
  const history = [sent(0, 0), sent(1, 1), sent(2, 2)];
  const there = [read(0, 0), read(1, 1), read(2, 2)];
  expect(check(history, there, [consumed]).unseen).toEqual(['c polled 1 of 3 records, not p.1 at 0/1']);
  consumed.record(0, 1, 'p.1');
  consumed.record(0, 2, 'p.2');
  expect(check(history, there, [consumed]).unseen).toEqual([]);
});

test('a poll that goes back or skips is found, except where the consumer was given the partition anew', () => {
  const consumed = new Consumed('c');
  consumed.record(0, 0, 'a');
  consumed.record(0, 1, 'b');
  consumed.assigned([0]);
  consumed.record(0, 1, 'b');
  expect(consumed.violations).toEqual([]);
  consumed.record(0, 1, 'b');
  consumed.record(0, 4, 'e');
  expect(consumed.violations).toHaveLength(2);
});

test('a group that begins before what it committed, and a commit that goes back, are found', () => {
  const consumed = new Consumed('c');
  consumed.record(0, 0, 'a');
  consumed.record(0, 1, 'b');
  consumed.committed(0, 2);
  consumed.assigned([0]);
  consumed.record(0, 1, 'b');
  consumed.committed(0, 1);
  expect(consumed.violations).toHaveLength(2);
});

test('what is acknowledged while nothing may be is found, unless it was committed before', () => {
  const promise = { nothingFrom: 10, until: 20, why: 'one zone is left', committed: new Map([[0, 5]]) };
  expect(broken([promise], [sent(9, 7), sent(12, 4), sent(20, 8)])).toEqual([]);
  expect(broken([promise], [sent(12, 4), sent(13, 5)])).toEqual([
    '1 records were acknowledged while one zone is left: the first 3 ms after it could be, 13 of p at 0-5; the last 3 ms after it, of 10 ms',
  ]);
  expect(broken([{ ...promise, committed: new Map() }], [sent(12, 4)])).toHaveLength(1);
});

test('that nothing was acknowledged while something should have been is found', () => {
  const promise = { somethingFrom: 10, until: 20, why: 'the control plane is away' };
  expect(broken([promise], [sent(12, 4)])).toEqual([]);
  expect(broken([promise], [sent(9, 4)])).toEqual([
    'nothing was acknowledged while the control plane is away',
  ]);
});
