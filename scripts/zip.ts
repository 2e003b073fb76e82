import { inflateRawSync } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const STORED = 0;
const DEFLATED = 8;

/**
 * The files of a zip archive (such as a jar) whose names pass the filter. Throws if it is not a zip archive.
 */
export function readZip(archive: Buffer, wants: (name: string) => boolean): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = endOfDirectory(archive);
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== ENTRY_SIGNATURE) throw new Error(`no zip entry at ${at}`);
    const method = archive.readUInt16LE(at + 10);
    const compressedBytes = archive.readUInt32LE(at + 20);
    const nameBytes = archive.readUInt16LE(at + 28);
    const skipped = archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const header = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameBytes);
    if (wants(name)) files.set(name, content(archive, header, compressedBytes, method));
    at += 46 + nameBytes + skipped;
  }
  return files;
}

function endOfDirectory(archive: Buffer): number {
  const last = Math.max(0, archive.length - END_BYTES - COMMENT_BYTES_MAX);
  for (let at = archive.length - END_BYTES; at >= last; at--)
    if (archive.readUInt32LE(at) === END_SIGNATURE) return at;
  throw new Error('not a zip archive');
}

/** The local header repeats the entry, with its own lengths of the name and the extra field. */
function content(archive: Buffer, header: number, compressedBytes: number, method: number): Buffer {
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const bytes = archive.subarray(start, start + compressedBytes);
  if (method === STORED) return bytes;
  if (method === DEFLATED) return inflateRawSync(bytes);
  throw new Error(`zip compression method ${method}`);
}
