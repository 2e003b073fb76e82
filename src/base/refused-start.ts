/**
 * Millrace cannot start as it was asked to, and nothing is running. The message is for the person who asked:
 * it says what is in the way and what to do.
 */
export class RefusedStart extends Error {
  /** What is in the way. */
  readonly kind: 'PORT' | 'DATA_FOLDER' | 'CERTIFICATES' | 'USERS';

  constructor(kind: RefusedStart['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
