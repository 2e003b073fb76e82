import type { InputShare } from './input-share.ts';

/** Frames of one kind that came in part. */
export class InputLane {
  /** While all that is held is less than this they may take more. */
  readonly mostBytes: number;
  /** They have so much whatever the others hold. */
  readonly ownBytes: number;
  /** They wait for room. */
  readonly waiting = new Set<InputShare>();
  /** The one that reads on though there is no room, so that it can end. */
  favoured: InputShare | null = null;
  /** The frames that are read, whole, and what came of those that wait. */
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

  /** Who is next: the smallest is soonest over, and of those of one size the first to come. */
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
