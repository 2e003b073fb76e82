import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of all files below a folder in which processes make, rename and remove files meanwhile. */
export function filesBelow(folder: string): string[] {
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Those of them that contain this text. */
export function filesWith(folder: string, text: string): string[] {
  return filesBelow(folder).filter((path) => unlessGone(() => readFileSync(path))?.includes(text) === true);
}

/** Undefined where the file or the folder has been removed. */
function unlessGone<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}
