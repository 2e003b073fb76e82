import { type Disk, readWhole, writeWhole } from '../base/disk.ts';

/**
 * `.kafka_cleanshutdown`: the broker stopped in order, so its logs need no recovery; with the epoch it had
 * then, by which the controller knows that nothing was lost (KIP-966). Taken away at the start, before
 * anything is written.
 */
const NAME = '.kafka_cleanshutdown';
const VERSION = 0;

export function writeCleanShutdown(disk: Disk, folder: string, brokerEpoch: number): Promise<void> {
  return writeWhole(
    disk,
    `${folder}/${NAME}`,
    Buffer.from(JSON.stringify({ version: VERSION, brokerEpoch })),
  );
}

/** Null when the broker did not stop in order; -1 when it did and its epoch cannot be read. */
export function readCleanShutdown(disk: Disk, folder: string): number | null {
  const bytes = readWhole(disk, `${folder}/${NAME}`);
  if (bytes === null) return null;
  const match = /"brokerEpoch"\s*:\s*(\d{1,16})/.exec(bytes.toString('utf8'));
  return match?.[1] === undefined ? -1 : Number(match[1]);
}

export async function removeCleanShutdown(disk: Disk, folder: string): Promise<void> {
  disk.remove(`${folder}/${NAME}`);
  await disk.syncDirectory(folder);
}
