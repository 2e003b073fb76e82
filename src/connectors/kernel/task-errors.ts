/**
 * What failed may go well in a moment: the same records are put again, or polled again, after `retryAfterMs`. Anything else that a task
 * rejects with ends the task.
 */
export class RetriableError extends Error {
  /** Null: after the kernel's own back-off. */
  readonly retryAfterMs: number | null;

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** A record or a value is not what the connector, a converter or a transform needs. The kernel's `errors.tolerance` decides what becomes of it. */
export class DataError extends Error {}
