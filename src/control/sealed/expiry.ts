import type { Timer } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import type { ServerCertificates } from '../access/server-certificates.ts';
import type { Engine } from '../engine.ts';
import type { Store } from '../state/store.ts';
import type { SealedStore } from './sealed-store.ts';

/** Recovery windows and what is left of certificates are days, so an hour more changes nothing. */
const LOOK_MS = 3_600_000;

/** Where there is something that ends. */
interface Expiring {
  readonly sealed: SealedStore;
  readonly store: Store;
  readonly engine: Engine;
  readonly certificates: Pick<ServerCertificates, 'keepUp'>;
}

/**
 * Removes secrets and keys whose recovery window is over, and exchanges certificates and CAs that end soon.
 */
export class Expiry {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #of: Expiring;
  #timer: Timer | null = null;
  /** Before the next look, for a CA that is being replaced. */
  #sooner: Timer | null = null;
  #isOver = false;

  constructor(world: Pick<World, 'clock' | 'log'>, of: Expiring) {
    this.#world = world;
    this.#of = of;
  }

  /** Looks at once, and then again and again. */
  start(): void {
    const { clock, log } = this.#world;
    this.#timer = clock.after(LOOK_MS, () => this.start());
    const { sealed, certificates } = this.#of;
    try {
      sealed.execute(({ secrets }) => secrets.expire(clock.now()));
      sealed.execute(({ keys }) => keys.expire(clock.now()));
    } catch (error) {
      // On a full disk they stay until the next look; they cannot be read meanwhile.
      log.warn('Secrets that are to be removed are still there', { error });
    }
    try {
      certificates.keepUp();
    } catch (error) {
      log.warn('The CA of brokers cannot be renewed now', { error });
    }
    this.renewCertificates();
  }

  /** Brokers get certificates of what the CA is now, while they run. */
  renewCertificates(): void {
    const { store, engine } = this.#of;
    for (const cluster of store.clusters.all())
      engine.renewCertificates(cluster).then(
        (againMs) => this.#lookAgain(againMs),
        (error: unknown) =>
          // The broker says itself when its certificate ends soon.
          this.#world.log.warn(`The certificates of ${cluster.name} cannot be renewed now`, { error }),
      );
  }

  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#sooner?.cancel();
  }

  #lookAgain(inMs: number | null): void {
    if (inMs === null || this.#sooner || this.#isOver) return;
    this.#sooner = this.#world.clock.after(inMs, () => {
      this.#sooner = null;
      this.renewCertificates();
    });
  }
}
