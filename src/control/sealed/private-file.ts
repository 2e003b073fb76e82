import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../state/store-error.ts';

/** Bits of a mode that let the group or everybody in. */
const OTHERS = 0o077;

/**
 * The text of a file that must be for this user alone. A link is not followed: it may point at what somebody else chose. `guarded`:
 * the folder keeps others out, whatever the file's mode says. Throws StoreError.
 */
export function readPrivateFile(path: string, { guarded }: { readonly guarded: boolean }): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    const why = cause.code === 'ELOOP' ? 'it is a link, which is not followed' : String(cause.code);
    throw new StoreError(`${path} cannot be read (${why}).`, { cause });
  }
  try {
    if (!guarded && (fstatSync(descriptor).mode & OTHERS) !== 0)
      throw new StoreError(
        `Other users of this machine can read ${path}: take that from them with "chmod 600 ${path}".`,
      );
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** The whole file or what was there before, whatever happens meanwhile; on the device when this returns. */
export function writePrivateFile(path: string, text: string): void {
  const fresh = `${path}.new`;
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const descriptor = openSync(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, path);
  const folder = openSync(dirname(path), constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
