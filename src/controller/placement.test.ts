import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sfc32 } from '../base/random.ts';
import { placeReplicas, type UsableBroker } from './placement.ts';

const cluster = (racks: readonly (string | null)[], fenced: readonly number[] = []): UsableBroker[] =>
  racks.map((rack, i) => ({ id: i + 1, rack, fenced: fenced.includes(i + 1) }));

function place(brokers: readonly UsableBroker[], partitions: number, replicationFactor: number, seed = 1) {
  const placement = placeReplicas(brokers, { partitions, replicationFactor }, new Sfc32(seed));
  if ('error' in placement) throw new Error(placement.message);
  return placement.replicas;
}

test('each partition has its replicas in as many racks as there are', () => {
  const brokers = cluster(['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c']);
  for (const replicas of place(brokers, 60, 3))
    expect(new Set(replicas.map((id) => brokers[id - 1]?.rack)).size).toBe(3);
});

test('leaders are even over the brokers', () => {
  const leaders = new Map<number | undefined, number>();
  for (const [leader] of place(cluster(['a', 'b', 'c']), 30, 3))
    leaders.set(leader, (leaders.get(leader) ?? 0) + 1);
  expect([...leaders.values()]).toEqual([10, 10, 10]);
});

test('replicas are distinct brokers, and the first is never a fenced one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ rack: fc.constantFrom(null, 'a', 'b', 'c'), fenced: fc.boolean() }), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer(),
      (described, factor, seed) => {
        const brokers = described.map((broker, id) => ({ ...broker, id }));
        fc.pre(brokers.some((broker) => !broker.fenced) && factor <= brokers.length);
        for (const replicas of place(brokers, 25, factor, seed)) {
          expect(new Set(replicas).size).toBe(factor);
          expect(replicas.length).toBe(factor);
          expect(brokers[replicas[0] ?? -1]?.fenced).toBe(false);
        }
      },
    ),
  );
});

test('a fenced broker gets a replica only when its rack has no other', () => {
  for (const replicas of place(cluster(['a', 'a', 'b'], [1]), 20, 2)) expect(replicas).not.toContain(1);
  for (const replicas of place(cluster(['a', 'a', 'b'], [1]), 20, 3)) expect(replicas).toContain(1);
});

test('more replicas than brokers are refused in Kafka words', () => {
  expect(placeReplicas(cluster([null, null]), { partitions: 1, replicationFactor: 3 }, new Sfc32(1))).toEqual(
    {
      error: 'INVALID_REPLICATION_FACTOR',
      message:
        'The target replication factor of 3 cannot be reached because only 2 broker(s) are registered or some brokers have all their log directories cordoned.',
    },
  );
  expect(placeReplicas(cluster([null], [1]), { partitions: 1, replicationFactor: 1 }, new Sfc32(1))).toEqual({
    error: 'INVALID_REPLICATION_FACTOR',
    message: 'All brokers are currently fenced.',
  });
});
