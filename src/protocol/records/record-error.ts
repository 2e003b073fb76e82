import type { ErrorName } from '../errors.ts';

/** The protocol's names for what can be wrong with record data. */
export type RecordErrorName = Extract<
  ErrorName,
  'CORRUPT_MESSAGE' | 'INVALID_RECORD' | 'MESSAGE_TOO_LARGE' | 'UNSUPPORTED_COMPRESSION_TYPE'
>;

/**
 * Record data that cannot be read. Thrown by the functions that return records, since their callers answer
 * one partition at a time and catch there; `error` is what the client is told.
 */
export class RecordError extends Error {
  readonly error: RecordErrorName;
  constructor(error: RecordErrorName, message: string, options?: ErrorOptions) {
    super(`${error}: ${message}`, options);
    this.error = error;
  }
}
