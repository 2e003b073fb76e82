import { Backoff } from '../base/backoff.ts';
import type { Uuid } from '../base/brand.ts';
import type { Timer } from '../base/clock.ts';
import type { LogFields } from '../base/log.ts';
import { crashOnProgrammerError, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { NotStored } from '../storage/not-stored.ts';

/** The time from the first failure to the second try; each later wait is twice as long as the one before. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

interface Missing {
  readonly topicId: Uuid;
  readonly index: number;
  /** Its log could not be opened, and was not since. */
  readonly isLost: boolean;
  /** What its folder waits for before it is tried; null when it is tried after a time. */
  readonly waitsFor: Promise<void> | null;
}

/**
 * Replicas that this broker should have and whose logs are not open: their device refused, or too many files
 * were open, or their folders must wait for the checkpoint files or for a sync. Each is tried again, all
 * of them together, until it is open or no longer this broker's.
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
    if (reason.error !== 'NOT_READY') {
      this.#isLost({ topicId, index }, reason);
      return;
    }
    const { ready } = reason;
    if (known?.waitsFor === ready) return;
    this.#all.set(key(topicId, index), { topicId, index, isLost: known?.isLost ?? false, waitsFor: ready });
    const stillWaits = () => !this.#stopped && this.#all.get(key(topicId, index))?.waitsFor === ready;
    const retried = ready.then(
      () => {
        if (stillWaits()) this.#retry(topicId, index);
      },
      (error: unknown) => {
        crashOnProgrammerError(this.#world, error);
        if (stillWaits()) this.#isLost({ topicId, index }, { error });
      },
    );
    supervise(this.#world, retried);
  }

  /** Whether it only waits for its folder, and will be open in a moment. */
  isAboutToOpen(topicId: Uuid, index: number): boolean {
    return this.#all.get(key(topicId, index))?.isLost === false;
  }

  /** The number of those that are offline. */
  get lostCount(): number {
    return [...this.#all.values()].filter(({ isLost }) => isLost).length;
  }

  /** Gives a replica up. Returns whether it was missing. */
  delete(topicId: Uuid, index: number): boolean {
    const wasMissing = this.#all.delete(key(topicId, index));
    if (this.#all.size === 0) this.#backoff.succeeded();
    return wasMissing;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #isLost({ topicId, index }: Pick<Missing, 'topicId' | 'index'>, reason: LogFields): void {
    const isKnown = this.#all.get(key(topicId, index))?.isLost;
    this.#all.set(key(topicId, index), { topicId, index, isLost: true, waitsFor: null });
    if (!isKnown)
      this.#world.log.error('a replica cannot be opened', {
        topicId,
        index,
        ...reason,
        help: 'it is offline and is tried again, every 30 s at the latest: mend its disk, or move the replica to another broker',
      });
    this.#lost(topicId, index);
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#timer || this.#stopped) return;
    this.#timer = this.#world.clock.after(this.#backoff.failed(), () => {
      this.#timer = undefined;
      for (const { topicId, index, waitsFor } of [...this.#all.values()])
        if (waitsFor === null) this.#retry(topicId, index);
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
