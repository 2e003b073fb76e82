import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Of the logs of one cluster in a bucket; the oldest hours go first. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Puts lines into an object of its own, under the key that MSK gives it. `folder` is that of the cluster's logs. Throws what the file system throws. */
export function putIntoBucket(
  folder: string,
  { broker, now, lines }: { readonly broker: number; readonly now: Date; readonly lines: Buffer },
): void {
  const [day = '', time = ''] = now.toISOString().split('T');
  const [hour = '', minute = ''] = time.split(':');
  const object = join(
    folder,
    `${day}-${hour}`,
    `Broker-${broker}_${hour}-${minute}_${randomBytes(4).toString('hex')}.log.gz`,
  );
  mkdirSync(dirname(object), { recursive: true, mode: 0o700 });
  writeFileSync(`${object}.new`, gzipSync(lines), { mode: 0o600 });
  renameSync(`${object}.new`, object);
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
