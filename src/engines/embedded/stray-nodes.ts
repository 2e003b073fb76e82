import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { type Clock, sleep } from '../../base/clock.ts';
import { signalTo } from '../../processes/signal-to.ts';
import { PROCESS_FILES } from './layout.ts';

/** A process is asked to stop for this long, and then killed; its own deadline is a little shorter. */
const PATIENCE_MS = 30_000;
/** A killed process is gone when the kernel has written what it had to. */
const KILL_PATIENCE_MS = 10_000;
const POLL_MS = 20;

/** A process of a node, as the system tells of it. */
export interface NodeProcess {
  readonly pid: number;
  /** The folder that its configuration is in, or was in. */
  readonly folder: string;
  /** Whether the folder that it works in was removed; another one may be in its place. */
  readonly isFolderGone: boolean;
}

/**
 * The processes that were started as nodes in folders below this one, by their command lines: also those that
 * cannot be found by what is in their folder, because the folder was removed. Where the system does not show
 * command lines (it does on Linux) there are none.
 */
export function nodeProcesses(folder: string): NodeProcess[] {
  return pids().flatMap((pid) => {
    const config = configOf(pid);
    if (config === null || !config.startsWith(`${folder}${sep}`)) return [];
    return { pid, folder: dirname(config), isFolderGone: worksInRemoved(pid) };
  });
}

/**
 * Asks the processes to stop, kills those that do not, and resolves when all are gone. Rejects when one
 * cannot be killed.
 */
export async function endProcesses(clock: Clock, processes: readonly NodeProcess[]): Promise<void> {
  const remaining = () => processes.filter((one) => configOf(one.pid) === configIn(one));
  await signalUntilGone(clock, remaining, { signal: 'SIGTERM', forMs: PATIENCE_MS, again: false });
  await signalUntilGone(clock, remaining, { signal: 'SIGKILL', forMs: KILL_PATIENCE_MS, again: true });
  const [left] = remaining();
  if (left) throw new Error(`Process ${left.pid} of ${left.folder} cannot be killed`);
}

async function signalUntilGone(
  clock: Clock,
  remaining: () => readonly NodeProcess[],
  { signal, forMs, again }: { signal: 'SIGTERM' | 'SIGKILL'; forMs: number; again: boolean },
): Promise<void> {
  const until = clock.monotonic() + forMs;
  for (let first = true; clock.monotonic() < until; first = false) {
    const left = remaining();
    if (left.length === 0) return;
    for (const { pid } of first || again ? left : []) {
      signalTo(pid, signal);
      // One that is paused would not act on the first signal before.
      signalTo(pid, 'SIGCONT');
    }
    await sleep(clock, POLL_MS);
  }
}

function pids(): number[] {
  return unlessUnseen(() => readdirSync('/proc').filter((name) => /^\d+$/.test(name)), []).map(Number);
}

/** Null for a process that is no node of this user's, and for one that has ended. */
function configOf(pid: number): string | null {
  const words = unlessUnseen(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '').split('\0');
  const config = words[words.indexOf('--config') + 1];
  const isNode = words.includes('broker') || words.includes('controller');
  return isNode && config?.endsWith(`${sep}${PROCESS_FILES.config}`) ? config : null;
}

function configIn({ folder }: NodeProcess): string {
  return join(folder, PROCESS_FILES.config);
}

/** A node works in its own folder; Linux says so of one that was removed. */
function worksInRemoved(pid: number): boolean {
  return unlessUnseen(() => readlinkSync(`/proc/${pid}/cwd`), '').endsWith(' (deleted)');
}

/** What the system does not show to this user, or of a process that has ended, is `otherwise`. */
function unlessUnseen<Seen>(look: () => Seen, otherwise: Seen): Seen {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return otherwise;
    throw error;
  }
}
