import { lstatSync, realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';

/** Why a file connector cannot have this file; null when it can. `folder`: the one that they stay in. */
export function fileRefusal(file: string | undefined, folder: string | undefined): string | null {
  if (folder === undefined)
    return 'is for file connectors, which need the folder that they stay in: "millrace up --connect-files DIR"';
  const isInside =
    file !== undefined &&
    resolve(file) === file &&
    isBelow(file, folder) &&
    isBelow(real(file), real(folder));
  return isInside ? null : `must be the whole path of a file in ${folder}`;
}

function isBelow(file: string, folder: string): boolean {
  return file.startsWith(`${folder}${sep}`);
}

/**
 * Where a path leads in truth, as far as it is there. A link to nothing leads nowhere: a file would be made
 * at its other end.
 */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code !== 'ENOENT' || lstatSync(path, { throwIfNoEntry: false })) return '';
  }
  const parent = dirname(path);
  return parent === path ? path : `${real(parent)}${path.slice(parent.length)}`;
}
