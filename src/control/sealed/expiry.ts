import type { Timer } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import type { SealedStore } from './sealed-store.ts';

/** Recovery windows are days long, so an hour more changes nothing. */
const LOOK_MS = 3_600_000;

/** Removes secrets and keys whose recovery window is over. */
export class Expiry {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #sealed: SealedStore;
  #timer: Timer | null = null;

  constructor(world: Pick<World, 'clock' | 'log'>, sealed: SealedStore) {
    this.#world = world;
    this.#sealed = sealed;
  }

  /** Looks at once, and then again and again. */
  start(): void {
    const { clock, log } = this.#world;
    this.#timer = clock.after(LOOK_MS, () => this.start());
    try {
      this.#sealed.execute(({ secrets }) => secrets.expire(clock.now()));
      this.#sealed.execute(({ keys }) => keys.expire(clock.now()));
    } catch (error) {
      // On a full disk they stay until the next look; they cannot be read meanwhile.
      log.warn('Secrets that are to be removed are still there', { error });
    }
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
