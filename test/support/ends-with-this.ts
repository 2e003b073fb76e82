import childProcess, { type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

/** Node's own: `nothing-left.ts` puts a function that calls this module in its place. */
const { spawn } = childProcess;

/**
 * Something that this program started: a process (`pid`) or a Millrace (`data`). `over` means that it has
 * ended.
 */
export interface Running {
  readonly pid?: number | undefined;
  /** The data folder of a Millrace whose processes must end too. */
  readonly data?: string;
  readonly over?: true;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
let heir: Writable | null = null;

/** Ends the child when this process ends, also by a signal, SIGKILL included. */
export function endsWithThis<Child extends ChildProcess>(child: Child): Child {
  const { pid } = child;
  // A program that could not be started has none, and tells its starter so by the event "error".
  if (pid === undefined || running.has(child)) return child;
  running.add(child);
  tellHeir({ pid });
  child.once('exit', () => {
    running.delete(child);
    tellHeir({ pid, over: true });
  });
  return child;
}

/** Resolves as `ready` does. If `ready` rejects, the server is told to end first. */
export async function readyOrEnded(server: ChildProcess, ready: Promise<void>): Promise<void> {
  try {
    await ready;
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
}

/**
 * When this process ends, every process that works in the folder ends, and the folder is removed. Callers
 * call the returned function when both are done already.
 */
export function folderEndsWithThis(data: string): () => void {
  tellHeir({ data });
  return () => tellHeir({ data, over: true });
}

/** Tells a helper process, which survives a SIGKILL of this one. */
function tellHeir(what: Running): void {
  heir ??= newHeir();
  heir.write(`${JSON.stringify(what)}\n`);
}

function newHeir(): Writable {
  // The helper has a session of its own, so that Ctrl-C on a terminal reaches only this program, and the
  // helper ends the rest after that.
  const child = spawn(process.execPath, [join(import.meta.dirname, 'heir.ts')], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  const { stdin } = child;
  stdin.on('error', (cause) => {
    throw new Error('the process that ends what is left running has ended', { cause });
  });
  if (stdin instanceof Socket) stdin.unref();
  return stdin;
}
