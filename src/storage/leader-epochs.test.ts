import { describe, expect, test } from 'vitest';
import { formatEpochs, parseEpochs } from './checkpoint-file.ts';
import { LeaderEpochs } from './leader-epochs.ts';

const entries = [
  { epoch: 2, startOffset: 10 },
  { epoch: 4, startOffset: 20 },
  { epoch: 7, startOffset: 30 },
];

function epochs(): LeaderEpochs {
  return new LeaderEpochs(entries, () => {});
}

describe('the end offset of an epoch', () => {
  test.each([
    ['undefined is undefined', -1, { epoch: -1, endOffset: -1 }],
    ['the latest ends where the log does', 7, { epoch: 7, endOffset: 99 }],
    ['a known one ends where the next begins', 4, { epoch: 4, endOffset: 30 }],
    ['an unknown one is answered by the one before it', 5, { epoch: 4, endOffset: 30 }],
    ['one older than all is answered by itself and the first start', 1, { epoch: 1, endOffset: 10 }],
    ['one newer than all is undefined', 8, { epoch: -1, endOffset: -1 }],
  ])('%s', (_, epoch, answer) => {
    expect(epochs().endOffsetFor(epoch, 99)).toEqual(answer);
  });
});

describe('appends that were not written are taken back', () => {
  test('with the epochs that began in them', () => {
    const known = epochs();
    known.assign({ epoch: 8, startOffset: 40 });
    known.forgetAfter(35);
    expect(known.entries).toEqual(entries);
    known.forgetAfter(30);
    expect(known.entries).toEqual(entries.slice(0, 2));
  });

  test('without the epoch that this replica leads in, which began before its first record', () => {
    const known = epochs();
    known.lead({ epoch: 8, startOffset: 40 });
    known.forgetAfter(40);
    expect(known.entries).toEqual([...entries, { epoch: 8, startOffset: 40 }]);
    known.assign({ epoch: 9, startOffset: 40 });
    known.forgetAfter(40);
    expect(known.entries).toEqual(entries);
  });
});

describe('assigning', () => {
  test('the latest epoch again changes nothing', () => {
    const known = epochs();
    known.assign({ epoch: 7, startOffset: 35 });
    expect(known.entries).toEqual(entries);
  });

  test('an epoch that contradicts later ones takes their place', () => {
    const known = epochs();
    known.assign({ epoch: 5, startOffset: 15 });
    expect(known.entries).toEqual([
      { epoch: 2, startOffset: 10 },
      { epoch: 5, startOffset: 15 },
    ]);
  });
});

describe('truncation', () => {
  test('from the end drops epochs without records', () => {
    const known = epochs();
    known.truncateFromEnd(20);
    expect(known.entries).toEqual([{ epoch: 2, startOffset: 10 }]);
  });

  test('from the start lets the epoch at the start begin there', () => {
    const known = epochs();
    known.truncateFromStart(25);
    expect(known.entries).toEqual([
      { epoch: 4, startOffset: 25 },
      { epoch: 7, startOffset: 30 },
    ]);
  });

  test('from before the start changes nothing', () => {
    const known = epochs();
    known.truncateFromStart(5);
    expect(known.entries).toEqual(entries);
  });
});

test('the checkpoint is Kafka’s text, and half of one is nothing', () => {
  expect(formatEpochs(entries)).toBe('0\n3\n2 10\n4 20\n7 30\n');
  expect(parseEpochs('0\n3\n2 10\n4 20\n7 30\n')).toEqual(entries);
  expect(parseEpochs('0\n3\n2 10\n4 2')).toBe(null);
  expect(parseEpochs('1\n0\n')).toBe(null);
  expect(parseEpochs('')).toBe(null);
});
