import type { ErrorName } from './errors.ts';

/**
 * Why a request, or a part of it, is not obeyed: Kafka's error, and a message for people where the answer has
 * room for one.
 */
export interface Refusal {
  readonly error: ErrorName;
  readonly message: string | null;
}

export function refused(error: ErrorName, message: string): Refusal {
  return { error, message };
}
