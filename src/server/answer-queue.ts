import type { Connection } from '../base/network.ts';
import type { Outcome } from './dispatch.ts';
import { gathered } from './gathered.ts';
import type { InputBudget } from './memory/input-budget.ts';
import type { OutputBudget } from './memory/output-budget.ts';
import { RequestSlot, type SlotOwner } from './request-slot.ts';

/** The bytes of a write this small are not counted where the kernel takes all of it at once. */
const UNCOUNTED_BYTES = 16 * 1024;

/** Answers that are on their way. */
interface Unwritten {
  readonly releases: readonly (() => void)[] | undefined;
  readonly heldBytes: number;
}

/**
 * The requests of one connection that are begun, in the order in which they came, and their answers, which
 * leave in that order: those that are ready together in one write. Memory that an answer holds is given back
 * when the kernel has taken it.
 */
export class AnswerQueue {
  readonly #connection: Connection;
  readonly #input: InputBudget;
  readonly #output: OutputBudget;
  readonly #unwritten = new Set<Unwritten>();
  #slots: RequestSlot[] = [];
  #inFlightBytes = 0;
  /** Answers that are ready behind one that is not. */
  #readyBytes = 0;

  constructor(
    connection: Connection,
    memory: { readonly input: InputBudget; readonly output: OutputBudget },
  ) {
    this.#connection = connection;
    this.#input = memory.input;
    this.#output = memory.output;
  }

  /** Requests that are begun and not answered. */
  get length(): number {
    return this.#slots.length;
  }

  /** Their bytes. */
  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** Bytes of answers that are ready or that the kernel has not taken. */
  get outputBytes(): number {
    return this.#readyBytes + this.#connection.pendingBytes;
  }

  /** The place of a request of so many bytes. */
  push(owner: SlotOwner, bytes: number): RequestSlot {
    const slot = new RequestSlot(owner, bytes);
    this.#slots.push(slot);
    this.holdBegun(bytes);
    return slot;
  }

  /** Counts bytes of a request that has begun, which are given back when it is answered. */
  holdBegun(bytes: number): void {
    this.#inFlightBytes += bytes;
    this.#input.holdBegun(bytes);
  }

  /** The answer of a request is ready; `writeReady` takes it along when it is its turn. */
  settle(slot: RequestSlot, outcome: Outcome): void {
    slot.outcome = outcome;
    if (outcome.kind === 'answer') {
      this.#readyBytes += outcome.bytes;
      slot.holds(Math.max(slot.heldBytes, outcome.bytes));
    } else slot.holds(0);
  }

  /**
   * Writes the answers whose turn it is. Returns why the connection ends with them; undefined where it does
   * not.
   */
  writeReady(): string | undefined {
    const parts: Uint8Array[] = [];
    let releases: readonly (() => void)[] | undefined;
    let answered = 0;
    let heldBytes = 0;
    let answeredBytes = 0;
    let ends: string | undefined;
    for (const slot of this.#slots) {
      const { outcome } = slot;
      if (!outcome) break;
      answered++;
      this.#inFlightBytes -= slot.bytes;
      answeredBytes += slot.bytes;
      heldBytes += slot.heldBytes;
      if (outcome.kind === 'answer') {
        for (const part of outcome.parts) parts.push(part);
        this.#readyBytes -= outcome.bytes;
      }
      if (slot.releases.length > 0) releases = releases ? releases.concat(slot.releases) : slot.releases;
      slot.released = true;
      ends = outcome.kind === 'close' ? outcome.reason : outcome.kind === 'answer' ? outcome.last : undefined;
      if (ends !== undefined) break;
    }
    if (answered === 0) return undefined;
    this.#slots = answered === this.#slots.length ? [] : this.#slots.slice(answered);
    this.#write(parts, { releases, heldBytes });
    this.#input.holdBegun(-answeredBytes);
    return ends;
  }

  /**
   * The connection is gone: gives back the memory of answers. Its caller gives back that of requests
   * (`inFlightBytes`).
   */
  close(): void {
    const slots = this.#slots;
    const unwritten = [...this.#unwritten];
    this.#slots = [];
    this.#unwritten.clear();
    for (const slot of slots) {
      slot.released = true;
      this.#release(slot);
    }
    for (const answers of unwritten) this.#release(answers);
  }

  #write(parts: readonly Uint8Array[], answers: Unwritten): void {
    const { releases, heldBytes } = answers;
    const isOver = !releases && heldBytes < UNCOUNTED_BYTES && this.#connection.pendingBytes === 0;
    if (parts.length === 0 || isOver) {
      if (parts.length > 0) this.#connection.write(gathered(parts));
      this.#release(answers);
      return;
    }
    this.#unwritten.add(answers);
    this.#connection.write(gathered(parts), () => {
      if (this.#unwritten.delete(answers)) this.#release(answers);
    });
  }

  #release({ releases, heldBytes }: Unwritten): void {
    if (releases) for (const release of releases) release();
    if (heldBytes > 0) this.#output.hold(-heldBytes);
  }
}
