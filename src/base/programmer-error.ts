import { AssertionError } from './assert.ts';
import type { LogFields } from './log.ts';
import type { World } from './world.ts';

/**
 * Whether an error says that our own code is wrong, where others say that a peer, a device or a user is.
 * JavaScript throws the latter three at whoever uses a value as what it is not.
 */
function isProgrammerError(error: unknown): error is Error {
  return (
    error instanceof AssertionError ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError
  );
}

/** The part of a world that ends it. */
export type Crash = Pick<World, 'crash'>;

/**
 * For every place that would survive an error whatever it is: a programmer's error leaves state half changed,
 * so it ends the process. Returns whether it was one; any other error is the caller's to deal with.
 */
export function crashOnProgrammerError({ crash }: Crash, error: unknown): boolean {
  if (!isProgrammerError(error)) return false;
  crash(error);
  return true;
}

/**
 * For work that nobody waits for, and that deals itself with every error that is expected: any other ends the
 * process, as an unhandled rejection does.
 */
export function supervise({ crash }: Crash, work: Promise<unknown>): void {
  work.catch((error: unknown) => crash(asError(error)));
}

/**
 * For the catch of work that goes on after errors that are expected: they are told in the log; a programmer's
 * error is a crash.
 */
export function reportFailure(
  world: Pick<World, 'crash' | 'log'>,
  message: string,
  fields: LogFields & { readonly error: unknown },
): void {
  if (!crashOnProgrammerError(world, fields.error)) world.log.error(message, fields);
}

/**
 * Runs what nobody else can catch errors of, as the callback of a timer. Undefined when it threw, and that
 * was a crash.
 */
export function guarded<T>({ crash }: Crash, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    crash(asError(error));
    return undefined;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
