import { DiskError } from '../base/disk.ts';
import type { MarkSlots } from './mark-slots.ts';
import { CheckpointError } from './storage-error.ts';

/** Whether a sync of one log is under way or failed, or a cut of it not synced yet: see `SyncMarks`. */
export class SyncMark {
  readonly #slots: MarkSlots;
  readonly #name: string;
  /** While it is marked. */
  #slot: number | null;
  #isInDoubt: boolean;
  #underWay = 0;
  #ended: Promise<void> | null = null;
  #end = () => {};
  #hasLeft = false;

  /** `slot`: an earlier process left the mark there. */
  constructor(slots: MarkSlots, { name, slot }: { readonly name: string; readonly slot: number | null }) {
    this.#slots = slots;
    this.#name = name;
    this.#slot = slot;
    this.#isInDoubt = slot !== null;
  }

  /**
   * The page cache may show bytes that the device has not, and that no sync brings there before they are
   * written anew; or the device has what was cut off.
   */
  get isInDoubt(): boolean {
    return this.#isInDoubt;
  }

  /** Resolves when no sync is under way; null when none is. */
  get ended(): Promise<void> | null {
    return this.#ended;
  }

  /**
   * Marks the log while `sync` runs, and for longer when that fails. Rejects as `sync` does; with
   * CheckpointError, and without a sync, when the mark cannot be written.
   */
  async during(sync: () => Promise<void>): Promise<void> {
    if (this.#hasLeft) return sync();
    this.#begin();
    try {
      await sync();
    } catch (error) {
      // Then the data is on the device, and what is missing is written anew in any case.
      if (!(error instanceof CheckpointError)) this.#isInDoubt = !this.#hasLeft;
      throw error;
    } finally {
      this.#isOver();
    }
  }

  /**
   * The log was cut, and the device has what was cut off until a sync has succeeded. Where the mark cannot be
   * written, the sync that follows is refused for the same reason.
   */
  wasCut(): void {
    if (this.#hasLeft) return;
    this.#isInDoubt = true;
    try {
      this.#slot ??= this.#slots.take(this.#name);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }

  /** Since it was opened, and cut last, all beyond its recovery point was written anew and synced. */
  settled(): void {
    this.#isInDoubt = false;
    this.#release();
  }

  /** The folder has another name now. */
  leave(): void {
    this.#hasLeft = true;
    this.#isInDoubt = false;
    this.#giveBack();
  }

  #begin(): void {
    try {
      this.#slot ??= this.#slots.take(this.#name);
    } catch (cause) {
      throw new CheckpointError('the begin of a sync was not noted', { cause });
    }
    this.#underWay++;
    this.#ended ??= new Promise<void>((done) => {
      this.#end = done;
    });
  }

  #isOver(): void {
    this.#underWay--;
    if (this.#underWay > 0) return;
    this.#end();
    this.#ended = null;
    this.#release();
  }

  #release(): void {
    if (this.#underWay === 0 && !this.#isInDoubt) this.#giveBack();
  }

  #giveBack(): void {
    if (this.#slot !== null) this.#slots.giveBack(this.#slot);
    this.#slot = null;
  }
}
