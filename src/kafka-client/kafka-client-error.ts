import { ConnectionError } from '../client/connection-error.ts';
import { type ErrorName, errorMessage, errorName, isRetriable } from '../protocol/errors.ts';

export type KafkaClientErrorCode =
  /** What a broker answered, by Kafka's name. */
  | ErrorName
  /**
   * No connection could be made, or it ended before the answer; whether the request was carried out is not
   * known.
   */
  | 'NO_CONNECTION'
  /** The broker has no version of the request that this client speaks. */
  | 'NOT_SERVED'
  /** This client, or the part of it that was asked, was closed. */
  | 'CLOSED'
  /** The records were not acknowledged in time. They may have been written all the same. */
  | 'DELIVERY_TIMED_OUT'
  /** The producer holds as much as it may: wait for `room`. */
  | 'BUFFER_FULL'
  /** The transaction was aborted before the record was sent. */
  | 'TRANSACTION_ABORTED'
  /** The call does not fit what was called before. */
  | 'WRONG_STATE'
  /**
   * The group has committed no offset for the partition, or the log does not hold the offset, and
   * `offsetReset` is `none`.
   */
  | 'NO_OFFSET'
  /**
   * The log lost what was read before the position, as after an election of a replica that was not in sync,
   * and `offsetReset` is `none`.
   */
  | 'LOG_TRUNCATED';

/** Whatever a Kafka client rejects with. `retriable`: the same call may succeed later. */
export class KafkaClientError extends Error {
  readonly code: KafkaClientErrorCode;
  readonly retriable: boolean;

  constructor(
    code: KafkaClientErrorCode,
    message: string,
    options: ErrorOptions & { readonly retriable?: boolean } = {},
  ) {
    super(message, options);
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** Throws what a broker answered, unless that is no error. `what`: the request and what it was about. */
export function checkAnswer(what: string, code: number, message: string | null = null): void {
  if (code !== 0) throw answerError(what, errorName(code), message);
}

export function answerError(what: string, name: ErrorName, message: string | null = null): KafkaClientError {
  return new KafkaClientError(name, `${what}: ${name}: ${message ?? errorMessage(name)}`, {
    retriable: isRetriable(name),
  });
}

/** A ConnectionError as the client's own; any other error is thrown on. */
export function fromConnection(error: unknown): KafkaClientError {
  if (error instanceof KafkaClientError) return error;
  if (!(error instanceof ConnectionError)) throw error;
  // Refused by the sign-in: another attempt would be refused, too.
  if (error.cause instanceof KafkaClientError) return error.cause;
  const isUnserved = error.code === 'UNSUPPORTED_VERSION';
  return new KafkaClientError(isUnserved ? 'NOT_SERVED' : 'NO_CONNECTION', error.message, {
    cause: error,
    retriable: !isUnserved && error.code !== 'PROTOCOL',
  });
}
