import { writeFileSync } from 'node:fs';
import { Failure } from '../failure.ts';

/**
 * Only its owner can read it. Nothing that is there is overwritten: it may be a key. Throws Failure where it
 * cannot be written.
 */
export function writeNewFile(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new Failure(`${file} cannot be written: ${cause.message}. Choose another file with --out.`, {
      cause,
    });
  }
}
