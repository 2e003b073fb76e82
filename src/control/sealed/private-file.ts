import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { StoreError } from '../state/store-error.ts';

/** Bits of a mode that let the group or everybody in. */
const OTHERS = 0o077;

/**
 * The text of a file that must be for this user alone. A link is not followed: it may point at what somebody
 * else chose. `guarded`: the folder keeps others out, whatever the file's mode says. Throws StoreError.
 */
export function readPrivateFile(path: string, { guarded }: { readonly guarded: boolean }): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    const why = cause.code === 'ELOOP' ? 'it is a link, which is not followed' : String(cause.code);
    throw new StoreError('NOT_STORED', `${path} cannot be read (${why}).`, { cause });
  }
  try {
    if (!guarded && (fstatSync(descriptor).mode & OTHERS) !== 0)
      throw new StoreError(
        'NOT_STORED',
        `Other users of this machine can read ${path}: take that from them with "chmod 600 ${path}".`,
      );
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
