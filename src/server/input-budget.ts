/** Frames of more than this part of the limit leave the last quarter of it to the others, which most requests are. */
const LARGE_PART = 1 / 32;
const PART_FOR_LARGE = 3 / 4;

/** Who wants to read more of a frame that came in part. */
export interface FrameOwner {
  /** Tries to read on. */
  woken(): void;
}

/**
 * Memory for what the connections of one kind sent and what is not answered yet. Bytes count when they arrive, whatever length
 * was announced. When they are too many, only one of the frames that came in part is read on with at a time, so that
 * it can end: the one that sends. Frames that arrive whole in one read need no memory of their own and go on.
 */
export class InputBudget {
  readonly #limitBytes: number;
  readonly #waiting = new Set<FrameOwner>();
  #favoured: FrameOwner | null = null;
  #favouredHasSent = false;
  /** Of requests that are begun and not answered. */
  #begunBytes = 0;
  /** Of frames that came in part, or wait to be begun. */
  #partBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get heldBytes(): number {
    return this.#begunBytes + this.#partBytes;
  }

  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether another request may be begun; when not, `woken` is called when one was answered. */
  mayBegin(owner: FrameOwner): boolean {
    if (this.#begunBytes < this.#limitBytes) return true;
    this.#waiting.add(owner);
    return false;
  }

  /** Whether a frame of this size that came in part may be read on with; when not, `woken` is called when it may be. */
  mayReadOn(owner: FrameOwner, frameBytes: number): boolean {
    const isLarge = frameBytes > this.#limitBytes * LARGE_PART;
    if (this.heldBytes < (isLarge ? PART_FOR_LARGE : 1) * this.#limitBytes) return true;
    this.#favoured ??= owner;
    if (this.#favoured === owner) {
      this.#favouredHasSent = true;
      return true;
    }
    this.#waiting.add(owner);
    return false;
  }

  holdBegun(bytes: number): void {
    this.#begunBytes += bytes;
    if (bytes < 0) this.#roomMade();
  }

  holdPart(bytes: number): void {
    this.#partBytes += bytes;
    if (bytes < 0) this.#roomMade();
  }

  /** It has no frame in part any more. */
  finished(owner: FrameOwner): void {
    if (this.#favoured !== owner) return;
    this.#favoured = null;
    this.#wakeAll();
  }

  gone(owner: FrameOwner): void {
    this.#waiting.delete(owner);
    this.finished(owner);
  }

  /** From time to time: the frame that is read on with may be one whose sender has stopped. */
  rotate(): void {
    const isStuck = this.#favoured !== null && !this.#favouredHasSent;
    this.#favouredHasSent = false;
    // Each turn may leave more bytes here, so there are not endlessly many.
    if (!isStuck || this.heldBytes >= 2 * this.#limitBytes) return;
    this.#favoured = null;
    this.#wakeAll();
  }

  #roomMade(): void {
    if (this.#waiting.size > 0 && this.#begunBytes < this.#limitBytes) this.#wakeAll();
  }

  #wakeAll(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const owner of waiting) owner.woken();
  }
}
