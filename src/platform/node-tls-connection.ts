import type { Server, Socket } from 'node:net';
import { setImmediate } from 'node:timers';
import { assert } from '../base/assert.ts';
import type { Connection, ConnectionHandler, NetworkError } from '../base/network.ts';
import { networkError } from './network-error.ts';
import { NodeConnection } from './node-connection.ts';
import type { TlsHandshakes } from './tls-handshakes.ts';

/**
 * An accepted connection that shakes hands when it is started, and is one of encrypted bytes from then on.
 */
export class NodeTlsConnection implements Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly #socket: Socket;
  readonly #server: Server;
  readonly #handshakes: TlsHandshakes;
  #secured: NodeConnection | null = null;
  #handler: ConnectionHandler | null = null;
  #error: NetworkError | undefined;
  #isPaused = false;
  #isClosed = false;

  /** The socket is paused and nothing was read from it; `server` is the one that accepted it. */
  constructor(socket: Socket, server: Server, handshakes: TlsHandshakes) {
    this.remoteHost = socket.remoteAddress ?? '';
    this.remotePort = socket.remotePort ?? 0;
    this.#socket = socket;
    this.#server = server;
    this.#handshakes = handshakes;
    socket.on('error', (error) => {
      this.#error ??= networkError(`connection with ${this.remoteHost}:${this.remotePort}`, error);
    });
    socket.on('close', () => {
      this.#isClosed = true;
    });
  }

  get peerCertificate(): Uint8Array | null {
    return this.#secured?.peerCertificate ?? null;
  }

  get pendingBytes(): number {
    return this.#secured?.pendingBytes ?? 0;
  }

  get sentBytes(): number {
    return this.#secured?.sentBytes ?? 0;
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === null, 'a connection is started once');
    this.#handler = handler;
    if (this.#isClosed) {
      setImmediate(() => handler.onClose(this.#error));
      return;
    }
    this.#handshakes.begin(this.#socket, (handshake) => {
      if ('failed' in handshake) {
        this.#error ??= handshake.failed;
        if (this.#isClosed) handler.onClose(this.#error);
        else this.#socket.once('close', () => handler.onClose(this.#error)).destroy();
        return;
      }
      this.#secured = new NodeConnection(handshake.secured, this.#server, this.#handshakes.turns);
      this.#secured.start(handler);
      if (this.#isPaused) this.#secured.pause();
    });
  }

  /** Only once something was received: before that nobody knows who would read it. */
  write(parts: readonly Uint8Array[], written?: () => void): boolean {
    assert(this.#secured !== null || this.#isClosed, 'nothing is written before the handshake');
    if (this.#secured !== null) return this.#secured.write(parts, written);
    setImmediate(() => written?.());
    return false;
  }

  pause(): void {
    this.#isPaused = true;
    this.#secured?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#secured?.resume();
  }

  inTurn(step: () => void): void {
    this.#handshakes.turns.addUnderWay(this.remoteHost, step);
  }

  end(): void {
    if (this.#secured) this.#secured.end();
    else this.#socket.destroy();
  }

  destroy(): void {
    if (this.#secured) this.#secured.destroy();
    else this.#socket.destroy();
  }
}
