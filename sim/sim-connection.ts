import { assert } from '../src/base/assert.ts';
import { type Connection, type ConnectionHandler, NetworkError } from '../src/base/network.ts';
import { below, type Random } from '../src/base/random.ts';
import { between } from './chance.ts';
import type { SimProcess } from './sim-process.ts';

/** The most bytes that are under way or unread at the other end, as socket buffers limit them. */
const WINDOW_BYTES = 128 * 1024;
/** `write` returns false above this. */
const HIGH_WATER_BYTES = 64 * 1024;
/** As in the real connection: an end does not wait longer for a peer that does not close its side. */
const END_LINGER_MS = 1000;
const LARGEST_SEGMENT_BYTES = 32 * 1024;
/** Sometimes a segment has only a few bytes, so that a frame may be cut anywhere. */
const TINY_SEGMENT = { probability: 0.05, bytes: 16 };

/** The delay of a late segment, longer than most clients wait for an answer. */
const LATE_MS = [500, 20_000] as const;
/** The time until a sender is told that its connection broke, while what it sent is still on its way. */
const TOLD_MS = [1, 500] as const;

type Segment = Buffer | 'end';

/** The network as a connection knows it. */
interface Carrier {
  readonly simulation: {
    readonly time: number;
    readonly random: Random;
    chance(probability: number): boolean;
    schedule(ms: number, label: string, run: () => void): unknown;
  };
  readonly faults: { readonly reset: number };
  travelMs(): number;
  isCut(from: string, to: string): boolean;
  isLate(from: string, to: string): boolean;
  delays(from: string, to: string): boolean;
  whenHealed(run: () => void): void;
  forget(connection: SimConnection): void;
}

/** One end of a simulated TCP connection. */
export class SimConnection implements Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly peerCertificate = null;
  readonly host: string;
  /** Set by the network, which makes both ends. */
  peer: SimConnection | undefined;
  readonly #network: Carrier;
  readonly #process: SimProcess;
  #handler: ConnectionHandler | null = null;
  #into: Uint8Array | null = null;
  #paused = false;
  #closed: { error: NetworkError | undefined } | null = null;

  readonly #toSend: { segment: Segment; sent: (() => void) | undefined }[] = [];
  #underWay = 0;
  #pendingBytes = 0;
  #sentBytes = 0;
  #wantsDrain = false;
  #ending = false;

  /** Segments on their way to this end, in order; only the first may arrive. */
  readonly #arriving: Segment[] = [];
  #lastArrival = 0;
  readonly #unread: Segment[] = [];

  constructor(network: Carrier, process: SimProcess, remote: { host: string; port: number }) {
    this.#network = network;
    this.#process = process;
    this.host = process.host.name;
    this.remoteHost = remote.host;
    this.remotePort = remote.port;
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === null, 'a connection is started once');
    this.#handler = handler;
    if (this.#closed) {
      this.#tellClosed();
      return;
    }
    this.#into = handler.buffer();
    this.#schedule(0, 'starts reading', () => this.#deliver());
  }

  write(parts: readonly Uint8Array[], written?: () => void): boolean {
    if (this.#closed || this.#ending || !this.#process.alive) {
      this.#schedule(0, 'drops a write', () => written?.());
      return false;
    }
    const bytes = Buffer.concat(parts);
    this.#pendingBytes += bytes.length;
    let at = 0;
    do {
      const size = this.#segmentBytes();
      const segment = bytes.subarray(at, at + size);
      at += size;
      this.#toSend.push({ segment, sent: at >= bytes.length ? written : undefined });
    } while (at < bytes.length);
    this.#send();
    const accepted = this.#pendingBytes < HIGH_WATER_BYTES;
    if (!accepted) this.#wantsDrain = true;
    return accepted;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule(0, 'resumes reading', () => this.#deliver());
  }

  inTurn(step: () => void): void {
    this.#schedule(0, 'has its turn', step);
  }

  end(): void {
    if (this.#closed || this.#ending) return;
    this.#ending = true;
    this.#toSend.push({ segment: 'end', sent: undefined });
    this.#send();
    this.#schedule(END_LINGER_MS, 'lingered', () => this.destroy());
    this.#deliver();
  }

  destroy(): void {
    if (this.#closed || !this.#process.alive) return;
    this.#close(undefined);
    // Unread bytes turn the close into a reset, which may overtake what was sent before.
    const reset = this.#network.simulation.chance(0.5);
    if (reset) this.peer?.arriveReset();
    else this.peer?.arrive('end');
  }

  /** The process of this end is gone; its kernel may still send the bytes that it had accepted. */
  die(silenceMs: number): void {
    this.#closed = { error: undefined };
    const { simulation } = this.#network;
    const delays = silenceMs === 0 && this.#network.delays(this.host, this.remoteHost);
    if (delays && simulation.chance(0.5)) {
      this.peer?.arrive('end');
      return;
    }
    this.#network.simulation.schedule(silenceMs, `${this.host} is gone`, () => this.peer?.arriveReset());
  }

  /** Sends a reset to this end. */
  arriveReset(): void {
    this.#schedule(this.#network.travelMs(), `is reset by ${this.remoteHost}:${this.remotePort}`, () => {
      if (this.#network.isCut(this.remoteHost, this.host)) this.#network.whenHealed(() => this.arriveReset());
      else this.#reset();
    });
  }

  #reset(): void {
    this.#close(
      new NetworkError('ECONNRESET', `connection with ${this.remoteHost}:${this.remotePort} was reset`),
    );
  }

  /** Sends a segment to this end. It never arrives before the segment ahead, which keeps the order. */
  arrive(segment: Segment): void {
    const { simulation } = this.#network;
    this.#arriving.push(segment);
    this.#lastArrival = Math.max(this.#lastArrival, simulation.time + this.#network.travelMs());
    if (this.#network.isLate(this.remoteHost, this.host)) this.#delay();
    this.#scheduleArrival(this.#lastArrival - simulation.time);
  }

  /** Delays what is on its way; the other end may believe that the connection broke. */
  #delay(): void {
    const { simulation } = this.#network;
    this.#lastArrival += between(simulation.random, LATE_MS);
    const { peer } = this;
    if (peer && simulation.chance(0.5))
      peer.#schedule(between(simulation.random, TOLD_MS), 'is told of a reset', () => peer.#reset());
  }

  #scheduleArrival(ms: number): void {
    this.#schedule(ms, `receives from ${this.remoteHost}:${this.remotePort}`, () => {
      if (this.#network.isCut(this.remoteHost, this.host)) {
        this.#network.whenHealed(() => this.#scheduleArrival(this.#network.travelMs()));
        return;
      }
      const segment = this.#arriving.shift();
      if (segment === undefined) return;
      if (this.#closed) {
        if (segment !== 'end') this.peer?.arriveReset();
        return;
      }
      if (this.#network.simulation.chance(this.#network.faults.reset)) {
        this.peer?.arriveReset();
        this.#reset();
        return;
      }
      this.#unread.push(segment);
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#closed && this.#handler && (!this.#paused || this.#ending)) {
      const segment = this.#unread.shift();
      if (segment === undefined) return;
      if (segment === 'end') {
        this.#receivedEnd();
        return;
      }
      this.#hand(segment, this.#handler);
    }
  }

  /** Gives the handler as much of the segment as its memory takes; the rest waits for its next answer. */
  #hand(segment: Buffer, handler: ConnectionHandler): void {
    if (this.#ending) {
      this.peer?.acknowledge(segment.length);
      return;
    }
    assert(this.#into && this.#into.length > 0, 'a handler names memory to read into');
    const bytes = segment.copy(this.#into);
    if (bytes < segment.length) this.#unread.unshift(segment.subarray(bytes));
    this.peer?.acknowledge(bytes);
    if (bytes > 0) handler.received(bytes);
    if (!this.#closed) this.#into = handler.buffer();
  }

  #receivedEnd(): void {
    if (!this.#ending) this.end();
    // Queued bytes are sent first; then this end closes.
    if (this.#toSend.length === 0) this.#close(undefined);
    else this.#toSend.push({ segment: Buffer.alloc(0), sent: () => this.#close(undefined) });
  }

  #send(): void {
    while (this.#underWay < WINDOW_BYTES) {
      const next = this.#toSend.shift();
      if (!next) break;
      const { segment, sent } = next;
      if (segment !== 'end') {
        this.#underWay += segment.length;
        this.#pendingBytes -= segment.length;
        this.#sentBytes += segment.length;
      }
      if (segment === 'end' || segment.length > 0) this.peer?.arrive(segment);
      if (sent) this.#schedule(0, 'has sent', sent);
    }
    if (this.#wantsDrain && this.#pendingBytes === 0) {
      this.#wantsDrain = false;
      this.#schedule(0, 'drains', () => {
        if (!this.#closed) this.#handler?.onDrain?.();
      });
    }
  }

  #segmentBytes(): number {
    const { simulation } = this.#network;
    const tiny = simulation.chance(TINY_SEGMENT.probability);
    return 1 + below(simulation.random, tiny ? TINY_SEGMENT.bytes : LARGEST_SEGMENT_BYTES);
  }

  /** The other end has accepted this many bytes. */
  acknowledge(bytes: number): void {
    this.#underWay -= bytes;
    if (!this.#closed && this.#process.alive) this.#send();
  }

  #close(error: NetworkError | undefined): void {
    if (this.#closed) return;
    this.#closed = { error };
    this.#network.forget(this);
    this.#pendingBytes = 0;
    for (const { sent } of this.#toSend.splice(0)) if (sent) this.#schedule(0, 'drops a write', sent);
    if (this.#handler) this.#tellClosed();
  }

  #tellClosed(): void {
    this.#schedule(0, 'connection closed', () => this.#handler?.onClose(this.#closed?.error));
  }

  #schedule(ms: number, label: string, run: () => void): void {
    this.#process.schedule(ms, label, run);
  }
}
