import type { FrameOwner } from './frame-owner.ts';
import { InputLane } from './input-lane.ts';

/** Frames of more than this part of the limit are large, and most requests are not. */
const LARGE_PART = 1 / 32;
/**
 * Large frames leave this part to the others, and so do ordinary ones of strangers to clients that are known.
 */
const LEFT_PART = 1 / 4;

/**
 * Memory for what the connections of one kind sent and what is not answered yet. A frame that came in part
 * counts whole before it is read on with, so that thousands who send at once cannot exceed it; those for
 * which there is no room wait, and their clients with them. One frame at a time needs no room, so that there
 * is always one that can end. Large frames cannot take what ordinary ones need, nor clients that never ended
 * a frame what the others need. Frames that arrive whole in one read need no memory of their own and go on.
 */
export class InputBudget {
  readonly #limitBytes: number;
  readonly #large: InputLane;
  readonly #strange: InputLane;
  readonly #known: InputLane;
  readonly #lanes: readonly InputLane[];
  /** Connections that wait until they may begin a request. */
  readonly #beginners = new Set<FrameOwner>();
  /** The bytes of requests that are begun and not answered. */
  #begunBytes = 0;
  #isWaking = false;
  #wakesAgain = false;

  constructor(limitBytes: number) {
    const leftBytes = LEFT_PART * limitBytes;
    this.#limitBytes = limitBytes;
    this.#large = new InputLane({ mostBytes: limitBytes - leftBytes, ownBytes: 0 });
    this.#strange = new InputLane({ mostBytes: limitBytes - leftBytes, ownBytes: leftBytes });
    this.#known = new InputLane({ mostBytes: limitBytes, ownBytes: leftBytes });
    this.#lanes = [this.#known, this.#strange, this.#large];
  }

  get heldBytes(): number {
    return this.#begunBytes + this.#known.heldBytes + this.#strange.heldBytes + this.#large.heldBytes;
  }

  /** Whether anybody waits for what others hold. */
  get isAwaited(): boolean {
    const waiting = this.#known.waiting.size + this.#strange.waiting.size + this.#large.waiting.size;
    return this.#beginners.size + waiting > 0;
  }

  /** The lane for a frame of this size of a connection that has ended a frame (`isKnown`), or has not. */
  laneOf({ isKnown }: { readonly isKnown: boolean }, frameBytes: number): InputLane {
    if (frameBytes > this.#limitBytes * LARGE_PART) return this.#large;
    return isKnown ? this.#known : this.#strange;
  }

  /** How many more bytes the frames of a lane may hold; negative when they hold too many. */
  freeBytes({ mostBytes, ownBytes, heldBytes }: InputLane): number {
    return Math.max(mostBytes - this.heldBytes, ownBytes - heldBytes);
  }

  mayBegin(owner: FrameOwner): boolean {
    if (this.#begunBytes < this.#limitBytes) return true;
    this.#beginners.add(owner);
    return false;
  }

  holdBegun(bytes: number): void {
    this.#begunBytes += bytes;
    if (bytes < 0) this.roomMade();
  }

  /** Lets one of the waiting connections read on although there is no room. */
  favourNext(lane: InputLane): void {
    if (lane.favoured !== null) return;
    const next = lane.next();
    if (!next) return;
    lane.favoured = next;
    next.owner.woken();
  }

  gone(owner: FrameOwner): void {
    this.#beginners.delete(owner);
  }

  /** To be called from time to time: everybody who waits for room shows whether there is anything to read. */
  probe(): void {
    for (const { waiting } of this.#lanes) for (const { owner } of [...waiting]) owner.probe();
  }

  /** Wakes those who wait, as many as there is room for. */
  roomMade(): void {
    if (!this.isAwaited) return;
    this.#wakesAgain = true;
    if (this.#isWaking) return;
    this.#isWaking = true;
    while (this.#wakesAgain) {
      this.#wakesAgain = false;
      if (this.#begunBytes < this.#limitBytes) {
        const beginners = [...this.#beginners];
        this.#beginners.clear();
        for (const owner of beginners) owner.woken();
      }
      for (const lane of this.#lanes) this.#wakeReaders(lane);
    }
    this.#isWaking = false;
  }

  #wakeReaders(lane: InputLane): void {
    for (;;) {
      const next = lane.next();
      if (!next || next.missingBytes > this.freeBytes(lane)) return;
      lane.waiting.delete(next);
      next.owner.woken();
    }
  }
}
