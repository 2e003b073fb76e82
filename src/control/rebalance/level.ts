import { assert } from '../../base/assert.ts';
import type { Band } from './band.ts';
import type { Holdings } from './holdings.ts';

export interface Way {
  readonly source: number;
  readonly target: number;
}

/** Partitions that brokers hold and that may go from one to another: replicas, or leaderships. */
export interface Levelled {
  /** The brokers that take part, in the order in which ties are decided. */
  readonly brokers: readonly number[];
  readonly holdings: Holdings;
  fits(partition: number, way: Way): boolean;
  move(partition: number, way: Way): void;
  /** Steps that are taken as long as there are any, before others are: one rule after the other. */
  readonly preferred: readonly ((partition: number, way: Way) => boolean)[];
}

/**
 * Makes the loads of brokers even with as few moves as it finds. A partition goes from a fuller to an emptier
 * broker directly; when none fits, along the shortest chain of brokers that each hand one on. When no chain
 * is left that leads down by two, the loads are as even as the rules allow (every such chain lowers the sum
 * of squares, so this ends). Chains of shortest length do not disturb themselves: two steps with the same
 * partition would be one shorter.
 */
export function level(levelled: Levelled, band: Band): void {
  for (const rule of [...levelled.preferred, () => true]) {
    do levelDirectly(levelled, band, rule);
    while (levelByChain(levelled, band, rule));
  }
}

function wanted({ holdings }: Levelled, band: Band, { source, target }: Way): boolean {
  const [high, low] = [holdings.load(source), holdings.load(target)];
  return high - low >= 2 && (high > band.hi || low < band.lo);
}

function fullestFirst({ brokers, holdings }: Levelled): number[] {
  return [...brokers].sort((a, b) => holdings.load(b) - holdings.load(a));
}

type Rule = (partition: number, way: Way) => boolean;

function levelDirectly(levelled: Levelled, band: Band, rule: Rule): void {
  /** Ways on which nothing could go; they are looked at again only after a chain has changed the picture. */
  const barred = levelled.brokers.map(() => new Set<number>());
  const step = (source: number, target: number): boolean => {
    const way = { source, target };
    if (!wanted(levelled, band, way) || barred[source]?.has(target)) return false;
    const partitions = best(levelled, way, rule, share(levelled, way));
    if (partitions.length === 0) barred[source]?.add(target);
    for (const partition of partitions) levelled.move(partition, way);
    return partitions.length > 0;
  };
  for (;;) {
    const sources = fullestFirst(levelled);
    const targets = [...sources].reverse();
    if (!sources.some((source) => targets.some((target) => step(source, target)))) return;
  }
}

/**
 * What may go in one step without a look at the other brokers: every broker's share of half the difference.
 */
function share({ brokers, holdings }: Levelled, { source, target }: Way): number {
  const difference = holdings.load(source) - holdings.load(target);
  return Math.max(1, Math.floor(difference / 2 / brokers.length));
}

function levelByChain(levelled: Levelled, band: Band, rule: Rule): boolean {
  /**
   * Brokers from which an emptier one than from here was looked for in vain, and all that can be reached from
   * them.
   */
  const closed = new Set<number>();
  return fullestFirst(levelled).some((source) => {
    const isEnd = (target: number) => wanted(levelled, band, { source, target });
    const chain = closed.has(source) ? null : shortestChain(levelled, { source, rule, isEnd, closed });
    return chain !== null && moveAlong(levelled, chain, rule);
  });
}

/**
 * Breadth first: the brokers that can be reached by handing partitions on, until one is wanted as the end.
 */
function shortestChain(
  levelled: Levelled,
  search: { source: number; rule: Rule; isEnd: (broker: number) => boolean; closed: Set<number> },
): Way[] | null {
  const { source, rule, isEnd, closed } = search;
  if (!levelled.brokers.some(isEnd)) return null;
  const cameFrom = new Map<number, number>([[source, source]]);
  const queue = [source];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const unseen = new Set(levelled.brokers.filter((broker) => !cameFrom.has(broker) && !closed.has(broker)));
    for (const partition of levelled.holdings.partitions(at)) {
      for (const target of unseen) {
        const way = { source: at, target };
        if (!rule(partition, way) || !levelled.fits(partition, way)) continue;
        unseen.delete(target);
        cameFrom.set(target, at);
        queue.push(target);
      }
      if (unseen.size === 0) break;
    }
    const end = queue.find((broker) => cameFrom.get(broker) === at && isEnd(broker));
    if (end !== undefined) return waysTo(end, cameFrom);
  }
  for (const broker of cameFrom.keys()) closed.add(broker);
  return null;
}

/** The steps of a chain, the last one first: a broker hands on before it gets. */
function waysTo(end: number, cameFrom: ReadonlyMap<number, number>): Way[] {
  const ways: Way[] = [];
  for (let target = end; ; ) {
    const source = cameFrom.get(target);
    assert(source !== undefined, 'every broker of a chain was reached from another');
    if (source === target) return ways;
    ways.push({ source, target });
    target = source;
  }
}

/** All of it or nothing: a chain of which a step no longer fits would only make a detour. */
function moveAlong(levelled: Levelled, chain: readonly Way[], rule: Rule): boolean {
  const done: { partition: number; way: Way }[] = [];
  for (const way of chain) {
    const [partition] = best(levelled, way, rule, 1);
    if (partition === undefined) {
      for (const step of done.reverse())
        levelled.move(step.partition, { source: step.way.target, target: step.way.source });
      return false;
    }
    levelled.move(partition, way);
    done.push({ partition, way });
  }
  return true;
}

/**
 * One partition each of up to `most` topics: of those that lie most unevenly on the two brokers, so that each
 * topic gives its share. Within a topic the first that the broker holds.
 */
function best(levelled: Levelled, way: Way, rule: Rule, most: number): number[] {
  const { holdings } = levelled;
  let found: number[] = [];
  let mostUneven = Number.NEGATIVE_INFINITY;
  for (const [topic, partitions] of holdings.byTopic(way.source)) {
    // No topic can be more uneven than it has partitions here, which spares the look at the other broker.
    if (partitions.size < mostUneven || (partitions.size === mostUneven && found.length >= most)) continue;
    const uneven = partitions.size - holdings.loadOfTopic(way.target, topic);
    if (uneven < mostUneven || (uneven === mostUneven && found.length >= most)) continue;
    const first = firstOf(partitions, (one) => rule(one, way) && levelled.fits(one, way));
    if (first === null) continue;
    if (uneven > mostUneven) found = [];
    found.push(first);
    mostUneven = uneven;
  }
  return found;
}

function firstOf(partitions: Iterable<number>, fits: (partition: number) => boolean): number | null {
  for (const partition of partitions) if (fits(partition)) return partition;
  return null;
}
