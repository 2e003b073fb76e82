import type { Timer } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { limitLog } from './log-limit.ts';
import type { ProcessPort } from './process-port.ts';

/** How often the length of the log is looked at. */
const LOOK_MS = 60_000;

/** Keeps the log of a process short, at once and from then on until it is cancelled. */
export function watchLog(
  world: Pick<World, 'clock' | 'log'>,
  { name, log }: Pick<ProcessPort, 'name' | 'log'>,
): Timer {
  let timer: Timer | null = null;
  const look = (): void => {
    timer = world.clock.after(LOOK_MS, look);
    try {
      limitLog(log);
    } catch (error) {
      // A log that grows is no reason to end what it is about.
      world.log.warn(`The log of ${name} cannot be shortened`, { error });
    }
  };
  look();
  return { cancel: () => timer?.cancel() };
}
