import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';

/** What the tests of the watch itself say, so that it has something to find. */
export const PLANTED = 'planted';

/**
 * Around the whole run: its tests have secrets of their own, and it fails when something said one. Called by
 * Vitest.
 */
export async function setup(): Promise<() => void> {
  process.env.MILLRACE_TEST_RUN = randomUUID();
  const { FOUND_FILE, look } = await import('./secret.ts');
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    // Whoever reads the log of a run reads what it prints.
    stream.write = ((chunk: string | Uint8Array, ...more: never[]) => {
      look('the output of the tests', Buffer.from(chunk));
      return write(chunk, ...more);
    }) as typeof stream.write;
  }
  return () => {
    const lines = existsSync(FOUND_FILE) ? readFileSync(FOUND_FILE, 'utf8').trim().split('\n') : [];
    rmSync(FOUND_FILE, { force: true });
    const said = [...new Set(lines)].filter((line) => !line.startsWith(PLANTED));
    if (said.length === 0) return;
    process.exitCode = 1;
    throw new Error(`Secrets of tests were said:\n${said.join('\n')}`);
  };
}
