import { assert } from '../../base/assert.ts';
import type { Band } from './band.ts';

/** Items that brokers hold and that may go from one to another: replicas, or leaderships. Brokers are 0 … n-1. */
export interface Levelled {
  /** The brokers that take part, in the order in which ties are decided. */
  readonly brokers: readonly number[];
  load(broker: number): number;
  items(broker: number): Iterable<number>;
  fits(item: number, source: number, target: number): boolean;
  /** Negative when taking `one` from source to target is better than taking `other`; never 0 for two items. */
  compare(one: number, other: number, way: Way): number;
  move(item: number, way: Way): void;
}

export interface Way {
  readonly source: number;
  readonly target: number;
}

/**
 * Makes the loads of brokers even with as few moves as it finds. An item goes from a fuller to an emptier broker
 * directly; when none fits, along the shortest chain of brokers that each hand one on. When no chain is left that
 * leads down by two, the loads are as even as the rules allow (every such chain lowers the sum of squares, so this
 * ends). Chains of shortest length do not disturb themselves: two steps with the same item would be one shorter.
 */
export function level(levelled: Levelled, band: Band): void {
  do {
    levelDirectly(levelled, band);
  } while (levelByChains(levelled, band));
}

function wanted(levelled: Levelled, band: Band, { source, target }: Way): boolean {
  const high = levelled.load(source);
  const low = levelled.load(target);
  return high - low >= 2 && (high > band.hi || low < band.lo);
}

function levelDirectly(levelled: Levelled, band: Band): void {
  const { brokers } = levelled;
  /** Pairs between which nothing fitted; looked at again only after a chain has changed the picture. */
  const barred = new Set<number>();
  const width = 1 + brokers.reduce((most, broker) => Math.max(most, broker), 0);
  for (;;) {
    const sources = [...brokers].sort((a, b) => levelled.load(b) - levelled.load(a));
    const targets = [...sources].reverse();
    const moved = sources.some((source) =>
      targets.some((target) => {
        const way = { source, target };
        const pair = source * width + target;
        if (!wanted(levelled, band, way) || barred.has(pair)) return false;
        const item = best(levelled, way);
        if (item === null) {
          barred.add(pair);
          return false;
        }
        levelled.move(item, way);
        return true;
      }),
    );
    if (!moved) return;
  }
}

function levelByChains(levelled: Levelled, band: Band): boolean {
  const sources = [...levelled.brokers].sort((a, b) => levelled.load(b) - levelled.load(a));
  return sources.some((source) => {
    const chain = shortestChain(levelled, source, (target) => wanted(levelled, band, { source, target }));
    return chain !== null && moveAlong(levelled, chain);
  });
}

/** Breadth first: the brokers that can be reached by handing items on, until one is wanted as the end. */
function shortestChain(levelled: Levelled, source: number, isEnd: (broker: number) => boolean): Way[] | null {
  if (!levelled.brokers.some(isEnd)) return null;
  const cameFrom = new Map<number, number>([[source, source]]);
  const queue = [source];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const unseen = new Set(levelled.brokers.filter((broker) => !cameFrom.has(broker)));
    for (const item of levelled.items(at)) {
      for (const target of unseen) {
        if (!levelled.fits(item, at, target)) continue;
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
function moveAlong(levelled: Levelled, chain: readonly Way[]): boolean {
  const done: { item: number; way: Way }[] = [];
  for (const way of chain) {
    const item = best(levelled, way);
    if (item === null) {
      for (const step of done.reverse())
        levelled.move(step.item, { source: step.way.target, target: step.way.source });
      return false;
    }
    levelled.move(item, way);
    done.push({ item, way });
  }
  return true;
}

function best(levelled: Levelled, way: Way): number | null {
  let found: number | null = null;
  for (const item of levelled.items(way.source)) {
    if (found !== null && levelled.compare(found, item, way) < 0) continue;
    if (levelled.fits(item, way.source, way.target)) found = item;
  }
  return found;
}
