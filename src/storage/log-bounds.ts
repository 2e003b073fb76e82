import { assert } from '../base/assert.ts';

/**
 * The offsets that one log is described by: logStartOffset <= highWatermark <= writtenEndOffset <= endOffset,
 * and neither durableEndOffset nor syncedEndOffset is above writtenEndOffset. Every change keeps that, or
 * ends the process.
 */
export class LogBounds {
  #logStartOffset: number;
  #highWatermark: number;
  #endOffset: number;
  #writtenEndOffset: number;
  #durableEndOffset: number;
  #syncedEndOffset: number;

  /**
   * Of a log that was opened: all of it is written, and what lies below `syncedEndOffset` is on the device.
   */
  constructor(opened: {
    readonly logStartOffset: number;
    readonly highWatermark: number;
    readonly endOffset: number;
    readonly syncedEndOffset: number;
  }) {
    const { logStartOffset, highWatermark, endOffset, syncedEndOffset } = opened;
    this.#logStartOffset = logStartOffset;
    this.#endOffset = endOffset;
    this.#writtenEndOffset = endOffset;
    this.#durableEndOffset = endOffset;
    this.#syncedEndOffset = syncedEndOffset;
    this.#highWatermark = clamp(highWatermark, logStartOffset, endOffset);
    this.#check();
  }

  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  get highWatermark(): number {
    return this.#highWatermark;
  }

  /** The end of the log, with appends that are not written yet. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** The end of what the page cache has. */
  get writtenEndOffset(): number {
    return this.#writtenEndOffset;
  }

  /** The end of what may be acknowledged. */
  get durableEndOffset(): number {
    return this.#durableEndOffset;
  }

  /** The end of what the device has. */
  get syncedEndOffset(): number {
    return this.#syncedEndOffset;
  }

  set syncedEndOffset(offset: number) {
    this.#syncedEndOffset = offset;
    this.#check();
  }

  /** A batch that ends before `endOffset` was added in memory. */
  append(endOffset: number): void {
    assert(endOffset > this.#endOffset, 'a batch lies behind all that were appended before it');
    this.#endOffset = endOffset;
  }

  /** All that was appended is written. */
  wrote(): void {
    this.#writtenEndOffset = this.#endOffset;
  }

  /** What is not written is as if it had never been appended. */
  forgetUnwritten(): void {
    this.#endOffset = this.#writtenEndOffset;
  }

  /** Returns whether it moved. */
  moveDurable(offset: number): boolean {
    const durable = Math.min(offset, this.#writtenEndOffset);
    if (durable === this.#durableEndOffset) return false;
    this.#durableEndOffset = durable;
    return true;
  }

  /** Moves the high watermark, also back; it stays within the log and what is written. */
  moveHighWatermark(offset: number): void {
    this.#highWatermark = clamp(offset, this.#logStartOffset, this.#writtenEndOffset);
  }

  /** Records below the offset are gone, and the high watermark is not among them. */
  startAt(offset: number): void {
    assert(offset >= this.#logStartOffset, 'the start of a log moves up, except where the log is cut');
    this.#logStartOffset = offset;
    this.#highWatermark = Math.max(this.#highWatermark, offset);
    this.#check();
  }

  /**
   * The log was cut: it ends at the offset, and what is left of it is written. With `logStartOffset`, it
   * begins there too.
   */
  cutTo(endOffset: number, logStartOffset = this.#logStartOffset): void {
    this.#logStartOffset = Math.min(logStartOffset, endOffset);
    this.#endOffset = endOffset;
    this.#writtenEndOffset = endOffset;
    this.#durableEndOffset = Math.min(this.#durableEndOffset, endOffset);
    this.#syncedEndOffset = Math.min(this.#syncedEndOffset, endOffset);
    this.#highWatermark = clamp(this.#highWatermark, this.#logStartOffset, endOffset);
    this.#check();
  }

  #check(): void {
    assert(this.#logStartOffset <= this.#highWatermark, 'a log begins at or below its high watermark');
    assert(this.#highWatermark <= this.#writtenEndOffset, 'the high watermark is within what is written');
    assert(this.#writtenEndOffset <= this.#endOffset, 'what is written was appended');
    assert(this.#durableEndOffset <= this.#writtenEndOffset, 'what may be acknowledged is written');
    assert(this.#syncedEndOffset <= this.#writtenEndOffset, 'what is synced is written');
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
