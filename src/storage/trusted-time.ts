import { readWhole } from '../base/disk.ts';
import type { GuardedClock } from '../base/guarded-clock.ts';
import type { World } from '../base/world.ts';
import { SavedFile } from './saved-file.ts';

/**
 * `trusted-time-checkpoint`: how far the guarded clock was, so that a wall clock that jumped while no process
 * ran is not believed either. A line with the version, a line with milliseconds since 1970. Apache Kafka
 * ignores the file.
 */
const NAME = 'trusted-time-checkpoint';
const VERSION = '0';

/** Null when there is none, or none that can be read. */
export function readTrustedTime(world: World, folder: string): number | null {
  const path = `${folder}/${NAME}`;
  const text = readWhole(world.disk, path)?.toString('utf8');
  if (text === undefined) return null;
  const match = /^0\n(\d{1,15})\n$/.exec(text);
  if (match === null)
    world.log.warn('the time of the last run cannot be read; the clock is believed', { path });
  return match?.[1] === undefined ? null : Number(match[1]);
}

export function trustedTimeFile(world: World, folder: string, clock: GuardedClock): SavedFile {
  return new SavedFile(world, `${folder}/${NAME}`, () => `${VERSION}\n${Math.floor(clock.trusted)}\n`);
}
