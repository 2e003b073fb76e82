import type { ChildProcess } from 'node:child_process';
import type { LifeEnd } from './process-port.ts';

/** With what Java ends by SIGTERM. */
const JAVA_TERMINATED = 143;

/** How a process ends that was started here, as if nobody ended it from here. */
export class ChildEnd {
  readonly #over = new AbortController();
  #end: LifeEnd | null = null;

  constructor(child: ChildProcess) {
    child.once('error', (error) => this.#is({ why: `it could not be started: ${error.message}` }));
    child.once('exit', (status, by) => {
      const isKilled = by === 'SIGKILL' || by === 'SIGTERM' || status === JAVA_TERMINATED;
      const why = by === null ? `it ended with status ${status}` : `it was ended by ${by}`;
      this.#is(isKilled ? { why, isKilled } : { why });
    });
  }

  /** Null while it runs. */
  get end(): LifeEnd | null {
    return this.#end;
  }

  /** Aborted when it has ended. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  #is(end: LifeEnd): void {
    this.#end ??= end;
    this.#over.abort();
  }
}
