import type { FrameOwner, FrameProgress } from './frame-owner.ts';
import type { InputBudget } from './input-budget.ts';
import type { InputLane, LaneMember } from './input-lane.ts';

/**
 * A frame up to this size never waits, and so much of any other is read at a time before it has its memory.
 */
const SMALL_BYTES = 64 * 1024;
/** A frame of which less than this came asks for no memory yet: to announce costs nothing. */
const FEW_BYTES = 32 * 1024;

/** What one connection holds of the memory for requests. */
export class InputShare implements LaneMember {
  readonly owner: FrameOwner;
  readonly #budget: InputBudget;
  readonly #frames: FrameProgress;
  /** The lane in which the bytes of this connection are counted. */
  #lane: InputLane;
  #bytes = 0;
  #isKnown = false;
  /** Whether the frame is counted with its whole size, and may be read to its end. */
  #isAdmitted = false;
  #isWaiting = false;

  constructor(budget: InputBudget, owner: FrameOwner, frames: FrameProgress) {
    this.#budget = budget;
    this.owner = owner;
    this.#frames = frames;
    this.#lane = budget.laneOf(this, 0);
  }

  /** Its client has sent the whole of a frame that came in part. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** What the whole of its frame takes beside what it holds. */
  get missingBytes(): number {
    return (this.#frames.announcedBytes ?? 0) - this.#bytes;
  }

  /** What the next read may bring, when it is made. */
  get readBytesMax(): number {
    return this.#isAdmitted ? Number.POSITIVE_INFINITY : SMALL_BYTES;
  }

  /** Whether another request may be begun; when not, the owner is woken when it may be. */
  mayBegin(): boolean {
    return this.#budget.mayBegin(this.owner);
  }

  /** Whether memory may be reserved for more of a frame of this size than has come. */
  hasRoomFor(frameBytes: number): boolean {
    return this.#budget.freeBytes(this.#budget.laneOf(this, frameBytes)) > 0;
  }

  /** Whether the frame that came in part may be read on with; when not, the owner is woken when it may be. */
  mayReadOn(): boolean {
    if (this.#isAdmitted) return true;
    const { keptBytes, announcedBytes } = this.#frames;
    const lane = this.#budget.laneOf(this, announcedBytes ?? 0);
    this.#hold(lane, keptBytes);
    if (announcedBytes === null || announcedBytes <= SMALL_BYTES || keptBytes < FEW_BYTES) return true;
    this.#isAdmitted = lane.admit(this, this.missingBytes <= this.#budget.freeBytes(lane));
    this.#isWaiting = !this.#isAdmitted;
    if (this.#isAdmitted) this.#hold(lane, announcedBytes);
    return this.#isAdmitted;
  }

  /** A frame is whole, perhaps by what was read while it waited: the next one comes after those that wait. */
  frameEnded(): void {
    if (this.#isAdmitted) this.#isKnown = true;
    if (this.#isAdmitted || this.#isWaiting) this.#leave();
  }

  /** To be called when the connection stops reading for a reason of its own. */
  pause(): void {
    this.#leave();
    this.#hold(this.#lane, this.#frames.keptBytes);
  }

  /** The connection is gone, and its frames with it. */
  close(): void {
    this.pause();
    this.#budget.gone(this.owner);
  }

  #leave(): void {
    this.#isAdmitted = false;
    this.#isWaiting = false;
    this.#lane.remove(this);
    this.#budget.favourNext(this.#lane);
  }

  #hold(lane: InputLane, bytes: number): void {
    const left = this.#lane;
    const before = this.#bytes;
    if (lane === left && bytes === before) return;
    if (lane !== left) this.#leave();
    this.#lane = lane;
    this.#bytes = bytes;
    lane.heldBytes += bytes;
    left.heldBytes -= before;
    if (lane !== left || bytes < before) this.#budget.roomMade();
  }
}
