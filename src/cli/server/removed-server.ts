import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { LOCK_FILE } from '../../control/folder-lock.ts';
import { processIdentity } from './process-identity.ts';

/**
 * The `millrace up` whose data folder was removed, by the lock that it still holds there; null when this user
 * runs none.
 */
export function removedServer(
  folder: string,
): { readonly pid: number; readonly identity: string | null } | null {
  const lock = `${join(folder, LOCK_FILE)} (deleted)`;
  const pid = numbersIn('/proc').find((one) => {
    const files = `/proc/${one}/fd`;
    return numbersIn(files).some((file) => linkOf(join(files, String(file))) === lock);
  });
  return pid === undefined ? null : { pid, identity: processIdentity(pid) };
}

/** Nothing of what this user may not see, or is gone. */
function numbersIn(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
