import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath, syncPathNow } from './sync-path.ts';

/** For its owner alone. */
const PRIVATE = 0o600;

/**
 * Gives a file this content: whoever reads it has what was there before or all that is new, also after a
 * power loss, and the new is on the device when this returns. `mode` is what the file has, whatever the
 * umask. A link is replaced and not followed. It blocks, so it is for small files that change rarely. Throws
 * what the file system throws: the file is as it was then, or has the new content without the promise that it
 * is on the device.
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = PRIVATE): void {
  const fresh = `${path}.new`;
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const descriptor = openSync(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, PRIVATE);
  try {
    // One that was left behind when a process ended may have another.
    fchmodSync(descriptor, mode);
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  syncPathNow(dirname(path));
}

/**
 * `replaceFile`, unless the file has this text already: a disk that takes nothing more does not keep from
 * what was written before.
 */
export function replaceChangedFile(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) replaceFile(path, text);
}

/**
 * A file that is written, by whomever, is whole under its name from now on, and on the device when this
 * resolves. Rejects with what the file system says.
 */
export async function moveIntoPlace(written: string, path: string): Promise<void> {
  await syncPath(written);
  await rename(written, path);
  await syncPath(dirname(path));
}
