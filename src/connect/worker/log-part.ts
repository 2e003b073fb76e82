import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

/** A part of a log that grows. */
export interface LogPart {
  readonly text: string;
  /** In bytes, where the text ends and what comes begins. */
  readonly position: number;
}

const NEW_LINE = 10;

/** The end of a log, at most so many bytes; empty where there is none. */
export function logEnd(file: string, bytes: number): LogPart {
  const { content, start } = read(file, (size) => Math.max(0, size - bytes), bytes);
  return { text: content.toString('utf8'), position: start + content.length };
}

/**
 * What came after a position: whole lines of at most so many bytes together, and a part of one that is
 * longer. A log that became shorter was begun anew, and is read from its beginning.
 */
export function logAfter(file: string, position: number, bytes: number): LogPart {
  const { content, start } = read(file, (size) => (position > size ? 0 : position), bytes);
  const whole = content.lastIndexOf(NEW_LINE) + 1;
  const length = whole === 0 && content.length === bytes ? content.length : whole;
  return { text: content.toString('utf8', 0, length), position: start + length };
}

/**
 * The end of what came after a position, at most so many bytes. A log that became shorter was begun anew: all
 * of it came after.
 */
export function endAfter(file: string, position: number, bytes: number): string {
  const from = (size: number) => Math.max(position > size ? 0 : position, size - bytes);
  return read(file, from, bytes).content.toString('utf8');
}

function read(
  file: string,
  from: (size: number) => number,
  bytes: number,
): { readonly content: Buffer; readonly start: number } {
  if (!existsSync(file)) return { content: Buffer.alloc(0), start: 0 };
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const start = from(size);
    const buffer = Buffer.alloc(Math.min(bytes, size - start));
    return { content: buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, start)), start };
  } finally {
    closeSync(descriptor);
  }
}
