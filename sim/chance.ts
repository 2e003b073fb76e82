import { below, type Random } from '../src/base/random.ts';

export function chance(random: Random, probability: number): boolean {
  return probability > 0 && random.uint32() < probability * 0x1_0000_0000;
}

/** Uniform between two numbers, with a fraction. */
export function between(random: Random, range: readonly [number, number]): number {
  return range[0] + ((range[1] - range[0]) * random.uint32()) / 0x1_0000_0000;
}

export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[below(random, items.length)] ?? items[0];
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(below(random, left.length), 1));
}
