import { readFileSync } from 'node:fs';

/** So much more in the last third of the time than in the third before is no growth: a heap breathes. */
const BREATH_MB = 12;
/** And so much of it. */
const BREATH = 0.08;

/** Of a process, in MB. */
export function residentMb(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

export interface Memory {
  /** Medians of the second and the last third, when caches and heap have their size. */
  readonly middleMb: number;
  readonly lastMb: number;
  readonly isFlat: boolean;
}

/** Of samples in their order, at equal distances. */
export function memoryOf(samples: readonly number[]): Memory {
  const third = Math.floor(samples.length / 3);
  const middleMb = median(samples.slice(third, samples.length - third));
  const lastMb = median(samples.slice(samples.length - third));
  return { middleMb, lastMb, isFlat: lastMb - middleMb <= Math.max(BREATH_MB, BREATH * middleMb) };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
