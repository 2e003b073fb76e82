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
  /** Of two partitions of one topic, which rather goes this way; they are never equal. */
  cheaper(one: number, other: number, way: Way): boolean;
  move(partition: number, way: Way): void;
  /** Steps that are taken as long as there are any, before others are: one rule after the other. */
  readonly preferred: readonly ((partition: number, way: Way) => boolean)[];
}

/**
 * Makes the loads of brokers even with as few moves as it finds. A partition goes from a fuller to an emptier broker
 * directly; when none fits, along the shortest chain of brokers that each hand one on. When no chain is left that
 * leads down by two, the loads are as even as the rules allow (every such chain lowers the sum of squares, so this
 * ends). Chains of shortest length do not disturb themselves: two steps with the same partition would be one shorter.
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
    const partition = best(levelled, way, rule);
    if (partition === null) barred[source]?.add(target);
    else levelled.move(partition, way);
    return partition !== null;
  };
  for (;;) {
    const sources = fullestFirst(levelled);
    const targets = [...sources].reverse();
    if (!sources.some((source) => targets.some((target) => step(source, target)))) return;
  }
}

function levelByChain(levelled: Levelled, band: Band, rule: Rule): boolean {
  return fullestFirst(levelled).some((source) => {
    const isEnd = (target: number) => wanted(levelled, band, { source, target });
    const chain = shortestChain(levelled, source, rule, isEnd);
    return chain !== null && moveAlong(levelled, chain, rule);
  });
}

/** Breadth first: the brokers that can be reached by handing partitions on, until one is wanted as the end. */
function shortestChain(
  levelled: Levelled,
  source: number,
  rule: Rule,
  isEnd: (broker: number) => boolean,
): Way[] | null {
  if (!levelled.brokers.some(isEnd)) return null;
  const cameFrom = new Map<number, number>([[source, source]]);
  const queue = [source];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const unseen = new Set(levelled.brokers.filter((broker) => !cameFrom.has(broker)));
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
    const partition = best(levelled, way, rule);
    if (partition === null) {
      for (const step of done.reverse())
        levelled.move(step.partition, { source: step.way.target, target: step.way.source });
      return false;
    }
    levelled.move(partition, way);
    done.push({ partition, way });
  }
  return true;
}

/** From the topic that lies most unevenly on the two brokers, so that each topic gives its share. */
function best(levelled: Levelled, way: Way, rule: Rule): number | null {
  const { holdings } = levelled;
  let found: number | null = null;
  let mostUneven = Number.NEGATIVE_INFINITY;
  for (const [topic, partitions] of holdings.byTopic(way.source)) {
    const uneven = partitions.size - holdings.loadOfTopic(way.target, topic);
    if (uneven <= mostUneven) continue;
    const cheapest = cheapestOf(levelled, partitions, way, rule);
    if (cheapest === null) continue;
    found = cheapest;
    mostUneven = uneven;
  }
  return found;
}

function cheapestOf(levelled: Levelled, partitions: Iterable<number>, way: Way, rule: Rule): number | null {
  let found: number | null = null;
  for (const one of partitions) {
    if (found !== null && !levelled.cheaper(one, found, way)) continue;
    if (rule(one, way) && levelled.fits(one, way)) found = one;
  }
  return found;
}
