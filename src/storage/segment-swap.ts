import type { Disk } from '../base/disk.ts';
import { scanHeaders } from './batch-scan.ts';
import { fileName, offsetInName, suffix } from './file-names.ts';

/**
 * How compacted segments take the place of the segments they were made from, in Kafka's steps, so that a
 * crash after any of them leaves the old segments or the new one, never both and never neither:
 *   1. the new one is complete and synced under names that end in `.cleaned`; a crash drops them;
 *   2. they are renamed to `.swap`; when none is left that ends in `.cleaned`, it is decided;
 *   3. the old files are renamed to `.deleted`, to be removed later;
 *   4. `.swap` is taken off.
 * File systems with a journal make names last in the order in which they changed; that is all it relies on.
 */
const ENDINGS = [suffix.log, suffix.offsetIndex, suffix.timeIndex, suffix.txnIndex] as const;

/** Step 2. Throws DiskError: then the old segments are what counts, and the new files are to be dropped. */
export function decideSwap(disk: Disk, directory: string, baseOffset: number): void {
  // What an attempt that failed left behind would make this swap look undecided.
  for (const offset of offsetsWith(disk.list(directory), suffix.cleaned)) {
    if (offset !== baseOffset) dropSwap(disk, directory, offset);
  }
  for (const name of namesOf(baseOffset)) move(disk, directory, name + suffix.cleaned, name + suffix.swap);
}

/**
 * Steps 3 and 4. Returns the names of the files that are to be removed. Throws DiskError: the next start goes
 * on.
 */
export function finishSwap(
  disk: Disk,
  directory: string,
  segments: { readonly oldOffsets: readonly number[]; readonly newOffset: number },
): string[] {
  const retired: string[] = [];
  for (const offset of segments.oldOffsets) {
    for (const name of namesOf(offset)) {
      if (move(disk, directory, name, name + suffix.deleted)) retired.push(name + suffix.deleted);
    }
  }
  for (const name of namesOf(segments.newOffset)) move(disk, directory, name + suffix.swap, name);
  return retired;
}

/** Takes back what was not decided. No error when there is nothing. */
export function dropSwap(disk: Disk, directory: string, baseOffset: number): void {
  for (const name of namesOf(baseOffset)) {
    remove(disk, directory, name + suffix.cleaned);
    remove(disk, directory, name + suffix.swap);
  }
}

/**
 * Before a log is opened: finishes swaps that were decided and drops the others. Returns the names that are
 * in the folder then. Throws DiskError.
 */
export function settleSwaps(disk: Disk, directory: string): string[] {
  const names = disk.list(directory);
  const isSettled = (name: string) => !name.endsWith(suffix.cleaned) && !name.endsWith(suffix.swap);
  if (names.every(isSettled)) return names;
  const undecided = offsetsWith(names, suffix.cleaned);
  const swaps = offsetsWith(names, suffix.swap);
  // Of several new segments the one with the largest offset is renamed first.
  const firstUndecided = Math.min(...undecided);
  for (const offset of [...undecided, ...swaps.filter((swap) => swap >= firstUndecided)]) {
    dropSwap(disk, directory, offset);
  }
  for (const offset of swaps) {
    if (offset >= firstUndecided) continue;
    if (names.includes(fileName(offset, suffix.log) + suffix.swap)) removeReplaced(disk, directory, offset);
    for (const name of namesOf(offset)) move(disk, directory, name + suffix.swap, name);
  }
  return disk.list(directory);
}

/**
 * The segments that lie in the offsets of the new one; its own old namesake too when all of its records are
 * gone.
 */
function removeReplaced(disk: Disk, directory: string, offset: number): void {
  const end = Math.max(
    offset + 1,
    readEnd(disk, `${directory}/${fileName(offset, suffix.log)}${suffix.swap}`),
  );
  for (const name of disk.list(directory)) {
    for (const ending of ENDINGS) {
      const found = offsetInName(name, ending);
      if (found !== null && found >= offset && found < end) disk.remove(`${directory}/${name}`);
    }
  }
}

function readEnd(disk: Disk, path: string): number {
  const file = disk.open(path, 'read');
  try {
    let end = 0;
    scanHeaders(file, { from: 0, to: file.size() }, (header) => {
      end = header.nextOffset;
      return true;
    });
    return end;
  } finally {
    file.close();
  }
}

function offsetsWith(names: readonly string[], state: string): number[] {
  const offsets = names.flatMap((name) => ENDINGS.map((ending) => offsetInName(name, ending + state)));
  return [...new Set(offsets.filter((offset) => offset !== null))];
}

function namesOf(offset: number): string[] {
  return ENDINGS.map((ending) => fileName(offset, ending));
}

function move(disk: Disk, directory: string, from: string, to: string): boolean {
  if (!disk.exists(`${directory}/${from}`)) return false;
  disk.rename(`${directory}/${from}`, `${directory}/${to}`);
  return true;
}

function remove(disk: Disk, directory: string, name: string): void {
  if (disk.exists(`${directory}/${name}`)) disk.remove(`${directory}/${name}`);
}
