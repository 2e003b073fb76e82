import { isatty } from 'node:tty';
import { type Output, READER_IS_GONE } from '../output.ts';

/** The first reason to stop: a signal, or that what is said cannot be written. */
export class StopRequest {
  happened = false;
  /** The exit status that the reason asks for. */
  status = 0;
  readonly first: Promise<void>;

  constructor(output: Output) {
    this.first = new Promise((done) => {
      const stop = (status: number): void => {
        if (!this.happened) this.status = status;
        this.happened = true;
        done();
      };
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(0));
      // Asked now: what was a terminal is none any more when it is gone.
      const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
      process.on('SIGHUP', () => {
        // Without one, as after `nohup millrace up &`, its end is no reason to stop. That nohup ignores HUP
        // cannot be seen: Node takes it back before it runs a line of ours.
        if (hasTerminal) stop(0);
      });
      // A reader that is gone is a person's way to say that it is enough.
      output.onUnheard((status) => stop(status === READER_IS_GONE ? 0 : status));
    });
  }
}
