import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Logger } from './log.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';

/**
 * Everything outside the process that the core may touch. The first argument of every constructor that needs
 * it.
 */
export interface World {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly network: Network;
  readonly random: Random;
  readonly log: Logger;
  /**
   * Our own code is wrong, and state may be half changed: ends the process, or what stands for one, with the
   * reason. What is on the stack goes on.
   */
  readonly crash: (error: Error) => void;
}
