import { Backoff } from '../base/backoff.ts';
import type { Uuid } from '../base/brand.ts';
import type { Timer } from '../base/clock.ts';
import { reportFailure, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { NotStored } from '../storage/log-opening.ts';

/** The time from the first failure to the second try; each later wait is twice as long as the one before. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

interface Missing {
  readonly topicId: Uuid;
  readonly index: number;
  /** Its folder waits for the checkpoint files; nothing is wrong. */
  readonly isReady: boolean;
}

/**
 * Replicas that this broker should have and whose logs are not open: their device refused, or too many files
 * were open, or their folders must wait for the checkpoint files. Each is tried again, all of them together,
 * until it is open or no longer this broker's.
 */
export class MissingReplicas {
  readonly #world: World;
  /**
   * Returns whether it is open now. Takes it out of here when it is, or need not be any more; else adds it
   * anew.
   */
  readonly #open: (topicId: Uuid, index: number) => boolean;
  /** Told at every attempt that the log of a replica cannot be opened. */
  readonly #lost: (topicId: Uuid, index: number) => void;
  readonly #all = new Map<string, Missing>();
  #timer: Timer | undefined;
  readonly #backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
  #stopped = false;

  constructor(
    world: World,
    {
      open,
      lost,
    }: {
      readonly open: (topicId: Uuid, index: number) => boolean;
      readonly lost: (topicId: Uuid, index: number) => void;
    },
  ) {
    this.#world = world;
    this.#open = open;
    this.#lost = lost;
  }

  add({ topicId, index }: { readonly topicId: Uuid; readonly index: number }, reason: NotStored): void {
    const known = this.#all.get(key(topicId, index));
    const isReady = reason.error !== 'NOT_READY';
    this.#all.set(key(topicId, index), { topicId, index, isReady });
    if (reason.error === 'NOT_READY') {
      const retried = reason.ready.then(
        () => this.#retry(topicId, index),
        (error: unknown) => {
          reportFailure(this.#world, 'a replica has to wait for the checkpoint files', {
            topicId,
            index,
            error,
          });
          this.#isLost(topicId, index);
        },
      );
      supervise(this.#world, retried);
      return;
    }
    if (!known?.isReady) this.#world.log.error('a replica cannot be opened', { topicId, index, ...reason });
    this.#isLost(topicId, index);
  }

  /** Whether it only waits for the checkpoint files, and will be open in a moment. */
  isAboutToOpen(topicId: Uuid, index: number): boolean {
    return this.#all.get(key(topicId, index))?.isReady === false;
  }

  /** Gives a replica up. Returns whether it was missing. */
  delete(topicId: Uuid, index: number): boolean {
    return this.#all.delete(key(topicId, index));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #isLost(topicId: Uuid, index: number): void {
    if (!this.#all.has(key(topicId, index))) return;
    this.#all.set(key(topicId, index), { topicId, index, isReady: true });
    this.#lost(topicId, index);
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#timer || this.#stopped) return;
    this.#timer = this.#world.clock.after(this.#backoff.failed(), () => {
      this.#timer = undefined;
      for (const { topicId, index } of [...this.#all.values()]) this.#retry(topicId, index);
      if (this.#all.size === 0) this.#backoff.succeeded();
    });
  }

  #retry(topicId: Uuid, index: number): void {
    if (this.#stopped || !this.#all.has(key(topicId, index))) return;
    if (this.#open(topicId, index))
      this.#world.log.info('a replica that was missing is here', { topicId, index });
  }
}

function key(topicId: Uuid, index: number): string {
  return `${topicId}/${index}`;
}
