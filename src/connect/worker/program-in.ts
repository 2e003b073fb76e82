import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program by its name in the folders of a PATH; null where none has it. */
export function programIn(path: string | undefined, name: string): string | null {
  const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((program) => existsSync(program)) ?? null;
}
