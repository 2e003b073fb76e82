import { readdirSync, readFileSync } from 'node:fs';

/** The argument by which a worker's process is known, whoever started it. */
export function markOf(folder: string): string {
  return `-Dmillrace.worker=${folder}`;
}

/** The process that works for this folder; null when there is none. */
export function workerIn(folder: string): number | null {
  return allProcesses().find(({ args }) => args.includes(markOf(folder)))?.pid ?? null;
}

/** Whether the process of this number is the one that works for this folder. */
export function worksFor(folder: string, pid: number): boolean {
  return commandLine(String(pid)).includes(markOf(folder));
}

/** Every worker whose folder is below this one. */
export function workersBelow(folder: string): { pid: number; folder: string }[] {
  const mark = markOf('');
  return allProcesses().flatMap(({ pid, args }) => {
    const own = args.find((arg) => arg.startsWith(`${mark}${folder}/`));
    return own === undefined ? [] : [{ pid, folder: own.slice(mark.length) }];
  });
}

function allProcesses(): { pid: number; args: string[] }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), args: commandLine(name) }));
}

/** Empty for one that ended meanwhile, and for one that ended and nobody asked after yet. */
function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ESRCH', 'EACCES'].includes(String(error.code))
    )
      return [];
    throw error;
  }
}
