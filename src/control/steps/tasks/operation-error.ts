import { Refused } from '../../../base/refused.ts';
import { EngineError } from '../../engine.ts';

/** The operation cannot be carried out, and trying again would not help. */
export class OperationError extends Refused {}

/** For the end of a message about a change that is half made. */
export const AGAIN = 'What was changed by then stays; ask for the same change again when this is mended.';

export function cancelled(): OperationError {
  return new OperationError('CANCELLED', 'The operation was cancelled; what had moved by then stays.');
}

export function isCancelled(error: unknown): boolean {
  return error instanceof OperationError && error.code === 'CANCELLED';
}

/** The end of an operation whose changes were taken back: why it ends, and the outcome as a sentence. */
export function ended(error: unknown, outcome: string): OperationError {
  const code = error instanceof OperationError || error instanceof EngineError ? error.code : 'START_FAILED';
  const why = isCancelled(error)
    ? 'The operation was cancelled'
    : error instanceof Error
      ? error.message
      : String(error);
  return new OperationError(code, `${why}. ${outcome}`);
}
