import type { Offset } from '../base/brand.ts';
import type { Disk } from '../base/disk.ts';
import type { World } from '../base/world.ts';
import { fileName, offsetInName, suffix } from './file-names.ts';

/** Read and written at a time: about a millisecond, where the page cache has it. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Writes anew every segment of a closed log that may hold the offset or what comes after it, with the bytes
 * that it has. A sync that failed leaves what it should have written in the page cache, clean: whoever reads
 * the log then takes it for durable, and no later sync writes it. The same bytes in the same place are dirty
 * again, and no crash can make anything else of them. Throws DiskError.
 */
export function rewriteFrom(disk: Disk, directory: string, offset: Offset): void {
  const pieces = rewriting(disk, directory, offset);
  while (!pieces.next().done);
}

/**
 * As `rewriteFrom`, one piece in each turn of the loop. Resolves with false, and has left off, when `goesOn`
 * says no between two pieces. Rejects with DiskError.
 */
export async function rewriteInTurns(
  { disk, clock }: World,
  directory: string,
  { offset, goesOn }: { readonly offset: Offset; readonly goesOn: () => boolean },
): Promise<boolean> {
  const pieces = rewriting(disk, directory, offset);
  while (!pieces.next().done) {
    await new Promise<void>((done) => {
      clock.soon(done);
    });
    if (!goesOn()) {
      pieces.return();
      return false;
    }
  }
  return true;
}

/** Yields after each piece that it has written anew. */
function* rewriting(disk: Disk, directory: string, offset: Offset): Generator<void, void> {
  const bases = disk
    .list(directory)
    .map((name) => offsetInName(name, suffix.log))
    .filter((base) => base !== null)
    .sort((a, b) => a - b);
  for (const [i, base] of bases.entries()) {
    if ((bases[i + 1] ?? Number.POSITIVE_INFINITY) > offset)
      yield* rewritingFile(disk, `${directory}/${fileName(base, suffix.log)}`);
  }
}

function* rewritingFile(disk: Disk, path: string): Generator<void, void> {
  const file = disk.open(path, 'write');
  try {
    const size = file.size();
    const piece = Buffer.allocUnsafe(Math.min(size, PIECE_BYTES));
    for (let at = 0; at < size; ) {
      const read = file.readNow(at, piece);
      if (read === 0) break;
      file.writeNow(at, piece.subarray(0, read));
      at += read;
      yield;
    }
  } finally {
    file.close();
  }
}
