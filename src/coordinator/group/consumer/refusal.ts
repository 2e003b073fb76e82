import type { ErrorName } from '../../../protocol/errors.ts';

/** Why a heartbeat is not obeyed, in Kafka's words. */
export interface Refusal {
  readonly error: ErrorName;
  readonly message: string;
}

export function refused(error: ErrorName, message: string): Refusal {
  return { error, message };
}
