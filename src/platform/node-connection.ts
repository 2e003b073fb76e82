import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { TLSSocket } from 'node:tls';
import { assert } from '../base/assert.ts';
import type { Connection, ConnectionHandler, NetworkError } from '../base/network.ts';
import type { FairTurns } from './fair-turns.ts';
import { networkError } from './network-error.ts';

/** One large answer may be queued before `write` says that the peer is slow. */
const HIGH_WATER_BYTES = 1024 * 1024;
/**
 * After `end`, how long the peer has to close its side. Closing with unread bytes in the kernel sends a
 * reset, and a reset takes away the last answer before the peer has read it.
 */
const END_LINGER_MS = 1000;
const DISCARD = Buffer.alloc(64 * 1024);

/**
 * A socket whose bytes are read by the kernel straight into the memory that the handler names: twice the
 * throughput of 'data' events at half the CPU. Node offers that (`onread`) only to sockets it is asked to
 * create, so the native handle is taken out of the socket that was accepted or connected, and given to a new
 * one. Handles are not documented; where one does not look as expected, 'data' events are copied instead.
 */
export class NodeConnection implements Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly peerCertificate: Uint8Array | null;
  readonly #server: Server | null;
  readonly #turns: FairTurns;
  #socket: Socket;
  #handler: ConnectionHandler | null = null;
  #error: NetworkError | undefined;
  #ending = false;
  #closed = false;
  #linger: NodeJS.Timeout | undefined;

  /** The socket is paused and nothing was read from it; `server` is the one that accepted it. */
  constructor(socket: Socket, server: Server | null, turns: FairTurns) {
    this.remoteHost = socket.remoteAddress ?? '';
    this.remotePort = socket.remotePort ?? 0;
    this.peerCertificate = isTls(socket) ? (socket.getPeerX509Certificate()?.raw ?? null) : null;
    this.#server = server;
    this.#turns = turns;
    this.#socket = socket;
    this.#listen(socket);
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === null, 'a connection is started once');
    this.#handler = handler;
    if (this.#closed) {
      setImmediate(() => handler.onClose(this.#error));
      return;
    }
    const reader = { buffer: () => this.#buffer(), received: (bytes: number) => this.#received(bytes) };
    const direct = isTls(this.#socket) ? null : takeOver(this.#socket, { server: this.#server, ...reader });
    if (direct) {
      this.#socket = direct;
      this.#listen(direct);
    } else if (!isTls(this.#socket) || !decryptInto(this.#socket, reader)) {
      this.#socket.on('data', (chunk: Buffer) => this.#copy(chunk));
    }
    this.#socket.resume();
  }

  write(parts: readonly Uint8Array[], written?: () => void): boolean {
    const last = parts.length - 1;
    let accepted = true;
    if (last > 0) this.#socket.cork();
    parts.forEach((part, index) => {
      accepted = this.#socket.write(part, index === last ? () => written?.() : undefined);
    });
    if (last > 0) this.#socket.uncork();
    if (last < 0) setImmediate(() => written?.());
    return accepted && !this.#socket.writableNeedDrain;
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  get sentBytes(): number {
    const handle: unknown = Reflect.get(this.#socket, '_handle');
    // What libuv has of a write under way; without it, a write counts when it is over.
    const queued =
      typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : null;
    const given = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'bytesWritten') : null;
    if (typeof queued === 'number' && typeof given === 'number') return given - queued;
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  pause(): void {
    if (!this.#ending) this.#socket.pause();
  }

  resume(): void {
    if (this.#handler) this.#socket.resume();
  }

  inTurn(step: () => void): void {
    this.#turns.addUnderWay(this.remoteHost, step);
  }

  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    this.#socket.end(() => {
      this.#linger = setTimeout(() => this.#socket.destroy(), END_LINGER_MS);
    });
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('error', (error) => {
      this.#error ??= networkError(`connection with ${this.remoteHost}:${this.remotePort}`, error);
    });
    socket.on('drain', () => this.#handler?.onDrain?.());
    socket.on('close', () => {
      if (this.#closed) return;
      this.#closed = true;
      clearTimeout(this.#linger);
      this.#handler?.onClose(this.#error);
    });
  }

  #buffer(): Uint8Array {
    if (this.#ending || !this.#handler) return DISCARD;
    const buffer = this.#handler.buffer();
    assert(buffer.length > 0, 'a handler names memory to read into');
    return buffer;
  }

  #received(bytes: number): void {
    if (!this.#ending && !this.#closed) this.#handler?.received(bytes);
  }

  #copy(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#ending && !this.#socket.destroyed) {
      const into = this.#buffer();
      const bytes = chunk.copy(into, 0, at, at + into.length);
      at += bytes;
      this.#received(bytes);
    }
  }
}

/** By the property that Node gives such sockets for it: `instanceof` would load TLS into every process. */
function isTls(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket;
}

/** Where bytes are read to, and who is told of them. */
interface Reader {
  readonly buffer: () => Uint8Array;
  readonly received: (bytes: number) => void;
}

/** The socket's native handle in a new socket that reads as asked; null when this Node does not allow it. */
function takeOver(socket: Socket, to: Reader & { readonly server: Server | null }): Socket | null {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return null;
  if (!('useUserBuffer' in handle) || !('readStart' in handle)) return null;
  // Written before `start`: those bytes are queued in the old socket.
  if (socket.writableLength > 0) return null;

  const options: SocketConstructorOpts & { manualStart: boolean; writableHighWaterMark: number } = {
    manualStart: true,
    writableHighWaterMark: HIGH_WATER_BYTES,
    onread: {
      buffer: to.buffer,
      callback: (bytes) => {
        to.received(bytes);
        return true;
      },
    },
  };
  Reflect.set(options, 'handle', handle);
  const direct = new Socket(options);
  Reflect.set(socket, '_handle', null);
  socket.removeAllListeners();
  if (to.server) {
    // The server counts its connections through this reference; without it, it would never be idle, and with
    // it left in the old socket too, it would count one twice.
    Reflect.set(direct, '_server', to.server);
    Reflect.set(direct, 'server', to.server);
    Reflect.set(socket, '_server', null);
    Reflect.set(socket, 'server', null);
  }
  return direct;
}

/**
 * Lets a TLS socket decrypt as asked, as `onread` does where Node makes the socket itself: its handle
 * decrypts for this very socket, so it is told in the place where Node keeps that option. False when this
 * Node does not look so, or bytes were decrypted already.
 */
function decryptInto(socket: TLSSocket, { buffer, received }: Reader): boolean {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null || socket.readableLength > 0) return false;
  const useUserBuffer: unknown = Reflect.get(handle, 'useUserBuffer');
  const [next, generator, callback] = ['kBuffer', 'kBufferGen', 'kBufferCb'].map((name) =>
    Object.getOwnPropertySymbols(socket).find(({ description }) => description === name),
  );
  if (typeof useUserBuffer !== 'function' || !next || !generator || !callback) return false;
  const first = buffer();
  Reflect.set(socket, callback, (bytes: number) => {
    received(bytes);
    return true;
  });
  Reflect.set(socket, generator, buffer);
  Reflect.set(socket, next, first);
  Reflect.apply(useUserBuffer, handle, [first]);
  return true;
}
