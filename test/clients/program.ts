import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Longer than any rule takes on a busy machine; a program that hangs is ended and reported. */
const TIMEOUT_MS = 480_000;

/** Runs a client's program to its end; rejects with all its output if its status is not 0. */
export function succeed(
  command: string,
  args: readonly string[],
  options: { readonly onLine?: (line: string) => void; readonly cwd?: string } = {},
): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: options.cwd });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      options.onLine?.(line);
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      clearTimeout(timer);
      if (status === 0) resolve();
      else reject(new Error(`ended with ${signal ?? `status ${status}`}:\n${output.join('\n')}`));
    });
  });
}
