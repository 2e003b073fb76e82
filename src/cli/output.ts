/** Where a command prints. Lines for people or for machines go to standard output, complaints to standard error. */
export interface Output {
  line(text: string): void;
  complain(text: string): void;
}

export const terminal: Output = {
  line: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
};

/** 128 and the number of SIGPIPE, as a shell calls the end of a program that nobody listens to any more. */
const READER_IS_GONE = 141;

/**
 * Ends this process quietly when nobody reads what it prints any more, as in `millrace clusters list | head`. SIGPIPE does that to other
 * programs; Node ignores it, and gets an error instead. A command that has to stop something first listens to that signal.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error) => {
      if (!('code' in error) || error.code !== 'EPIPE') throw error;
      if (process.listenerCount('SIGPIPE') === 0) process.exit(READER_IS_GONE);
      process.kill(process.pid, 'SIGPIPE');
    });
}

/** Columns as wide as their longest cell; the first row is the head. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
