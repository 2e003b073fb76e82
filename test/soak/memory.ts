import { readFileSync } from 'node:fs';

/** Growth in the last third of the time that is below this does not count: the size of a heap varies. */
const BREATH_MB = 12;
/** The same as a share of the memory. */
const BREATH = 0.08;

/** The resident memory of a process, in MB. */
export function residentMb(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

export interface Memory {
  /** Medians of the second and the last third of the time, when caches and heap have reached their size. */
  readonly middleMb: number;
  readonly lastMb: number;
  readonly isFlat: boolean;
}

/** `samples` are in order, at equal distances. */
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
