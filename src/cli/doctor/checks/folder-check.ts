import { accessSync, constants, existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Finding, ok } from '../finding.ts';

/** Files that are looked at for their owner, at most. */
const MOST_FILES = 5_000;
const CHECK = 'data folder';
const OTHERS = 0o077;

/** The folder itself, or the innermost one above it that is there. */
export function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}

/**
 * Whether this user (`uid`; undefined on a system without) can work in the folder, and whether all of it is
 * this user's.
 */
export function folderFinding(folder: string, uid: number | undefined): Finding {
  if (!existsSync(folder)) {
    const parent = existing(folder);
    return canUse(parent)
      ? ok(CHECK, `${folder} is not there yet, and can be made.`)
      : error(
          `${folder} is not there, and this user cannot make it in ${parent}.`,
          'Choose another one with --data.',
        );
  }
  if (!statSync(folder).isDirectory())
    return error(`${folder} is a file.`, 'Choose another one with --data.');
  if (!canUse(folder))
    return error(
      `This user cannot read and write ${folder}.`,
      `Choose another one with --data, or "chown -R" it to this user.`,
    );
  const foreign = uid === undefined ? null : foreignFile(folder, uid);
  if (foreign !== null)
    return {
      check: CHECK,
      level: uid === 0 ? 'warning' : 'error',
      found: `${foreign} belongs to another user, a first start with sudo mostly.`,
      advice: `Give all of it to the user that runs Millrace: "chown -R USER ${folder}".`,
    };
  if ((statSync(folder).mode & OTHERS) !== 0)
    return {
      check: CHECK,
      level: 'note',
      found: `Other users of this machine can look into ${folder}.`,
      advice: '"millrace up" closes it to them.',
    };
  return ok(CHECK, `${folder} is this user's.`);
}

function error(found: string, advice: string): Finding {
  return { check: CHECK, level: 'error', found, advice };
}

function canUse(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure) return false;
    throw failure;
  }
}

/**
 * The first thing in the folder that is not this user's; null when there is none among those that are looked
 * at.
 */
function foreignFile(folder: string, uid: number): string | null {
  const waiting = [folder];
  for (let looked = 0; looked < MOST_FILES; looked++) {
    const path = waiting.shift();
    if (path === undefined) return null;
    const entry = lstatSync(path, { throwIfNoEntry: false });
    if (entry && entry.uid !== uid) return path;
    if (entry?.isDirectory()) waiting.push(...readdirSync(path).map((name) => join(path, name)));
  }
  return null;
}
