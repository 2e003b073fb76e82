import { expect, test } from 'vitest';
import { silent } from '../base/log.ts';
import { nodeWorld } from '../platform/node-world.ts';
import type { ClusterBrokers } from './connections/cluster-brokers.ts';
import { LATEST, lookUpOffsets } from './offset-lookup.ts';
import { retried } from './retried.ts';

const world = nodeWorld(silent);
const QUESTION = { topic: 't', partition: 0, timestamp: LATEST };
/** Of one partition whose log ends at 42. */
const END = [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 0, offset: 42, leaderEpoch: 3 }] }];

/**
 * A cluster whose only partition is led by broker 1. `brokers`: whether that broker is known, at each look;
 * `answers`: what it says. Both stay at their last.
 */
function clusterOf(brokers: readonly boolean[], answers: readonly unknown[]): ClusterBrokers {
  const next = <T>(list: readonly T[]) => {
    const left = [...list];
    return () => (left.length > 1 ? left.shift() : left[0]);
  };
  const isKnown = next(brokers);
  const answer = next(answers);
  const leader = { id: 1, host: '127.0.0.1', port: 9092 };
  return {
    world,
    requestTimeoutMs: 1000,
    view: {
      topic: async () => ({ name: 't', partitions: [{ leader: 1, leaderEpoch: 3 }] }),
      leader: () => (isKnown() ? leader : null),
      broker: () => (isKnown() ? leader : null),
      refresh: async () => {},
    },
    ask: async () => ({ topics: answer() }),
    retried: <T>(attempt: () => Promise<T>) => retried(world, 60_000, attempt),
  } as unknown as ClusterBrokers;
}

test.each([
  ['a leader that is not known any more when it is to be asked', [true, true, false, true], [END]],
  ['an answer without the partition', [true], [[], END]],
  [
    'an end without an offset',
    [true],
    [[{ name: 't', partitions: [{ ...END[0]?.partitions[0], offset: -1 }] }], END],
  ],
] as const)('%s is asked about again', async (_, brokers, answers) => {
  const found = await lookUpOffsets(clusterOf(brokers, answers), [QUESTION], 'read_uncommitted');
  expect([...found.values()]).toEqual([{ offset: 42, leaderEpoch: 3 }]);
});

test('no record may be as late as a time', async () => {
  const none = [
    { name: 't', partitions: [{ partitionIndex: 0, errorCode: 0, offset: -1, leaderEpoch: -1 }] },
  ];
  const question = { ...QUESTION, timestamp: 5 };
  const found = await lookUpOffsets(clusterOf([true], [none]), [question], 'read_uncommitted');
  expect([...found.values()]).toEqual([{ offset: null, leaderEpoch: -1 }]);
});
