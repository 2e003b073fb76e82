import type { InputShare } from './input-share.ts';

/** Unfinished frames of one kind, and the connections that wait to read on. */
export class InputLane {
  /** Frames of this lane may take memory while all lanes together hold less than this. */
  readonly mostBytes: number;
  /** Frames of this lane may hold this much whatever the other lanes hold. */
  readonly ownBytes: number;
  /** Connections that wait for room. */
  readonly waiting = new Set<InputShare>();
  /** The connection that may read on although there is no room, so that one frame can always be completed. */
  favoured: InputShare | null = null;
  /** The whole size of frames that are being read, and what has come of those that wait. */
  heldBytes = 0;

  constructor({ mostBytes, ownBytes }: { mostBytes: number; ownBytes: number }) {
    this.mostBytes = mostBytes;
    this.ownBytes = ownBytes;
  }

  /** Whether it may read, with or without room for it; when not, it waits. */
  admit(share: InputShare, hasRoom: boolean): boolean {
    if (!hasRoom && this.waiting.size === 0) this.favoured ??= share;
    const mayRead = hasRoom || this.favoured === share;
    if (mayRead) this.waiting.delete(share);
    else this.waiting.add(share);
    return mayRead;
  }

  /**
   * The connection whose frame lacks the fewest bytes, since it ends soonest; of equal ones the first that
   * came.
   */
  next(): InputShare | null {
    let next: InputShare | null = null;
    for (const share of this.waiting) if (!next || share.missingBytes < next.missingBytes) next = share;
    return next;
  }

  remove(share: InputShare): void {
    this.waiting.delete(share);
    if (this.favoured === share) this.favoured = null;
  }
}
