import type { Timer } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/log.ts';
import type { Connection, NetworkError } from '../base/network.ts';
import { AnswerQueue } from './answer-queue.ts';
import { ClientActivity } from './client-activity.ts';
import type { Dispatcher, Outcome } from './dispatch.ts';
import { type FrameBuffers, FrameError, FrameReader } from './frame-reader.ts';
import type { Repeats } from './gate/repeats.ts';
import type { ServerLimits } from './limits.ts';
import type { LoopTurn, TurnTaker } from './loop-turn.ts';
import type { FrameOwner } from './memory/frame-owner.ts';
import type { InputBudget } from './memory/input-budget.ts';
import { InputShare } from './memory/input-share.ts';
import type { OutputBudget } from './memory/output-budget.ts';
import type { Origin } from './origin.ts';
import type { RequestSlot, SlotOwner } from './request-slot.ts';
import { isStranger, requestBytesMax } from './strangers.ts';

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
  readonly turn: LoopTurn;
  after(delayMs: number, run: () => void): Timer;
  closed(connection: ServerConnection<Context>): void;
}

/**
 * One client's connection. Requests are begun in the order they came and answered in that order, however long
 * each takes; what is begun, what is unanswered and what the client has not read are bounded, and at a bound
 * nothing more is read from it.
 */
export class ServerConnection<Context> implements FrameOwner, SlotOwner, TurnTaker {
  readonly origin: Origin;
  readonly activity: ClientActivity;

  readonly #host: ConnectionHost<Context>;
  readonly #connection: Connection;
  readonly #reader: FrameReader;
  readonly #now: () => number;
  readonly #answers: AnswerQueue;
  readonly #input: InputShare;
  /** Whether the bytes that arrived last ended with the end of a frame. */
  #isFrameWhole = false;
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
    this.activity = new ClientActivity(connection, now());
    this.#answers = new AnswerQueue(connection, host);
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

  nextTurn(): void {
    this.#turn(true);
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
    return this.#answers.length === 0;
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
    this.activity.received(bytes, this.#now());
    this.#isFrameWhole = false;
    this.#guarded(() => this.#reader.received(bytes));
    if (this.#isFrameWhole) {
      this.activity.partSince = null;
      this.#input.frameEnded();
    }
    this.#turn();
  }

  /** See `ClientActivity.inputLooksSilent`. */
  inputLooksSilent(leastBytes: number): number {
    return this.activity.inputLooksSilent(leastBytes, !this.#paused);
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
      this.#answers.push(this, 0).outcome = { kind: 'close', reason: error.message };
      this.#ending = true;
    }
  }

  #accept(frame: Buffer): boolean {
    if (this.#closed || this.#ending) return false;
    this.#isFrameWhole = true;
    this.#hasSpoken = true;
    const slot = this.#answers.push(this, frame.length);
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
        // Clients that failed together would all be answered in one turn of the loop, and an answer with the
        // end of a connection costs as much as a step of a sign-in.
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

  holdBegun(bytes: number): void {
    this.#answers.holdBegun(bytes);
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
    if (slot.serial) this.#serial = false;
    if (this.#closed) return;
    this.#answers.settle(slot, outcome);
    // What follows a request that ends the connection is never begun.
    if (isLast(outcome)) this.#ending = true;
  }

  /** `isFirst`: of this turn of the loop, in which there is time for one request of each connection. */
  #mayAccept(isFirst = false): boolean {
    const { limits, output, turn } = this.#host;
    if (this.#closed || this.#ending || this.#serial) return false;
    if (this.#unmute !== undefined) return false;
    const { length, inFlightBytes, outputBytes } = this.#answers;
    if (length >= limits.inFlightMax || inFlightBytes >= limits.inFlightBytesMax) return false;
    if (outputBytes >= limits.outputBytesMax) return false;
    // A client that has read all its answers may always have one more.
    if (outputBytes > 0 && output.isFull) return false;
    if (!this.#input.mayBegin()) return false;
    return isFirst || turn.hasTimeFor(this);
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

  #turn(isNext = false): void {
    if (this.#turning || this.#closed) return;
    this.#turning = true;
    for (let isFirst = isNext; ; isFirst = false) {
      this.#flush();
      if (!this.#reader.waiting || !this.#mayAccept(isFirst)) break;
      this.#guarded(() => this.#reader.continue());
    }
    this.#turning = false;
    if (this.#closed) return;
    if (this.#reader.announcedBytes === null) this.activity.partSince = null;
    else this.activity.partSince ??= this.#now();
    if (this.#reader.holding) this.#input.pause();
    const pause = this.#reader.holding || !this.#input.mayReadOn();
    if (pause === this.#paused) return;
    this.#paused = pause;
    if (pause) this.#connection.pause();
    else this.#connection.resume();
  }

  #flush(): void {
    const ends = this.#answers.writeReady();
    if (ends === undefined) return;
    this.#ended('ending a connection', ends);
    this.#connection.end();
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
    this.#answers.close();
    this.#input.close();
    // This comes last: it may wake others, and this connection no longer waits by then.
    this.#host.input.holdBegun(-this.#answers.inFlightBytes);
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
