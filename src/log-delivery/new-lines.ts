import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** So much is read at once; what is behind it, the next time. */
const MOST_BYTES = 4 * 1024 * 1024;
/** A log is known by how it begins: its first line has the time in milliseconds. */
const HEAD_BYTES = 128;
const LINE_FEED = 0x0a;

/** How far a log was read. */
export interface LogPosition {
  readonly offset: number;
  /** The first bytes of the log, in base64, as far as they are before the offset. */
  readonly head: string;
}

export const LOG_START: LogPosition = { offset: 0, head: '' };

/**
 * The whole lines of a log behind a position, and the position behind them. When another log was begun
 * (`log-limit.ts`), what was left of the one before comes first.
 */
export function newLines(
  file: string,
  position: LogPosition,
): { readonly bytes: Buffer; readonly position: LogPosition } {
  if (isOf(file, position)) return wholeLines(file, position.offset);
  const before = `${file}.1`;
  const rest = wholeLines(before, isOf(before, position) ? position.offset : 0);
  return rest.bytes.length > 0 ? rest : { bytes: rest.bytes, position: LOG_START };
}

function wholeLines(file: string, offset: number): { bytes: Buffer; position: LogPosition } {
  const read = readAt(file, offset, MOST_BYTES);
  const end = read.lastIndexOf(LINE_FEED) + 1;
  // A line that is longer than all of it is told in pieces.
  const bytes = read.subarray(0, end === 0 && read.length === MOST_BYTES ? read.length : end);
  const told = offset + bytes.length;
  return { bytes, position: { offset: told, head: headOf(file, told) } };
}

function isOf(file: string, { offset, head }: LogPosition): boolean {
  return headOf(file, offset) === head;
}

function headOf(file: string, offset: number): string {
  return readAt(file, 0, Math.min(offset, HEAD_BYTES)).toString('base64');
}

function readAt(file: string, offset: number, most: number): Buffer {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const length = Math.min(size - offset, most);
  if (length <= 0) return Buffer.alloc(0);
  const bytes = Buffer.allocUnsafe(length);
  const descriptor = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
  } finally {
    closeSync(descriptor);
  }
}
