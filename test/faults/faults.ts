import { below, type Random } from '../../src/base/random.ts';
import type { FaultCluster } from './cluster.ts';

/** Something that goes wrong, and what puts it right again. */
export interface Fault {
  readonly name: string;
  /** Why it cannot be done here; undefined when it can. */
  readonly unavailable?: () => string | undefined;
  /** No client gives up, and no record stays without an answer, while it is done. */
  readonly isHarmless?: boolean;
  /** Does the harm; resolves, once it is mended, to a word for the report. */
  strike(stricken: Stricken, random: Random): Promise<string>;
}

export interface Stricken {
  readonly cluster: FaultCluster;
  readonly topic: string;
  readonly replicationFactor: number;
  /** Up to where records of the topic are committed, of each partition whose leader knows it now. */
  readonly committedEnds: () => Promise<ReadonlyMap<number, number>>;
  /**
   * From now on everything may be acknowledged again: the gap counts from here, and not from when the harm
   * began.
   */
  readonly canServe: () => void;
  /** What must be true of the history beyond what is true of every one; looked at when all of it is known. */
  readonly promise: (promise: FaultPromise) => void;
}

/**
 * In a time, by the clock, nothing was acknowledged, or something was; or in words what did not come true.
 * What was committed before may be acknowledged: a producer that had no answer sends it again, and is told
 * that it is there.
 */
export type FaultPromise =
  | {
      readonly nothingFrom: number;
      readonly until: number;
      readonly why: string;
      /** By partition: below it records were committed when the time began. Of others nothing is promised. */
      readonly committed: ReadonlyMap<number, number>;
    }
  | { readonly somethingFrom: number; readonly until: number; readonly why: string }
  | { readonly broken: string };

export const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

export function oneOf<T>(random: Random, all: readonly T[]): T {
  const chosen = all[below(random, all.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
}

/**
 * Whoever supervises it may have ended it, and it may have ended by itself, between the look and the signal.
 */
export function signalIfThere(pid: number, signal: 'SIGKILL' | 'SIGCONT'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
