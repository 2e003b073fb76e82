/**
 * What failed may go well in a moment: the same records are put again, or polled again, after `retryAfterMs`.
 * Anything else that a task rejects with ends the task. Of a converter or a transform: `errors.retry.…` say
 * how long it is tried again.
 */
export class RetriableError extends Error {
  /** Null: after the kernel's own back-off. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** The task is to stop, and does not finish what it was at: that is done again when it starts. */
export class TaskStopped extends Error {}

/**
 * A record or a value is not what the connector, a converter or a transform needs. The kernel's
 * `errors.tolerance` decides what becomes of it.
 */
export class DataError extends Error {}
