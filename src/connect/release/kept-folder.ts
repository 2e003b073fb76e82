import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Below the data folder, by which release; in each a folder of jars. */
const KEPT = 'connect/kafka';
export const LIBS = 'libs';

/** Where releases of Kafka Connect are kept that were fetched. */
export function keptFolder(dataDirectory: string): string {
  return join(dataDirectory, KEPT);
}

/** The jars of the release that an earlier start has fetched; undefined where none has. */
export function keptLibs(dataDirectory: string): string | undefined {
  const folder = keptFolder(dataDirectory);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => /^[0-9a-f]+$/.test(name))
    .map((name) => join(folder, name, LIBS))
    .find((libs) => existsSync(libs));
}
