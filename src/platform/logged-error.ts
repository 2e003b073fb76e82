/**
 * What a log tells of an error: its own fields too (`code`, `fault` …), and with message and stack those of
 * its causes.
 */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly [field: string]: unknown;
}

/** An error and its causes; one that is its own cause is told once. */
export function loggedError(error: Error): LoggedError {
  const chain = new Set<Error>();
  for (let each: unknown = error; each instanceof Error && !chain.has(each); each = each.cause)
    chain.add(each);
  const told = [...chain];
  return {
    ...error,
    // In message and stack.
    cause: undefined,
    ...(error instanceof AggregateError ? { errors: error.errors.map(described) } : {}),
    type: error.constructor.name,
    message: told.map(({ message }) => message).join(': '),
    stack: told.map(({ stack, message }) => stack ?? message).join('\ncaused by: '),
  };
}

function described(part: unknown): unknown {
  return part instanceof Error ? loggedError(part) : part;
}
