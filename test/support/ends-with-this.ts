import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

/** What this program has running: `pid` or `data`. `over`: it has not any more. */
export interface Running {
  readonly pid?: number | undefined;
  /** The data folder of a Millrace whose processes go with it. */
  readonly data?: string;
  readonly over?: true;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
let heir: Writable | null = null;

/**
 * A program that this process started, which is not to go on when this one ends, also by a signal, SIGKILL
 * among them.
 */
export function endsWithThis<Child extends ChildProcess>(child: Child): Child {
  running.add(child);
  const { pid } = child;
  tellHeir({ pid });
  const forget = (): void => {
    if (running.delete(child)) tellHeir({ pid, over: true });
  };
  child.once('exit', forget);
  child.once('error', forget);
  return child;
}

/**
 * A server that does not come up in time is not left running: rejects as `ready` does, once the server is
 * told to end.
 */
export async function readyOrEnded(server: ChildProcess, ready: Promise<void>): Promise<void> {
  try {
    await ready;
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
}

/**
 * When this process ends, whatever works in the folder ends, and the folder is removed; call the result when
 * both is done.
 */
export function folderEndsWithThis(data: string): () => void {
  tellHeir({ data });
  return () => tellHeir({ data, over: true });
}

/** To a process of its own, which is there after a SIGKILL of this one. */
function tellHeir(what: Running): void {
  heir ??= newHeir();
  heir.write(`${JSON.stringify(what)}\n`);
}

function newHeir(): Writable {
  // In a session of its own: Ctrl-C on a terminal is for this program, and what it leaves is seen to after
  // it.
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
