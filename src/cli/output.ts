import { stripVTControlCharacters } from 'node:util';
import { shownText } from './shown-text.ts';

/**
 * Where a command prints. Lines for people or for machines go to standard output, complaints to standard
 * error.
 */
export interface Output {
  line(text: string): void;
  complain(text: string): void;
  /** On a terminal only: a line that the next one, of either kind, takes the place of. */
  readonly progress?: (text: string) => void;
  /**
   * A command that has to stop something first says so here; others end when standard output cannot be
   * written any more.
   */
  onUnheard(stop: (status: number) => void): void;
}

/** 128 and the number of SIGPIPE, as a shell calls the end of a program that nobody listens to any more. */
export const READER_IS_GONE = 141;

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Back to the first column, and nothing in the line. */
const CLEAR_LINE = '\r\x1b[K';

/**
 * The standard streams of this process. When nobody reads what it prints any more, as in `millrace clusters
 * list | head`, it ends quietly, by the stream's EPIPE. Never by the signal SIGPIPE: sockets cause that one
 * as well, whenever a client hangs up before its answer, and Node ignores it for as long as nobody listens to
 * it.
 */
export class Terminal implements Output {
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;
  #stop = (status: number): void => process.exit(status);
  #isUnheard = false;
  /** The line of progress that stands there has to go first. */
  #hasProgress = false;
  readonly progress?: (text: string) => void;

  constructor({ stdout, stderr }: Streams = process) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    if (stdout.isTTY) this.progress = (text) => this.#showProgress(shownText(text));
    stdout.on('error', (error) => this.#cannotWrite(error));
    // Complaints that nobody hears are no reason to end what works.
    stderr.on('error', () => {});
  }

  line(text: string): void {
    if (this.#isUnheard) return;
    this.#endProgress();
    this.#stdout.write(`${this.#stdout.isTTY ? shownText(text) : text}\n`);
  }

  complain(text: string): void {
    this.#endProgress();
    this.#stderr.write(`${this.#stderr.isTTY ? shownText(text) : text}\n`);
  }

  onUnheard(stop: (status: number) => void): void {
    this.#stop = stop;
  }

  #showProgress(text: string): void {
    if (this.#isUnheard) return;
    this.#endProgress();
    this.#stdout.write(text.slice(0, Math.max(1, this.#stdout.columns - 1)));
    this.#hasProgress = true;
  }

  #endProgress(): void {
    if (this.#hasProgress) this.#stdout.write(CLEAR_LINE);
    this.#hasProgress = false;
  }

  #cannotWrite(error: Error): void {
    if (this.#isUnheard) return;
    this.#isUnheard = true;
    const code = 'code' in error ? error.code : null;
    if (code !== 'EPIPE') this.complain(`millrace: Standard output cannot be written: ${error.message}.`);
    this.#stop(code === 'EPIPE' ? READER_IS_GONE : 1);
  }
}

/** Columns as wide as their longest cell; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd(),
  );
}

/** Without the marks of colours, which take no room. */
function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
