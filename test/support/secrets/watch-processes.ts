import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OURS } from './ours.ts';
import { look } from './secret.ts';

/**
 * Loaded beside `watch.ts`, in runs that measure no times: every two seconds it searches all running
 * processes, whoever started them.
 */

const EVERY_MS = 2000;

if (existsSync('/proc')) setInterval(lookAtProcesses, EVERY_MS).unref();

function lookAtProcesses(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = read(pid, 'cmdline');
    if (!OURS.test(command)) continue;
    look(`the arguments of process ${pid}`, command);
    look(`the environment of process ${pid}: ${command.slice(0, 200)}`, read(pid, 'environ'));
  }
}

/** Empty if the process has ended or belongs to another user. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(join('/proc', pid, file), 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
