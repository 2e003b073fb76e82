import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Running } from './ends-with-this.ts';
import { processesNaming } from './millrace.ts';

/**
 * Started by `ends-with-this.ts`, which writes to its standard input what is running. The input ends when
 * that program ends, in whatever way; then this process ends everything that still runs.
 */

const ROUND_MS = 100;
/** A supervisor may have started another process just before it is ended, so several rounds are needed. */
const ROUNDS = 20;

/** By pid: the time when the process was started, because a pid may belong to another process later. */
const pids = new Map<number, string>();
const folders = new Set<string>();

for await (const line of createInterface({ input: process.stdin })) {
  const { pid, data, over }: Running = JSON.parse(line);
  if (pid !== undefined) {
    if (over) pids.delete(pid);
    else pids.set(pid, startOf(pid));
  }
  if (data !== undefined) {
    if (over) folders.delete(data);
    else folders.add(data);
  }
}
for (const [pid, start] of pids) if (start !== '' && startOf(pid) === start) end(pid);
for (let round = 0; round < ROUNDS; round++) {
  const left = processesNaming([...folders]);
  if (left.length === 0) break;
  for (const process of left) end(process.pid);
  await new Promise((done) => setTimeout(done, ROUND_MS));
}
for (const folder of folders) {
  // The small disk of a fault run is mounted on a folder, which cannot be removed before.
  for (const place of mountsIn(folder)) spawnSync('umount', ['--lazy', place]);
  rmSync(folder, { recursive: true, force: true });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Where file systems are mounted: on the folder, or below it. */
function mountsIn(folder: string): string[] {
  const mounts = '/proc/self/mounts';
  if (!existsSync(mounts)) return [];
  const places = readFileSync(mounts, 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? []);
  return places.filter((place) => `${place}/`.startsWith(`${folder}/`));
}

/** The start time in ticks since boot (proc(5), field 22 of stat); empty if the process has ended. */
function startOf(pid: number): string {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '');
    return afterName.split(' ')[19] ?? '';
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
