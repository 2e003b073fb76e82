/** HTTP's answers after which the same request may succeed. 409 is a conditional put beside another one. */
const PASSING_STATUS = new Set([409, 429, 500, 502, 503, 504]);
/** S3's codes with other answers of which the same is true. */
const PASSING_CODES = new Set(['RequestTimeout', 'RequestTimeTooSlow', 'SlowDown', 'InternalError']);
/** Of a connection that was never made for reasons that asking again does not change. */
const LASTING_FAILURES = new Set([
  'ENOTFOUND',
  'ERR_INVALID_URL',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** A request to S3 that failed; the message says which request of which bucket and key, and S3's code. */
export class S3Error extends Error {
  /** HTTP's; null when there was no answer. */
  readonly status: number | null;
  /** S3's, as `NoSuchKey`; the system's, as `ECONNREFUSED`, when there was no answer. */
  readonly code: string;

  constructor(
    message: string,
    { status, code }: { readonly status: number | null; readonly code: string },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
  }

  /** The same request may succeed later. */
  get retriable(): boolean {
    if (this.status === null) return !LASTING_FAILURES.has(this.code);
    return PASSING_STATUS.has(this.status) || PASSING_CODES.has(this.code);
  }

  /** A put with `ifNoneMatch` found an object. */
  get isPreconditionFailed(): boolean {
    return this.status === 412 || this.code === 'PreconditionFailed';
  }
}
