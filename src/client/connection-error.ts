export type ConnectionErrorCode =
  /** No connection was made, or the other side is no Kafka server. */
  | 'CONNECT_FAILED'
  /** A connection was made, but the other side did not let us in in time. */
  | 'CONNECT_LATE'
  /** The connection ended before the answer came; whether the request was carried out is not known. */
  | 'CLOSED'
  /**
   * No answer in time; whether the request was carried out is not known. The connection is closed only if it
   * was silent.
   */
  | 'TIMED_OUT'
  /** The other side answered something that is not its answer. */
  | 'PROTOCOL'
  /** The two sides have no version of the request in common. Nothing was sent. */
  | 'UNSUPPORTED_VERSION'
  /** More requests wait than the connection holds. Nothing was sent. */
  | 'TOO_MANY_REQUESTS';

/** An operating error of a connection. Errors inside answers are values, not this. */
export class ConnectionError extends Error {
  readonly code: ConnectionErrorCode;

  constructor(code: ConnectionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
