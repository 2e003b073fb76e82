import { Backoff } from '../../base/backoff.ts';
import type { Timer } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import type { StateInfo } from '../aws/state-info.ts';
import type { Store } from '../state/store.ts';
import { StoreError } from '../state/store-error.ts';

/** Waits before health is written again that could not be. */
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 30_000;

/**
 * How the running clusters are. It is true in memory first, whatever the disk does, since what it tells of is
 * often a full disk; a writer stores it when that can be done, so that the next life of the control plane
 * begins with what was known last.
 */
export class Health {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #store: Store;
  readonly #backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
  #retry: Timer | null = null;

  constructor(world: Pick<World, 'clock' | 'log'>, store: Store) {
    this.#world = world;
    this.#store = store;
  }

  /** `problem`: what the cluster lacks; null when it holds. Never throws for want of a store. */
  report(arn: string, problem: StateInfo | null): void {
    this.#store.tell((clusters) => clusters.health(arn, problem));
    if (!this.#retry) this.#write();
  }

  /**
   * What the last life found may be over: until this one has looked, a cluster that was HEALING is, for no
   * reason that is known.
   */
  forgetReasons(): void {
    for (const { arn } of this.#store.clusters.all())
      this.#store.tell((clusters) => clusters.forgetProblem(arn));
  }

  stop(): void {
    this.#retry?.cancel();
  }

  #write(): void {
    this.#retry = null;
    try {
      this.#store.flush();
      this.#backoff.succeeded();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (!this.#backoff.hasFailed)
        this.#world.log.warn('The health of clusters cannot be stored now; that is tried again', { error });
      this.#retry = this.#world.clock.after(this.#backoff.failed(), () => this.#write());
    }
  }
}
