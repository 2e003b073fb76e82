import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mayChooseUser, type ProcessRights } from './may-choose-user.ts';

/**
 * Numbers of users that systems keep for services which come and go (systemd's DynamicUser): nobody has one
 * of them by name.
 */
const FIRST = 61_184;
const COUNT = 4_336;
/** Bits of a mode that let everybody read, and pass through a folder. */
const ALL_READ = 0o004;
const ALL_PASS = 0o001;

/**
 * The user, and the group, that the workers of a connector run as: one of their own where this process may
 * choose, as root mostly may. Null: they are this user's, and so are their rights. `programs`: what they must
 * be able to read.
 */
export function workerUser(connectorUuid: string, programs: readonly string[]): number | null {
  const digest = createHash('sha256').update(connectorUuid).digest();
  const user = FIRST + (digest.readUInt32BE() % COUNT);
  return process.getuid?.() === 0 && mayChooseUser(ownRights(), user) && programs.every(isForAll)
    ? user
    : null;
}

function ownRights(): ProcessRights {
  const read = (name: string) =>
    existsSync(`/proc/self/${name}`) ? readFileSync(`/proc/self/${name}`, 'utf8') : '';
  return { status: read('status'), users: read('uid_map'), groups: read('gid_map') };
}

/** Whether everybody can read this file, or what is directly in this folder. */
function isForAll(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || !hasPath(path) || (found.mode & ALL_READ) === 0) return false;
  if (!found.isDirectory()) return true;
  return (
    (found.mode & ALL_PASS) !== 0 &&
    readdirSync(path).every((name) => {
      const entry = statSync(join(path, name), { throwIfNoEntry: false });
      return entry !== undefined && (entry.mode & ALL_READ) !== 0;
    })
  );
}

function hasPath(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & ALL_PASS) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
