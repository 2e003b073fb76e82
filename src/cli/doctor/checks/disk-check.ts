import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type FileSystemSpace, fileSystemSpace } from '../../../base/disk.ts';
import { type Finding, ok } from '../finding.ts';

const LITTLE_BYTES = 1024 ** 3;
/** Writes that are tried; the one in the middle counts. */
const TRIES = 15;
const BLOCK_BYTES = 4096;
/** A disk of this century is done sooner. */
const SLOW_MS = 50;

/** statfs(2)'s numbers of file systems that are no disk of this machine. */
const REMOTE: Readonly<Record<number, string>> = {
  26985: 'NFS',
  4283649346: 'SMB',
  4266872130: 'SMB',
  1702057286: 'FUSE',
  16914839: '9P (a folder of Windows in WSL, mostly)',
};
const TMPFS = 16914836;

interface Space extends FileSystemSpace {
  /** statfs(2)'s number. */
  readonly type: number;
}

/** Of the file system of a folder that is there. */
export function spaceOf(folder: string): Space {
  const stat = statfsSync(folder);
  return { ...fileSystemSpace(stat), type: stat.type };
}

export function diskSpaceFinding({ totalBytes, freeBytes }: Space): Finding {
  const check = 'disk space';
  const percent = totalBytes === 0 ? 0 : Math.round(100 * (1 - freeBytes / totalBytes));
  const found = `The disk of the data folder is ${percent} % full; ${(freeBytes / 1024 ** 3).toFixed(1)} GB are left.`;
  const isLittle = freeBytes < LITTLE_BYTES;
  if (percent < 75 && !isLittle) return ok(check, found);
  return {
    check,
    level: percent >= 90 || isLittle ? 'error' : 'warning',
    found,
    advice:
      'Make room, delete topics, shorten their retention, or use another disk with --data: brokers stop when nothing is left.',
  };
}

export function fileSystemFinding({ type }: Pick<Space, 'type'>): Finding {
  const check = 'file system';
  const remote = REMOTE[type];
  if (remote !== undefined)
    return {
      check,
      level: 'warning',
      found: `The data folder is on ${remote}, which may lose what it said was written, and whose locks may be none.`,
      advice: 'Use a disk of this machine with --data.',
    };
  if (type === TMPFS)
    return {
      check,
      level: 'note',
      found: 'The data folder is in memory: a restart of the machine loses every record.',
      advice: 'Use a folder on a disk with --data, where records are to stay.',
    };
  return ok(check, 'The data folder is on a disk of this machine.');
}

/** Writes a little into a file of this folder, which is gone afterwards. */
export function diskSpeedFinding(folder: string): Finding {
  try {
    return speedFinding(syncMs(folder));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const found = `Nothing can be written in ${folder}: ${error.message}.`;
    return {
      check: 'disk speed',
      level: 'error',
      found,
      advice: 'Make room there, or choose another folder with --data.',
    };
  }
}

/** `ms`: of a small write with the sync after it. */
export function speedFinding(ms: number): Finding {
  const check = 'disk speed';
  const found = `A small write is on the disk after ${ms.toFixed(1)} ms.`;
  if (ms < SLOW_MS) return ok(check, found);
  return {
    check,
    level: 'warning',
    found,
    advice:
      'Every change of a topic, a group or a cluster waits for such a write: use a faster disk with --data, or see what else writes to this one.',
  };
}

/** Milliseconds of a small write with the sync after it. */
function syncMs(folder: string): number {
  const file = join(folder, `.doctor-${process.pid}`);
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    const times = Array.from({ length: TRIES }, (_, index) => {
      const from = performance.now();
      writeSync(descriptor, Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, index * BLOCK_BYTES);
      fsyncSync(descriptor);
      return performance.now() - from;
    });
    return times.sort((a, b) => a - b)[Math.floor(TRIES / 2)] ?? 0;
  } finally {
    closeSync(descriptor);
    rmSync(file, { force: true });
  }
}
