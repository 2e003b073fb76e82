import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planRebalance, type RebalancePlan } from './plan.ts';
import type { PlanBroker, PlanPartition } from './planned-cluster.ts';

function planned(brokers: readonly PlanBroker[], partitions: readonly PlanPartition[]): RebalancePlan {
  const plan = planRebalance(brokers, partitions);
  if ('error' in plan) throw new Error(plan.message);
  return plan;
}

/** The partitions as they are when everything has moved and preferred leaders lead. */
function carriedOut(partitions: readonly PlanPartition[], plan: RebalancePlan): PlanPartition[] {
  const moves = new Map(plan.moves.map((move) => [`${move.topic}/${move.partition}`, move]));
  return partitions.map((partition) => {
    const replicas = moves.get(`${partition.topic}/${partition.index}`)?.to ?? partition.replicas;
    return { ...partition, replicas, leader: replicas[0] ?? -1 };
  });
}

/** Brokers 1 … n, round the zones as the control plane numbers them. */
function cluster(count: number, zones: number, drained: readonly number[] = []): PlanBroker[] {
  return Array.from({ length: count }, (_, n) => ({
    id: n + 1,
    zone: `zone-${n % zones}`,
    accepts: !drained.includes(n + 1),
  }));
}

/** Topics placed over brokers 1 … n as Kafka stripes them: even, each topic too. */
function striped(
  topics: readonly { partitions: number; replicationFactor: number }[],
  brokers: number,
  sizeOf: (n: number) => number = (n) => 1000 + n,
): PlanPartition[] {
  return topics.flatMap(({ partitions, replicationFactor }, topic) =>
    Array.from({ length: partitions }, (_, index) => {
      const replicas = Array.from(
        { length: replicationFactor },
        (_, replica) => 1 + ((topic + index + replica) % brokers),
      );
      const leader = replicas[0] ?? -1;
      return { topic: `topic-${topic}`, index, replicas, leader, sizeInBytes: sizeOf(index) };
    }),
  );
}

function count(
  partitions: readonly PlanPartition[],
  of: (partition: PlanPartition) => readonly number[],
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const broker of partitions.flatMap(of)) counts.set(broker, (counts.get(broker) ?? 0) + 1);
  return counts;
}

function difference(counts: ReadonlyMap<number, number>, brokers: readonly PlanBroker[]): number {
  const numbers = brokers.filter(({ accepts }) => accepts).map(({ id }) => counts.get(id) ?? 0);
  return Math.max(...numbers) - Math.min(...numbers);
}

/** The rule of the issue: within 10 %, or 1. */
function expectEven(counts: ReadonlyMap<number, number>, brokers: readonly PlanBroker[]): void {
  const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
  const accepting = brokers.filter(({ accepts }) => accepts).length;
  expect(difference(counts, brokers)).toBeLessThanOrEqual(Math.max(1, (0.1 * total) / accepting));
}

const replicasOf = ({ replicas }: PlanPartition) => replicas;
const preferredOf = ({ replicas }: PlanPartition) => replicas.slice(0, 1);

/**
 * Any placement at all, good or bad, on brokers of which some may be gone; zones of equal size among those
 * that accept.
 */
const anyCluster = fc
  .record({
    zones: fc.integer({ min: 1, max: 4 }),
    perZone: fc.integer({ min: 1, max: 3 }),
    drained: fc.integer({ min: 0, max: 4 }),
  })
  .chain(({ zones, perZone, drained }) => {
    const accepting = zones * perZone;
    const brokers: PlanBroker[] = Array.from({ length: accepting + drained }, (_, n) => ({
      id: n + 1,
      zone: `zone-${n % zones}`,
      accepts: n < accepting,
    }));
    const partition = (replicationFactor: number) =>
      fc.record({
        replicas: fc.shuffledSubarray(
          brokers.map(({ id }) => id),
          { minLength: replicationFactor, maxLength: replicationFactor },
        ),
        sizeInBytes: fc.nat(1_000_000),
      });
    const topic = fc
      .integer({ min: 1, max: Math.min(3, accepting) })
      .chain((replicationFactor) => fc.array(partition(replicationFactor), { minLength: 1, maxLength: 40 }));
    return fc.array(topic, { maxLength: 6 }).map((topics) => ({
      brokers,
      partitions: topics.flatMap((one, number) =>
        one.map(({ replicas, sizeInBytes }, index) => ({
          topic: `topic-${number}`,
          index,
          replicas,
          leader: replicas[0] ?? -1,
          sizeInBytes,
        })),
      ),
    }));
  });

describe('whatever the cluster looks like', () => {
  const runs = { numRuns: 300 };

  test('replicas of a partition lie in different zones while zones suffice, and evenly over them when not', () => {
    fc.assert(
      fc.property(anyCluster, ({ brokers, partitions }) => {
        const zone = new Map(brokers.map((broker) => [broker.id, broker.zone]));
        const zones = new Set(brokers.filter(({ accepts }) => accepts).map((broker) => broker.zone)).size;
        for (const { replicas } of carriedOut(partitions, planned(brokers, partitions))) {
          const used = new Map<string, number>();
          for (const id of replicas) used.set(zone.get(id) ?? '', (used.get(zone.get(id) ?? '') ?? 0) + 1);
          expect(Math.max(...used.values())).toBe(Math.ceil(replicas.length / zones));
          expect(used.size).toBe(Math.min(zones, replicas.length));
        }
      }),
      runs,
    );
  });

  test('replicas and preferred leaders per broker are even within 10 % or one', () => {
    fc.assert(
      fc.property(anyCluster, ({ brokers, partitions }) => {
        const after = carriedOut(partitions, planned(brokers, partitions));
        expectEven(count(after, replicasOf), brokers);
        expectEven(count(after, preferredOf), brokers);
      }),
      runs,
    );
  });

  test('brokers that do not accept end with nothing, and no partition loses or doubles a replica', () => {
    fc.assert(
      fc.property(anyCluster, ({ brokers, partitions }) => {
        const accepting = new Set(brokers.filter(({ accepts }) => accepts).map(({ id }) => id));
        const after = carriedOut(partitions, planned(brokers, partitions));
        for (const [number, { replicas }] of after.entries()) {
          expect(replicas.every((id) => accepting.has(id))).toBe(true);
          expect(new Set(replicas).size).toBe(partitions[number]?.replicas.length);
        }
      }),
      runs,
    );
  });

  test('a plan that was carried out leaves nothing to plan', () => {
    fc.assert(
      fc.property(anyCluster, ({ brokers, partitions }) => {
        const after = carriedOut(partitions, planned(brokers, partitions));
        expect(planned(brokers, after).moves).toEqual([]);
      }),
      runs,
    );
  });

  test('the order in which brokers and partitions are given does not matter', () => {
    fc.assert(
      fc.property(anyCluster, ({ brokers, partitions }) => {
        expect(planned([...brokers].reverse(), [...partitions].reverse()).moves).toEqual(
          planned(brokers, partitions).moves,
        );
      }),
      runs,
    );
  });

  test('the summary adds up to the moves', () => {
    fc.assert(
      fc.property(anyCluster, ({ brokers, partitions }) => {
        const plan = planned(brokers, partitions);
        const after = carriedOut(partitions, plan);
        const sum = (of: 'bytesIn' | 'bytesOut') => plan.brokers.reduce((all, one) => all + one[of], 0);
        expect(sum('bytesIn')).toBe(plan.totalBytes);
        expect(sum('bytesOut')).toBe(plan.totalBytes);
        const [before, later] = [count(partitions, replicasOf), count(after, replicasOf)];
        const leaders = count(after, preferredOf);
        for (const broker of plan.brokers) {
          expect(broker.replicasBefore).toBe(before.get(broker.id) ?? 0);
          expect(broker.replicasAfter).toBe(later.get(broker.id) ?? 0);
          expect(broker.leadersAfter).toBe(leaders.get(broker.id) ?? 0);
          expect(broker.replicasBefore + broker.partitionsIn - broker.partitionsOut).toBe(
            broker.replicasAfter,
          );
        }
      }),
      runs,
    );
  });
});

/** All placements of the replicas that keep every rule; the fewest replicas that any of them moves. */
function fewestMoves(brokers: readonly PlanBroker[], partitions: readonly PlanPartition[]): number {
  const accepting = brokers.filter(({ accepts }) => accepts);
  const zones = new Set(accepting.map(({ zone }) => zone)).size;
  const places = (replicationFactor: number): PlanBroker[][] =>
    subsets(accepting, replicationFactor).filter(
      (places) => new Set(places.map(({ zone }) => zone)).size === Math.min(zones, replicationFactor),
    );
  const total = partitions.reduce((sum, { replicas }) => sum + replicas.length, 0);
  const tolerance = Math.max(1, (0.1 * total) / accepting.length);
  let fewest = Number.POSITIVE_INFINITY;
  const loads = new Map(accepting.map(({ id }) => [id, 0]));
  const visit = (number: number, moved: number): void => {
    const partition = partitions[number];
    if (moved >= fewest) return;
    if (!partition) {
      if (Math.max(...loads.values()) - Math.min(...loads.values()) <= tolerance) fewest = moved;
      return;
    }
    for (const place of places(partition.replicas.length)) {
      for (const { id } of place) loads.set(id, (loads.get(id) ?? 0) + 1);
      visit(number + 1, moved + place.filter(({ id }) => !partition.replicas.includes(id)).length);
      for (const { id } of place) loads.set(id, (loads.get(id) ?? 0) - 1);
    }
  };
  visit(0, 0);
  return fewest;
}

function subsets<T>(items: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, at) =>
    subsets(items.slice(at + 1), size - 1).map((others) => [item, ...others]),
  );
}

const moved = (plan: RebalancePlan): number =>
  plan.brokers.reduce((sum, { partitionsIn }) => sum + partitionsIn, 0);

test('no other plan of a small cluster moves fewer replicas', () => {
  const small = fc
    .record({
      zones: fc.integer({ min: 1, max: 3 }),
      accepting: fc.integer({ min: 2, max: 4 }),
      drained: fc.integer({ min: 0, max: 2 }),
    })
    .chain(({ zones, accepting, drained }) => {
      const brokers: PlanBroker[] = Array.from({ length: accepting + drained }, (_, n) => ({
        id: n + 1,
        zone: `zone-${n % Math.min(zones, accepting)}`,
        accepts: n < accepting,
      }));
      const ids = brokers.map(({ id }) => id);
      const replicas = fc.shuffledSubarray(ids, { minLength: 2, maxLength: 2 });
      return fc.array(replicas, { minLength: 1, maxLength: 5 }).map((all) => ({
        brokers,
        partitions: all.map((one, index) => ({
          topic: 't',
          index,
          replicas: one,
          leader: one[0] ?? -1,
          sizeInBytes: 1,
        })),
      }));
    });
  fc.assert(
    fc.property(small, ({ brokers, partitions }) => {
      const fewest = fewestMoves(brokers, partitions);
      if (fewest === Number.POSITIVE_INFINITY) return;
      expect(moved(planned(brokers, partitions))).toBe(fewest);
    }),
    { numRuns: 400 },
  );
});

describe('3 -> 6 -> 3 brokers', () => {
  const topics = [
    { partitions: 50, replicationFactor: 3 },
    { partitions: 24, replicationFactor: 3 },
    { partitions: 7, replicationFactor: 3 },
    { partitions: 30, replicationFactor: 2 },
  ];
  const total = 50 * 3 + 24 * 3 + 7 * 3 + 30 * 2;
  const before = striped(topics, 3);
  const grown = cluster(6, 3);
  const out = planned(grown, before);
  const after = carriedOut(before, out);

  test('out: half the replicas move, all of them onto new brokers, and each topic gives its share', () => {
    expect(moved(out)).toBeLessThanOrEqual(total / 2);
    for (const broker of out.brokers) {
      expect(broker.id <= 3 ? broker.partitionsIn : broker.partitionsOut).toBe(0);
    }
    expectEven(count(after, replicasOf), grown);
    expectEven(count(after, preferredOf), grown);
    for (const topic of new Set(after.map((partition) => partition.topic))) {
      const own = after.filter((partition) => partition.topic === topic);
      expect(difference(count(own, replicasOf), grown)).toBeLessThanOrEqual(3);
    }
  });

  test('in: exactly what lies on the drained brokers moves, to brokers in the same zone', () => {
    const shrunk = cluster(6, 3, [4, 5, 6]);
    const plan = planned(shrunk, after);
    const drained = after.flatMap(replicasOf).filter((id) => id > 3).length;
    expect(moved(plan)).toBe(drained);
    const last = carriedOut(after, plan);
    expectEven(count(last, replicasOf), shrunk);
    expectEven(count(last, preferredOf), shrunk);
    for (const broker of plan.brokers.filter(({ id }) => id > 3)) {
      expect(broker.replicasAfter).toBe(0);
      expect(broker.leadersAfter).toBe(0);
    }
  });
});

describe('what a person expects', () => {
  test('an even cluster has an empty plan', () => {
    const plan = planned(cluster(3, 3), striped([{ partitions: 30, replicationFactor: 3 }], 3));
    expect(plan).toMatchObject({ moves: [], totalBytes: 0 });
  });

  test('a cluster that is even within 10 % is left as it is', () => {
    // 21 on one, 19 on the other of two brokers.
    const partitions = Array.from({ length: 40 }, (_, index) => {
      const leader = index < 21 ? 1 : 2;
      return { topic: 't', index, replicas: [leader], leader, sizeInBytes: 5 };
    });
    expect(planned(cluster(2, 1), partitions).moves).toEqual([]);
  });

  test('leaders on one side are evened out by order alone, without copying', () => {
    const partitions = Array.from({ length: 12 }, (_, index) => ({
      topic: 't',
      index,
      replicas: [1, 2, 3],
      leader: 1,
      sizeInBytes: 1_000_000,
    }));
    const plan = planned(cluster(3, 3), partitions);
    expect(plan.totalBytes).toBe(0);
    expect(plan.moves).toHaveLength(8);
    expect(plan.brokers.map(({ leadersBefore, leadersAfter }) => [leadersBefore, leadersAfter])).toEqual([
      [12, 4],
      [0, 4],
      [0, 4],
    ]);
  });

  test('of the partitions of a topic the small ones move', () => {
    const partitions = [10, 900, 20, 800].map((sizeInBytes, index) => ({
      topic: 't',
      index,
      replicas: [1],
      leader: 1,
      sizeInBytes,
    }));
    const plan = planned(cluster(2, 1), partitions);
    expect(plan.moves.map(({ partition, to }) => [partition, to])).toEqual([
      [0, [2]],
      [2, [2]],
    ]);
    expect(plan.totalBytes).toBe(30);
  });

  test('a replica on a broker that nobody knows any more finds a new place', () => {
    const partitions = [{ topic: 't', index: 0, replicas: [99, 1, 2], leader: 1, sizeInBytes: 7 }];
    expect(planned(cluster(3, 3), partitions).moves).toMatchObject([{ from: [99, 1, 2], bytes: 7 }]);
    expect(planned(cluster(3, 3), partitions).moves[0]?.to.toSorted()).toEqual([1, 2, 3]);
  });

  test('zones of unequal size: the zone rule goes first, and inside a zone brokers are even', () => {
    const brokers = [
      { id: 1, zone: 'a', accepts: true },
      { id: 2, zone: 'b', accepts: true },
      { id: 3, zone: 'c', accepts: true },
      { id: 4, zone: 'c', accepts: true },
    ];
    const partitions = striped([{ partitions: 40, replicationFactor: 3 }], 3);
    const after = count(carriedOut(partitions, planned(brokers, partitions)), replicasOf);
    expect([after.get(1), after.get(2)]).toEqual([40, 40]);
    expect(Math.abs((after.get(3) ?? 0) - (after.get(4) ?? 0))).toBeLessThanOrEqual(1);
  });

  test('a drain that leaves too few brokers names the topic', () => {
    const partitions = [
      { topic: 'two', index: 0, replicas: [1, 2], leader: 1, sizeInBytes: 0 },
      { topic: 'three', index: 0, replicas: [1, 2, 3], leader: 1, sizeInBytes: 0 },
    ];
    expect(planRebalance(cluster(3, 3, [3]), partitions)).toMatchObject({
      error: 'NOT_ENOUGH_BROKERS',
      topic: 'three',
      replicationFactor: 3,
      brokers: 2,
    });
    expect(planRebalance([], partitions)).toMatchObject({ error: 'NOT_ENOUGH_BROKERS', brokers: 0 });
    expect(planned([], [])).toMatchObject({ moves: [], brokers: [] });
  });
});

test('10,000 partitions over 30 brokers are planned in less than two seconds', () => {
  const sizeOf = (n: number) => (n * 7919) % 1_000_003;
  const of = (topics: number, partitions: number) =>
    Array.from({ length: topics }, () => ({ partitions, replicationFactor: 3 }));
  for (const [brokers, partitions] of [
    [cluster(30, 3), striped(of(200, 50), 15, sizeOf)],
    [cluster(30, 3, [25, 26, 27, 28, 29, 30]), striped(of(200, 50), 30)],
    [cluster(30, 3), striped(of(200, 50), 3)],
    [cluster(30, 3), striped(of(10_000, 1), 3)],
    [cluster(30, 3), striped(of(1, 10_000), 3, sizeOf)],
  ] as const) {
    // Time of this thread: what else the machine does is not the plan's.
    const began = process.threadCpuUsage();
    const plan = planned(brokers, partitions);
    const spent = process.threadCpuUsage(began);
    expect((spent.user + spent.system) / 1000).toBeLessThan(2000);
    expectEven(count(carriedOut(partitions, plan), replicasOf), brokers);
  }
});
