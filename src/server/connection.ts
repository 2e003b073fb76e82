import type { Logger } from '../base/log.ts';
import type { Connection, NetworkError } from '../base/network.ts';
import type { Dispatcher, Origin, Outcome } from './dispatch.ts';
import { type FrameBuffers, FrameError, FrameReader } from './frame-reader.ts';
import { gathered } from './gathered.ts';
import type { ServerLimits } from './limits.ts';

/** What connections of one server share. */
export interface ConnectionHost<Context> {
  readonly dispatcher: Dispatcher<Context>;
  readonly limits: ServerLimits;
  readonly scratch: Buffer;
  readonly buffers: FrameBuffers;
  readonly log: Logger;
  /** Bytes of all requests that are begun and unanswered. */
  inFlightBytes: number;
  /** Asks to be `woken` when `inFlightBytes` fell below its limit. */
  waitForRoom(connection: ServerConnection<Context>): void;
  roomMade(): void;
  closed(connection: ServerConnection<Context>): void;
}

/**
 * One client's connection. Requests are begun in the order they came and answered in that order, however long each
 * takes; what is begun, what is unanswered and what the client has not read are bounded, and at a bound nothing more is
 * read from it.
 */
export class ServerConnection<Context> {
  readonly origin: Origin;
  /** Monotonic time of the last byte from the client. */
  lastActiveAt: number;

  readonly #host: ConnectionHost<Context>;
  readonly #connection: Connection;
  readonly #reader: FrameReader;
  readonly #now: () => number;
  #slots: Slot[] = [];
  #inFlightBytes = 0;
  /** Answers that are ready behind one that is not. */
  #readyBytes = 0;
  #serial = false;
  #ending = false;
  #closed = false;
  #paused = false;
  #turning = false;
  #turnScheduled = false;

  constructor(host: ConnectionHost<Context>, connection: Connection, origin: Origin, now: () => number) {
    this.#host = host;
    this.#connection = connection;
    this.origin = origin;
    this.#now = now;
    this.lastActiveAt = now();
    this.#reader = new FrameReader({
      scratch: host.scratch,
      buffers: host.buffers,
      sizeMax: () => requestBytesMax(host.limits, origin),
      accept: (frame) => this.#accept(frame),
    });
  }

  start(): void {
    this.#connection.start({
      buffer: () => this.#reader.buffer(),
      received: (bytes) => this.#received(bytes),
      onDrain: () => this.#turn(),
      onClose: (error) => this.#onClose(error),
    });
  }

  /** Tries again after the server's limit held it back. */
  woken(): void {
    this.#turn();
  }

  get idle(): boolean {
    return this.#slots.length === 0;
  }

  destroy(reason: string): void {
    if (this.#closed) return;
    this.#host.log.info('closing a connection', { reason, ...this.#who() });
    this.#connection.destroy();
  }

  #received(bytes: number): void {
    if (this.#closed || this.#ending) return;
    this.lastActiveAt = this.#now();
    this.#guarded(() => this.#reader.received(bytes));
    this.#turn();
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
    const slot = this.#push(frame.length);
    const outcome = this.#host.dispatcher.dispatch(frame, this.origin, (release) => {
      if (slot.released) release();
      else slot.releases.push(release);
    });
    if (outcome instanceof Promise) {
      if (this.#host.dispatcher.isSerial(frame)) this.#serial = slot.serial = true;
      outcome.then((settled) => {
        this.#settle(slot, settled);
        this.#turnSoon();
      });
    } else {
      this.#settle(slot, outcome);
    }
    return this.#mayAccept();
  }

  #push(bytes: number): Slot {
    const slot: Slot = { bytes, outcome: undefined, serial: false, releases: [], released: false };
    this.#slots.push(slot);
    this.#inFlightBytes += bytes;
    this.#host.inFlightBytes += bytes;
    return slot;
  }

  #settle(slot: Slot, outcome: Outcome): void {
    slot.outcome = outcome;
    if (slot.serial) this.#serial = false;
    if (this.#closed) return;
    if (outcome.kind === 'answer') this.#readyBytes += outcome.bytes;
    // What follows a request that ends the connection is never begun.
    if (outcome.kind === 'close' || (outcome.kind === 'answer' && outcome.last !== undefined))
      this.#ending = true;
  }

  #mayAccept(): boolean {
    const { limits } = this.#host;
    if (this.#closed || this.#ending || this.#serial) return false;
    if (this.#slots.length >= limits.inFlightMax || this.#inFlightBytes >= limits.inFlightBytesMax)
      return false;
    if (this.#readyBytes + this.#connection.pendingBytes >= limits.outputBytesMax) return false;
    if (this.#host.inFlightBytes >= limits.brokerInFlightBytesMax) {
      this.#host.waitForRoom(this);
      return false;
    }
    return true;
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
    const pause = this.#reader.holding;
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#connection.pause();
    else this.#connection.resume();
  }

  #flush(): void {
    const parts: Uint8Array[] = [];
    let releases: (() => void)[] | undefined;
    let answered = 0;
    let ends: string | undefined;
    for (const slot of this.#slots) {
      const { outcome } = slot;
      if (!outcome) break;
      answered++;
      this.#inFlightBytes -= slot.bytes;
      this.#host.inFlightBytes -= slot.bytes;
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
    if (parts.length > 0) this.#write(gathered(parts), releases);
    else if (releases) for (const release of releases) release();
    this.#host.roomMade();
    if (ends === undefined) return;
    this.#host.log.info('ending a connection', { reason: ends, ...this.#who() });
    this.#connection.end();
  }

  #write(parts: readonly Uint8Array[], releases: (() => void)[] | undefined): void {
    if (!releases) {
      this.#connection.write(parts);
      return;
    }
    this.#unwritten.add(releases);
    this.#connection.write(parts, () => {
      if (this.#unwritten.delete(releases)) for (const release of releases) release();
    });
  }
  readonly #unwritten = new Set<(() => void)[]>();

  #onClose(error: NetworkError | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    if (error) this.#host.log.debug('a connection failed', { error, ...this.#who() });
    this.#reader.close();
    this.#host.inFlightBytes -= this.#inFlightBytes;
    this.#inFlightBytes = 0;
    const slots = this.#slots;
    this.#slots = [];
    for (const slot of slots) {
      slot.released = true;
      for (const release of slot.releases) release();
    }
    for (const releases of this.#unwritten) for (const release of releases) release();
    this.#unwritten.clear();
    this.#host.closed(this);
    this.#host.roomMade();
  }

  #who(): { readonly client: string; readonly listener: string } {
    return { client: this.origin.connectionId, listener: this.origin.listenerName };
  }
}

/** Whoever has not signed in sends nothing large. */
function requestBytesMax(limits: ServerLimits, { sasl }: Origin): number {
  if (sasl === null || sasl.principal !== null) return limits.requestBytesMax;
  return Math.min(limits.requestBytesMax, sasl.requestBytesMax);
}

/** A request's place in the order of answers. */
interface Slot {
  readonly bytes: number;
  outcome: Outcome | undefined;
  serial: boolean;
  readonly releases: (() => void)[];
  released: boolean;
}
