import type { Timer } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/log.ts';
import type { Connection, NetworkError } from '../base/network.ts';
import type { Dispatcher, Outcome } from './dispatch.ts';
import { type FrameBuffers, FrameError, FrameReader } from './frame-reader.ts';
import type { Repeats } from './gate/repeats.ts';
import { gathered } from './gathered.ts';
import type { ServerLimits } from './limits.ts';
import type { FrameOwner } from './memory/frame-owner.ts';
import type { InputBudget } from './memory/input-budget.ts';
import { InputShare } from './memory/input-share.ts';
import type { OutputBudget } from './memory/output-budget.ts';
import type { Origin } from './origin.ts';
import { RequestSlot, type SlotOwner } from './request-slot.ts';
import { isStranger, requestBytesMax } from './strangers.ts';

/** The bytes of a write this small are not counted where the kernel takes all of it at once. */
const UNCOUNTED_BYTES = 16 * 1024;
/** How much is read at a time from a client that waits for memory: enough to see that it sends. */
const PROBE_BYTES = 4096;

/** What the connections of one server share, and the memory that those of one kind share. */
export interface ConnectionHost<Context> {
  readonly dispatcher: Dispatcher<Context>;
  readonly limits: ServerLimits;
  readonly scratch: Buffer;
  readonly buffers: FrameBuffers;
  readonly log: Logger;
  /** Logs why connections ended; a flood of equal reasons becomes one line. */
  readonly endings: Repeats;
  readonly input: InputBudget;
  readonly output: OutputBudget;
  after(delayMs: number, run: () => void): Timer;
  closed(connection: ServerConnection<Context>): void;
}

/**
 * One client's connection. Requests are begun in the order they came and answered in that order, however long
 * each takes; what is begun, what is unanswered and what the client has not read are bounded, and at a bound
 * nothing more is read from it.
 */
export class ServerConnection<Context> implements FrameOwner, SlotOwner {
  readonly origin: Origin;
  /** Monotonic time at which the client was last seen to send or to take a byte. */
  lastActiveAt: number;
  /** Monotonic time at which the frame began that came in part; null when none did. */
  partSince: number | null = null;

  readonly #host: ConnectionHost<Context>;
  readonly #connection: Connection;
  readonly #reader: FrameReader;
  readonly #now: () => number;
  #slots: RequestSlot[] = [];
  #inFlightBytes = 0;
  /** Answers that are ready behind one that is not. */
  #readyBytes = 0;
  readonly #input: InputShare;
  /** Whether the bytes that arrived last ended with the end of a frame. */
  #isFrameWhole = false;
  #receivedBytes = 0;
  /** The value of `#receivedBytes` when the connection was last looked at. */
  #receivedBytesSeen = 0;
  #silentLooks = 0;
  #sentBytes = 0;
  /** When the client was first seen not to take what waits for it. */
  #stalledSince: number | null = null;
  #serial = false;
  /** A stranger's request that waits for its turn; nothing else is begun meanwhile. */
  #waiting: Buffer | undefined;
  #ending = false;
  #closed = false;
  #paused = false;
  #turning = false;
  #turnScheduled = false;
  /** No request is begun while this timer runs: the client is over a quota. */
  #unmute: Timer | undefined;
  /** The monotonic time at which `#unmute` fires. */
  #mutedUntil = 0;

  constructor(host: ConnectionHost<Context>, connection: Connection, origin: Origin, now: () => number) {
    this.#host = host;
    this.#connection = connection;
    this.origin = origin;
    this.#now = now;
    this.lastActiveAt = now();
    this.#reader = new FrameReader({
      scratch: host.scratch,
      buffers: host.buffers,
      hasRoom: (frameBytes) => this.#input.hasRoomFor(frameBytes),
      sizeMax: () => requestBytesMax(host.limits, origin),
      accept: (frame) => this.#accept(frame),
    });
    this.#input = new InputShare(host.input, this, this.#reader);
  }

  start(): void {
    this.#connection.start({
      // A buffer that is chosen while the connection is paused is used by the first read after the pause.
      buffer: () => this.#reader.buffer(this.#paused ? PROBE_BYTES : this.#input.readBytesMax),
      received: (bytes) => this.#received(bytes),
      onDrain: () => this.#turn(),
      onClose: (error) => this.#onClose(error),
    });
  }

  /** Called when there may be memory again for a connection that was held back. */
  woken(): void {
    this.#turn();
  }

  /**
   * Reads a few bytes, which shows whether the client sends: a paused connection gives its reader a buffer of
   * no more than that.
   */
  probe(): void {
    if (this.#closed || !this.#paused || this.#reader.holding) return;
    this.#paused = false;
    this.#connection.resume();
  }

  get idle(): boolean {
    return this.#slots.length === 0;
  }

  /** Closes it and logs nothing: for connections of which there may be thousands a second. */
  discard(): void {
    this.#connection.destroy();
  }

  destroy(reason: string): void {
    if (this.#closed) return;
    this.#ended('closing a connection', reason);
    this.#connection.destroy();
  }

  #received(bytes: number): void {
    if (this.#closed || this.#ending) return;
    this.lastActiveAt = this.#now();
    this.#receivedBytes += bytes;
    this.#isFrameWhole = false;
    this.#guarded(() => this.#reader.received(bytes));
    if (this.#isFrameWhole) {
      this.partSince = null;
      this.#input.frameEnded();
    }
    this.#turn();
  }

  /** To be called from time to time. For how many ms the client has taken nothing of what waits for it. */
  outputStalledMs(now: number): number {
    const { sentBytes, pendingBytes } = this.#connection;
    if (pendingBytes === 0) this.#stalledSince = null;
    else if (sentBytes !== this.#sentBytes || this.#stalledSince === null) {
      if (sentBytes !== this.#sentBytes) this.lastActiveAt = now;
      this.#stalledSince = now;
    }
    this.#sentBytes = sentBytes;
    return this.#stalledSince === null ? 0 : now - this.#stalledSince;
  }

  /**
   * To be called from time to time. How many times in a row the client had sent less than `leastBytes` of a
   * frame that it began and that we would have read. Looks are counted and not time: after the process stood
   * still, what was sent meanwhile is not read yet.
   */
  inputLooksSilent(leastBytes: number): number {
    const bytes = this.#receivedBytes - this.#receivedBytesSeen;
    this.#receivedBytesSeen = this.#receivedBytes;
    const isSilent = this.partSince !== null && !this.#paused && bytes < leastBytes;
    this.#silentLooks = isSilent ? this.#silentLooks + 1 : 0;
    return this.#silentLooks;
  }

  /** Its client has sent a whole frame. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }
  #hasSpoken = false;

  /** Its client has sent the whole of a frame that came in part. */
  get isKnown(): boolean {
    return this.#input.isKnown;
  }

  /** The announced size of a frame that came in part. */
  get announcedBytes(): number {
    return this.#reader.announcedBytes ?? 0;
  }

  #guarded(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#push(0).outcome = { kind: 'close', reason: error.message };
      this.#ending = true;
    }
  }

  #accept(frame: Buffer): boolean {
    if (this.#closed || this.#ending) return false;
    this.#isFrameWhole = true;
    this.#hasSpoken = true;
    const slot = this.#push(frame.length);
    const isStrangers = isStranger(this.origin);
    const outcome = isStrangers
      ? this.#dispatchInTurn(frame, slot)
      : this.#host.dispatcher.dispatch(frame, this.origin, slot);
    if (outcome instanceof Promise) {
      if (isStrangers || this.#host.dispatcher.isSerial(frame)) this.#serial = slot.serial = true;
      outcome.then((settled) => {
        const settle = (): void => {
          this.#settle(slot, settled);
          this.#turnSoon();
        };
        // Those who failed together are answered together, and an answer and an end cost as much as a step.
        if (isStrangers && isLast(settled)) this.#connection.inTurn(settle);
        else settle();
      });
    } else {
      this.#settle(slot, outcome);
    }
    return this.#mayAccept();
  }

  /** Sign-ins cost time, and thousands that come together must not take all that there is. */
  #dispatchInTurn(frame: Buffer, slot: RequestSlot): Promise<Outcome> {
    this.#waiting = Buffer.from(frame);
    return new Promise((resolve) =>
      this.#connection.inTurn(() => {
        const waiting = this.#waiting;
        this.#waiting = undefined;
        resolve(waiting ? this.#host.dispatcher.dispatch(waiting, this.origin, slot) : { kind: 'nothing' });
      }),
    );
  }

  #push(bytes: number): RequestSlot {
    const slot = new RequestSlot(this, bytes);
    this.#slots.push(slot);
    this.holdBegun(bytes);
    return slot;
  }

  holdBegun(bytes: number): void {
    this.#inFlightBytes += bytes;
    this.#host.input.holdBegun(bytes);
  }

  get output(): OutputBudget {
    return this.#host.output;
  }

  mute(forMs: number): void {
    const until = this.#now() + forMs;
    if (this.#closed || (this.#unmute !== undefined && until <= this.#mutedUntil)) return;
    this.#mutedUntil = until;
    this.#reader.stop();
    this.#unmute?.cancel();
    // A timer can fire slightly before its time by the clock, and it fires once.
    this.#unmute = this.#host.after(forMs, () => {
      this.#unmute = undefined;
      this.#turn();
    });
  }

  #settle(slot: RequestSlot, outcome: Outcome): void {
    slot.outcome = outcome;
    if (slot.serial) this.#serial = false;
    if (this.#closed) return;
    if (outcome.kind === 'answer') {
      this.#readyBytes += outcome.bytes;
      slot.holds(Math.max(slot.heldBytes, outcome.bytes));
    } else slot.holds(0);
    // What follows a request that ends the connection is never begun.
    if (isLast(outcome)) this.#ending = true;
  }

  #mayAccept(): boolean {
    const { limits, output } = this.#host;
    if (this.#closed || this.#ending || this.#serial) return false;
    if (this.#unmute !== undefined) return false;
    if (this.#slots.length >= limits.inFlightMax || this.#inFlightBytes >= limits.inFlightBytesMax)
      return false;
    const outputBytes = this.#readyBytes + this.#connection.pendingBytes;
    if (outputBytes >= limits.outputBytesMax) return false;
    // A client that has read all its answers may always have one more.
    if (outputBytes > 0 && output.isFull) return false;
    return this.#input.mayBegin();
  }

  /** One turn for all answers that become ready at the same time, so that they leave in one write. */
  #turnSoon(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    Promise.resolve().then(() => {
      this.#turnScheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#turning || this.#closed) return;
    this.#turning = true;
    for (;;) {
      this.#flush();
      if (!this.#reader.waiting || !this.#mayAccept()) break;
      this.#guarded(() => this.#reader.continue());
    }
    this.#turning = false;
    if (this.#closed) return;
    if (this.#reader.announcedBytes === null) this.partSince = null;
    else this.partSince ??= this.#now();
    if (this.#reader.holding) this.#input.pause();
    const pause = this.#reader.holding || !this.#input.mayReadOn();
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#connection.pause();
    else this.#connection.resume();
  }

  #flush(): void {
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
    if (answered === 0) return;
    this.#slots = answered === this.#slots.length ? [] : this.#slots.slice(answered);
    this.#write(parts, { releases, heldBytes });
    this.#host.input.holdBegun(-answeredBytes);
    if (ends === undefined) return;
    this.#ended('ending a connection', ends);
    this.#connection.end();
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
  readonly #unwritten = new Set<Unwritten>();

  #release({ releases, heldBytes }: Unwritten): void {
    if (releases) for (const release of releases) release();
    if (heldBytes > 0) this.#host.output.hold(-heldBytes);
  }

  #onClose(error: NetworkError | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    // A failed TLS handshake is logged as a failed sign-in is.
    if (error?.code === 'ETLS') this.#ended('a connection failed', error.message, { error });
    else if (error) this.#host.log.debug('a connection failed', { error, ...this.#who() });
    this.#unmute?.cancel();
    this.#reader.close();
    this.#waiting = undefined;
    const slots = this.#slots;
    const unwritten = [...this.#unwritten];
    this.#slots = [];
    this.#unwritten.clear();
    for (const slot of slots) {
      slot.released = true;
      this.#release(slot);
    }
    for (const answers of unwritten) this.#release(answers);
    this.#input.close();
    this.#host.input.holdBegun(-this.#inFlightBytes);
    this.#inFlightBytes = 0;
    this.#host.closed(this);
  }

  #ended(message: string, reason: string, first: LogFields = {}): void {
    const { clientHost: from, listenerName: listener, connectionId: client } = this.origin;
    this.#host.endings.say('info', message, { reason, listener, from }, { client, ...first });
  }

  #who(): { readonly client: string; readonly listener: string } {
    return { client: this.origin.connectionId, listener: this.origin.listenerName };
  }
}

/** Whether the connection ends with it. */
function isLast(outcome: Outcome): boolean {
  return outcome.kind === 'close' || (outcome.kind === 'answer' && outcome.last !== undefined);
}

/** Answers that are on their way. */
interface Unwritten {
  readonly releases: readonly (() => void)[] | undefined;
  readonly heldBytes: number;
}
