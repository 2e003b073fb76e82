import { AssertionError } from './assert.ts';

/**
 * Whether an error says that our own code is wrong, where others say that a peer, a device or a user is. JavaScript
 * throws the latter three at whoever uses a value as what it is not.
 */
function isProgrammerError(error: unknown): error is Error {
  return (
    error instanceof AssertionError ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError
  );
}

/** Says so in the log, and ends the process, or what stands for one. */
export interface Crash {
  readonly crash: (error: Error) => void;
}

/**
 * For every place that would survive an error whatever it is: a programmer's error leaves state half changed, so it ends
 * the process. Returns whether it was one; any other error is the caller's to deal with.
 */
export function crashOnProgrammerError({ crash }: Crash, error: unknown): boolean {
  if (!isProgrammerError(error)) return false;
  crash(error);
  return true;
}
