/**
 * Kafka Connect could not be fetched; the message is a sentence without its full stop that says why.
 * `retriable`: another attempt may find it better.
 */
export class ReleaseError extends Error {
  readonly retriable: boolean;

  constructor(message: string, retriable: boolean, options?: ErrorOptions) {
    super(message, options);
    this.retriable = retriable;
  }
}

/** What the file system says where there is no room. */
const FULL = ['ENOSPC', 'EDQUOT'];

/** Whether a disk, or somebody's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof ReleaseError) return isDiskFull(error.cause);
  return error instanceof Error && 'code' in error && FULL.includes(String(error.code));
}
