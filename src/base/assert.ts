/**
 * A programmer's error, never a user's or a peer's: what the code relied on does not hold, so nothing it
 * would do next can be trusted. The process ends and its state is recovered from the log.
 */
export class AssertionError extends Error {}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** For the branch that a complete switch never reaches; the compiler proves it. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`);
}
