import { below, type Random } from '../../src/base/random.ts';
import type { FaultCluster } from './cluster.ts';

/** Harm to a cluster, and its repair. */
export interface Fault {
  readonly name: string;
  /** The reason why it cannot be done here; undefined if it can. */
  readonly unavailable?: () => string | undefined;
  /** While it lasts, no client gives up and every record is answered. */
  readonly isHarmless?: boolean;
  /** Does the harm and repairs it; resolves with a word for the report. */
  strike(stricken: Stricken, random: Random): Promise<string>;
}

export interface Stricken {
  readonly cluster: FaultCluster;
  readonly topic: string;
  readonly replicationFactor: number;
  /** For each partition whose leader knows it now: the offset up to which records are committed. */
  readonly committedEnds: () => Promise<ReadonlyMap<number, number>>;
  /**
   * From now on everything can be acknowledged again: the gap counts from here instead of from the beginning
   * of the harm.
   */
  readonly canServe: () => void;
  /**
   * Adds something that must be true of the history besides the rules for every history; checked when all of
   * it is known.
   */
  readonly promise: (promise: FaultPromise) => void;
}

/**
 * Something, or nothing, was acknowledged in a period by the clock; or a broken promise in words. Records
 * committed before the period may still be acknowledged: a producer without an answer sends them again and is
 * told that they are there.
 */
export type FaultPromise =
  | {
      readonly nothingFrom: number;
      readonly until: number;
      readonly why: string;
      /**
       * By partition: records below this offset were committed when the period began. Nothing is promised of
       * other partitions.
       */
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

/** The process may have ended, by its supervisor or by itself, between the look and the signal. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
