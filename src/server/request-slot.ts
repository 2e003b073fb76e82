import type { Outcome } from './dispatch.ts';
import type { AnswerMemory, RequestWay } from './handler.ts';
import type { OutputBudget } from './memory/output-budget.ts';

/** The connection of a request, as far as the request reaches it. */
export interface SlotOwner {
  readonly output: OutputBudget;
  /** Counts bytes of a request that has begun, which are given back when it is answered. */
  holdBegun(bytes: number): void;
  /** Begins nothing more for so long. */
  mute(forMs: number): void;
}

const NO_RELEASES: readonly (() => void)[] = [];

/**
 * A request's place in the order of answers, and what its handler may ask of the connection. One object for
 * all of it: there is one for every request.
 */
export class RequestSlot implements RequestWay, AnswerMemory {
  /** Of its frame, and what it takes beside it. */
  bytes: number;
  outcome: Outcome | undefined;
  /** Nothing is begun on the connection before it is answered. */
  serial = false;
  /** It was answered, or its connection is gone. */
  released = false;
  /** Memory of its answer. */
  heldBytes = 0;
  readonly #owner: SlotOwner;
  #releases: (() => void)[] | undefined;

  constructor(owner: SlotOwner, bytes: number) {
    this.#owner = owner;
    this.bytes = bytes;
  }

  /** To be called when the answer's bytes are written. */
  get releases(): readonly (() => void)[] {
    return this.#releases ?? NO_RELEASES;
  }

  get output(): AnswerMemory {
    return this;
  }

  afterWrite(release: () => void): void {
    if (this.released) release();
    else if (this.#releases) this.#releases.push(release);
    else this.#releases = [release];
  }

  mute(forMs: number): void {
    this.#owner.mute(forMs);
  }

  weighs(bytes: number): void {
    if (this.released) return;
    this.bytes += bytes;
    this.#owner.holdBegun(bytes);
  }

  grant(bytes: number): number {
    if (this.released) return 0;
    const granted = this.#owner.output.grant(bytes);
    this.heldBytes += granted;
    return granted;
  }

  holds(bytes: number): void {
    if (this.released) return;
    const change = bytes - this.heldBytes;
    this.heldBytes = bytes;
    if (change !== 0) this.#owner.output.hold(change);
  }

  whenRoom(run: () => void): () => void {
    return this.#owner.output.whenRoom(run);
  }
}
