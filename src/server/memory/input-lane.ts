import type { FrameOwner } from './frame-owner.ts';

/** A connection whose frame came in part, as its lane knows it. */
export interface LaneMember {
  readonly owner: FrameOwner;
  /** What the whole of its frame takes beside what it holds. */
  readonly missingBytes: number;
}

/** Unfinished frames of one kind, and the connections that wait to read on. */
export class InputLane {
  /** Frames of this lane may take memory while all lanes together hold less than this. */
  readonly mostBytes: number;
  /** Frames of this lane may hold this much whatever the other lanes hold. */
  readonly ownBytes: number;
  /** Connections that wait for room. */
  readonly waiting = new Set<LaneMember>();
  /** The connection that may read on although there is no room, so that one frame can always be completed. */
  favoured: LaneMember | null = null;
  /** The whole size of frames that are being read, and what has come of those that wait. */
  heldBytes = 0;

  constructor({ mostBytes, ownBytes }: { mostBytes: number; ownBytes: number }) {
    this.mostBytes = mostBytes;
    this.ownBytes = ownBytes;
  }

  /** Whether it may read, with or without room for it; when not, it waits. */
  admit(member: LaneMember, hasRoom: boolean): boolean {
    if (!hasRoom && this.waiting.size === 0) this.favoured ??= member;
    const mayRead = hasRoom || this.favoured === member;
    if (mayRead) this.waiting.delete(member);
    else this.waiting.add(member);
    return mayRead;
  }

  /**
   * The connection whose frame lacks the fewest bytes, since it ends soonest; of equal ones the first that
   * came.
   */
  next(): LaneMember | null {
    let next: LaneMember | null = null;
    for (const member of this.waiting) if (!next || member.missingBytes < next.missingBytes) next = member;
    return next;
  }

  remove(member: LaneMember): void {
    this.waiting.delete(member);
    if (this.favoured === member) this.favoured = null;
  }
}
