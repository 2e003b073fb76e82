import type { Logger } from '../base/log.ts';
import type { World } from '../base/world.ts';
import { NodeClock } from './node-clock.ts';
import { NodeDisk } from './node-disk.ts';
import { NodeNetwork } from './node-network.ts';
import { NodeRandom } from './node-random.ts';

/**
 * The real world, one per process. `localHost` is where its connections come from, when not where the system
 * chooses;
 * `keepsAlive`: whether its timers and connections keep a process alive that has nothing else to do.
 */
export function nodeWorld(log: Logger, localHost?: string, keepsAlive = true): World {
  return {
    clock: new NodeClock(keepsAlive),
    disk: new NodeDisk(),
    network: new NodeNetwork(log, localHost, keepsAlive),
    random: new NodeRandom(),
    log,
    crash,
  };
}

/**
 * Out of reach of every `catch`: the process ends, unless it has a handler for uncaught exceptions, which
 * ends it.
 */
function crash(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
