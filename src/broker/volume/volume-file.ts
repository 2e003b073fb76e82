import { readWhole } from '../../base/disk.ts';
import type { World } from '../../base/world.ts';

/**
 * In the folder of a broker: how many bytes its volume has. Beside what the broker is started with, so that a
 * volume grows while the broker runs. A broker whose folder has no such file when it starts has no volume,
 * and stores what the disk takes.
 */
export const VOLUME_FILE = 'volume-bytes';

/** Null when there is no file. Throws when it holds no size. */
export function readVolumeBytes({ disk }: Pick<World, 'disk'>, folder: string): number | null {
  const text = readWhole(disk, `${folder}/${VOLUME_FILE}`)?.toString();
  if (text === undefined) return null;
  const bytes = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(bytes) || bytes < 0)
    throw new Error(`${folder}/${VOLUME_FILE} is no size of a volume: ${text.slice(0, 40)}`);
  return bytes;
}
