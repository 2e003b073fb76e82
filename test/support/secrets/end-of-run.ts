import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';

/** Part of the secrets that the tests of the watch print on purpose. */
export const PLANTED = 'planted';

/**
 * Called by Vitest around the whole run: gives its tests their own secrets, and fails the run if something
 * printed one.
 */
export async function setup(): Promise<() => void> {
  process.env.MILLRACE_TEST_RUN = randomUUID();
  const { FOUND_FILE, look } = await import('./secret.ts');
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    // The output of the run itself is checked too, because people read it.
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
