import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeSyncedFolder } from '../platform/make-folder.ts';
import { replaceFile } from '../platform/replace-file.ts';

/** Of the logs of one cluster, or of one connector, in a bucket; the oldest hours go first. */
const MOST_BYTES = 256 * 1024 * 1024;

/**
 * The name of an object of a log below the folder of its owner's logs, as MSK gives it. `source`: `Broker-1`.
 */
export function logObjectName(source: string, now: Date): string {
  const [day = '', time = ''] = now.toISOString().split('T');
  const [hour = '', minute = ''] = time.split(':');
  return `${day}-${hour}/${source}_${hour}-${minute}_${randomBytes(4).toString('hex')}.log.gz`;
}

/**
 * Puts lines into an object of its own. `folder` is that of the owner's logs. Throws what the file system
 * throws.
 */
export function putIntoBucket(
  folder: string,
  { source, now, lines }: { readonly source: string; readonly now: Date; readonly lines: Buffer },
): void {
  const object = join(folder, logObjectName(source, now));
  makeSyncedFolder(dirname(object));
  replaceFile(object, gzipSync(lines));
  removeOldest(folder);
}

function removeOldest(folder: string): void {
  const hours = readdirSync(folder).sort();
  const sizes = hours.map((hour) => bytesIn(join(folder, hour)));
  let total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  // The hour that is being written stays.
  for (const [index, hour] of hours.slice(0, -1).entries()) {
    if (total <= MOST_BYTES) return;
    rmSync(join(folder, hour), { recursive: true, force: true });
    total -= sizes[index] ?? 0;
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
