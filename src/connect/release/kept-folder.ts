import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlOptions } from '../../control/control.ts';

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

/** The name of the folder of a release, which is that of its checksums: of one archive, or of all jars. */
export function keptName(checksums: string): string {
  return createHash('sha256').update(checksums).digest('hex').slice(0, 32);
}

/**
 * Why Kafka Connect cannot come from where the options say, as a sentence; null where it can, for all that is
 * known before it is fetched. The file of an archive that an earlier start has unpacked need not be there.
 */
export function archiveProblem({
  dataDirectory,
  kafkaConnect,
}: Pick<ControlOptions, 'dataDirectory' | 'kafkaConnect'>): string | null {
  if (kafkaConnect?.kind !== 'archive') return null;
  const { location, sha512 } = kafkaConnect;
  if (/^https?:/i.test(location) || statSync(location, { throwIfNoEntry: false })?.isFile()) return null;
  if (existsSync(join(keptFolder(dataDirectory), keptName(sha512), LIBS))) return null;
  return `--kafka-archive must be a file that is there or a URL, and ${location} is neither.`;
}
