import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type Clock, sleep } from '../../base/clock.ts';
import { FolderLock } from '../../control/folder-lock.ts';
import { signalTo } from '../../processes/signal-to.ts';
import { connectTo, sendLine } from './control-socket.ts';
import { PROCESS_FILES } from './layout.ts';

/** A process is asked to stop for this long, and then killed; its own deadline is a little shorter. */
const PATIENCE_MS = 30_000;
/**
 * A node says at once how it is, to whoever connects. One that says nothing for so long hangs, and whoever
 * stops it need not wait: what it acknowledged is safe from a kill.
 */
const SILENT_MS = 5_000;
/** It may have been this process that stood still, with the answer waiting to be read. */
const READ_MS = 2_000;
/** A killed process is gone when the kernel has written what it had to. */
const KILL_PATIENCE_MS = 10_000;
const POLL_MS = 10;
/** The kernel closes a dying process's connections and its lock in one go. */
const CLOSING_MS = 500;

/**
 * Sees to it that no process works in a folder, whoever started it and whatever state it is in: also one
 * that was spawned and has no socket yet. One that is paused (SIGSTOP) goes on, to stop in order; one that
 * hangs is killed. The folder's lock is the proof. Gone is also fine.
 */
export async function endProcessIn(clock: Clock, folder: string): Promise<void> {
  if (!existsSync(join(folder, PROCESS_FILES.config))) return;
  const askUntil = clock.monotonic() + PATIENCE_MS;
  while (!FolderLock.isFree(folder)) {
    const leftMs = askUntil - clock.monotonic();
    if (leftMs < 0) return kill(clock, folder);
    const pid = pidIn(folder);
    if (pid !== null) signalTo(pid, 'SIGCONT');
    if ((await ask(clock, folder, leftMs)) === 'silent') return kill(clock, folder);
    await sleep(clock, POLL_MS);
  }
}

/**
 * Asks the process to stop, and waits for the connection to end or for the time to run out. `silent`: it is
 * there, and said nothing at all.
 */
async function ask(clock: Clock, folder: string, forMs: number): Promise<'asked' | 'silent'> {
  const socket = await connectOrNull(folder);
  if (!socket) return 'asked';
  sendLine(socket, { request: 'stop' });
  return new Promise((resolve) => {
    let answer: 'asked' | 'silent' = 'asked';
    const patience = clock.after(Math.max(0, forMs), () => socket.destroy());
    let silence = clock.after(SILENT_MS, () => {
      silence = clock.after(READ_MS, () => {
        answer = 'silent';
        socket.destroy();
      });
    });
    socket.once('data', () => silence.cancel());
    socket.once('close', () => {
      patience.cancel();
      silence.cancel();
      resolve(answer);
    });
  });
}

/** Whether the process whose connection ended has ended, too: the folder's lock is the proof. */
export async function isGone(clock: Clock, folder: string): Promise<boolean> {
  const until = clock.monotonic() + CLOSING_MS;
  while (!FolderLock.isFree(folder)) {
    if (clock.monotonic() > until) return false;
    await sleep(clock, POLL_MS);
  }
  return true;
}

/**
 * Ends the process of a folder without asking it: one that hangs, or whose death is what is wanted. Gone is
 * also fine.
 */
export async function killProcessIn(clock: Clock, folder: string): Promise<void> {
  if (existsSync(join(folder, PROCESS_FILES.config)) && !FolderLock.isFree(folder)) await kill(clock, folder);
}

async function kill(clock: Clock, folder: string): Promise<void> {
  const until = clock.monotonic() + KILL_PATIENCE_MS;
  while (!FolderLock.isFree(folder)) {
    // One that is on its way out has no command line any more, and its lock a moment longer.
    const pid = pidIn(folder);
    if (clock.monotonic() > until)
      throw new Error(
        pid === null
          ? `A process holds ${folder}, does not stop, and cannot be told from others`
          : `Process ${pid} holds ${folder} and cannot be killed`,
      );
    if (pid !== null) signalTo(pid, 'SIGKILL');
    await sleep(clock, POLL_MS);
  }
}

/** The pid that was written there, when a process of that number has this folder in its command line. */
function pidIn(folder: string): number | null {
  try {
    const identity: unknown = JSON.parse(readFileSync(join(folder, PROCESS_FILES.identity), 'utf8'));
    if (typeof identity !== 'object' || identity === null || !('pid' in identity)) return null;
    const pid = Number(identity.pid);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes(join(folder, PROCESS_FILES.config)) ? pid : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error)) return null;
    throw error;
  }
}

export async function connectOrNull(folder: string): Promise<Socket | null> {
  // While a process starts this is asked every few milliseconds, and a refused connection costs many times as
  // much.
  if (!existsSync(join(folder, PROCESS_FILES.socket))) return null;
  try {
    const socket = await connectTo(folder, PROCESS_FILES.socket);
    socket.on('error', () => socket.destroy());
    return socket;
  } catch (error) {
    // No socket, nobody behind it, or the folder itself is gone.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ECONNREFUSED'].includes(String(error.code)))
      return null;
    throw error;
  }
}
