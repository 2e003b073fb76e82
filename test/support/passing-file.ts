import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderEndsWithThis } from './ends-with-this.ts';

/**
 * Writes a file for programs that this one starts, in a folder of its own, which is removed when this program
 * ends. Only this user can read it. Returns its path.
 */
export function passingFile(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-passing-'));
  folderEndsWithThis(folder);
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
