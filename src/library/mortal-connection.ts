import type { Connection, ConnectionHandler } from '../base/network.ts';
import { guarded } from '../base/programmer-error.ts';
import type { MortalLife } from './mortal-file.ts';

/** Where bytes go that arrive for nobody. */
const DISCARD = new Uint8Array(4096);

/**
 * A connection of a node that may die: then it is closed, and the node hears nothing of it, not even that.
 */
export class MortalConnection implements Connection {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly #connection: Connection;
  readonly #life: MortalLife;
  readonly #closed: (connection: MortalConnection) => void;

  constructor(connection: Connection, life: MortalLife, closed: (connection: MortalConnection) => void) {
    this.remoteHost = connection.remoteHost;
    this.remotePort = connection.remotePort;
    this.#connection = connection;
    this.#life = life;
    this.#closed = closed;
  }

  get peerCertificate(): Uint8Array | null {
    return this.#connection.peerCertificate;
  }

  get pendingBytes(): number {
    return this.#connection.pendingBytes;
  }

  get sentBytes(): number {
    return this.#connection.sentBytes;
  }

  start(handler: ConnectionHandler): void {
    const life = this.#life;
    this.#connection.start({
      buffer: () => (life.isOver ? DISCARD : (guarded(life, () => handler.buffer()) ?? DISCARD)),
      received: (bytes) => {
        if (!life.isOver) guarded(life, () => handler.received(bytes));
      },
      onDrain: () => {
        if (!life.isOver) guarded(life, () => handler.onDrain?.());
      },
      onClose: (error) => {
        this.#closed(this);
        if (!life.isOver) guarded(life, () => handler.onClose(error));
      },
    });
  }

  write(parts: readonly Uint8Array[], written?: () => void): boolean {
    const life = this.#life;
    if (life.isOver) return false;
    return this.#connection.write(
      parts,
      written &&
        (() => {
          if (!life.isOver) guarded(life, written);
        }),
    );
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  inTurn(step: () => void): void {
    const life = this.#life;
    this.#connection.inTurn(() => {
      if (!life.isOver) guarded(life, step);
    });
  }

  end(): void {
    this.#connection.end();
  }

  destroy(): void {
    this.#closed(this);
    this.#connection.destroy();
  }
}
