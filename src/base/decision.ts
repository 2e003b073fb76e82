/**
 * What a command of a state machine decided: the records that make it true, and what the caller is told once
 * they are stored.
 */
export interface Decision<Record, Answer> {
  readonly records: readonly Record[];
  readonly answer: Answer;
}

/** A decision that changes nothing; `answer` says why. */
export function refuse<Answer>(answer: Answer): Decision<never, Answer> {
  return { records: [], answer };
}
