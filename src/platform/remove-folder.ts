import { opendir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes a folder, if it is there, and all that is in it, a file after the other: others are served
 * meanwhile, and are not for seconds while Node's own `rm` begins with 200,000 files. Rejects as `rm` does.
 */
export async function removeFolder(folder: string): Promise<void> {
  try {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await removeFolder(path);
      else await unlink(path);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await rm(folder, { recursive: true, force: true });
}
