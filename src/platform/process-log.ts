import { mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** The number of a warning in every line. */
const WARN = 40;

/**
 * A file that lines are appended to. What cannot be written, on a full disk mostly, is dropped and counted: a
 * process must not end for its log.
 */
export class ProcessLog {
  readonly #descriptor: number;
  readonly #write: typeof writeSync;
  #dropped = 0;

  /**
   * The folder is made when it is missing. A number is a descriptor that is open already, as of standard
   * output: a process that has a user of its own may write to that, and not open its file again.
   */
  constructor(path: string | number, write: typeof writeSync = writeSync) {
    this.#descriptor = typeof path === 'number' ? path : opened(path);
    this.#write = write;
  }

  write(line: string): void {
    try {
      this.#append(this.#dropped === 0 ? line : `\n${this.#confession()}${line}`);
      this.#dropped = 0;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      this.#dropped++;
    }
  }

  /** After a line break, because the last line before may have been written in part. */
  #confession(): string {
    const msg = `${this.#dropped} lines are missing here: they could not be written`;
    return `${JSON.stringify({ level: WARN, time: Date.now(), msg })}\n`;
  }

  #append(text: string): void {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; )
      done += this.#write(this.#descriptor, bytes, done, bytes.length - done);
  }
}

function opened(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, 'a', 0o600);
}
