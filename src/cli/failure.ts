import { Refused } from '../base/refused.ts';

/** How a command ends, for scripts to tell apart. 128 and more are signals. */
export const EXIT = {
  done: 0,
  /** The command was refused, or did not succeed. */
  failed: 1,
  /** The command line is wrong: nothing was tried. */
  usage: 2,
  /**
   * No Millrace answers at the address of --api, or runs in the data folder; no broker answers at
   * --bootstrap.
   */
  unreachable: 3,
  /** There is no such cluster, topic or the like. */
  notFound: 4,
  /** What the command looked at has something wrong with it. */
  unhealthy: 5,
} as const;

/** What a person did that cannot be done: one sentence that names what mends it. */
export class Failure extends Refused {
  readonly exitStatus: number;

  /** `code`: AWS's where the API refused, else the word of EXIT. */
  constructor(
    message: string,
    {
      exit = 'failed',
      code = exit,
      ...options
    }: ErrorOptions & { exit?: keyof typeof EXIT; code?: string } = {},
  ) {
    super(code, message, options);
    this.exitStatus = EXIT[exit];
  }
}
