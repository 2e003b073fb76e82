import type { Offset } from '../base/brand.ts';
import type { Disk } from '../base/disk.ts';
import { fileName, offsetInName, suffix } from './file-names.ts';

/** Read and written at a time. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Writes anew every segment of a closed log that may hold the offset or what comes after it, with the bytes
 * that it has. A sync that failed leaves what it should have written in the page cache, clean: whoever reads
 * the log then takes it for durable, and no later sync writes it. The same bytes in the same place are dirty
 * again, and no crash can make anything else of them. Throws DiskError.
 */
export function rewriteFrom(disk: Disk, directory: string, offset: Offset): void {
  const bases = disk
    .list(directory)
    .map((name) => offsetInName(name, suffix.log))
    .filter((base) => base !== null)
    .sort((a, b) => a - b);
  for (const [i, base] of bases.entries()) {
    if ((bases[i + 1] ?? Number.POSITIVE_INFINITY) > offset)
      rewrite(disk, `${directory}/${fileName(base, suffix.log)}`);
  }
}

function rewrite(disk: Disk, path: string): void {
  const file = disk.open(path, 'write');
  try {
    const size = file.size();
    const piece = Buffer.allocUnsafe(Math.min(size, PIECE_BYTES));
    for (let at = 0; at < size; ) {
      const read = file.readNow(at, piece);
      if (read === 0) break;
      file.writeNow(at, piece.subarray(0, read));
      at += read;
    }
  } finally {
    file.close();
  }
}
