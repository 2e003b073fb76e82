/**
 * What was asked for cannot be done, as is to be expected of people, files and machines. The message is a
 * sentence for the person who asked: what is in the way, and what to do. `code` is for programs.
 */
export class Refused<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Millrace cannot start as it was asked to, and nothing is running. `code`: what is in the way. */
export class RefusedStart extends Refused<
  'PORT' | 'DATA_FOLDER' | 'CERTIFICATES' | 'USERS' | 'KAFKA_ARCHIVE'
> {}
