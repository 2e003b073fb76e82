import { supervise } from '../../base/programmer-error.ts';
import type { KafkaConnection } from '../connection.ts';
import { ConnectionError } from '../connection-error.ts';
import type { Peers } from './peers.ts';

/**
 * The time to be let in doubles while the node takes connections and is late to answer, up to so many times
 * it: on a machine that is much too busy every attempt would be given up just before its end, and the next
 * one would add to the work. Where there is no connection at all, a longer wait would win nothing.
 */
const PATIENCE_MAX = 8;

interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

export interface PeerConnectionOptions {
  /** The id of the broker or controller that is to be there. */
  readonly node: number;
  /** Where it listens; null while that is not known. Asked before each attempt to connect. */
  readonly address: () => PeerAddress | null;
  readonly clientId: string;
  /** For connecting, learning the versions and signing in together; longer while the node is late. */
  readonly timeoutMs: number;
  /** Runs when a connection broke, whoever had something under way on it; not for `drop` and `close`. */
  readonly onLost?: () => void;
}

/**
 * The connection to one node: made when it is first needed, shared by all who need it, and made anew after it
 * broke. It logs once that a node which was reached cannot be reached any more, and once that it can be
 * again. How long to wait between attempts is for its user.
 */
export class PeerConnection {
  readonly #peers: Peers;
  readonly #options: PeerConnectionOptions;
  #connection: Promise<KafkaConnection> | undefined;
  #state: 'new' | 'reached' | 'lost' = 'new';
  #closed = false;
  /** How many times `timeoutMs` the next attempt has. */
  #patience = 1;

  constructor(peers: Peers, options: PeerConnectionOptions) {
    this.#peers = peers;
    this.#options = options;
  }

  /**
   * Resolves when requests may be sent. Rejects with a ConnectionError when the node cannot be reached, and
   * after `close`.
   */
  open(): Promise<KafkaConnection> {
    if (this.#connection) return this.#connection;
    const made = this.#connect();
    this.#connection = made;
    made.then(
      (connection) =>
        connection.onClose(() => {
          if (this.#connection !== made) return;
          this.#connection = undefined;
          this.#options.onLost?.();
        }),
      () => {
        if (this.#connection === made) this.#connection = undefined;
      },
    );
    return made;
  }

  /** Ends the connection that there is, or is being made; the next `open` makes another. */
  drop(): void {
    const dropped = this.#connection;
    this.#connection = undefined;
    if (!dropped) return;
    const closed = dropped.then(
      (connection) => connection.close(),
      () => {
        // It never came to be.
      },
    );
    supervise(this.#peers.world, closed);
  }

  /** For good. */
  close(): void {
    this.#closed = true;
    this.drop();
  }

  async #connect(): Promise<KafkaConnection> {
    const { node, clientId, timeoutMs } = this.#options;
    const { log } = this.#peers.world;
    if (this.#closed) throw new ConnectionError('CLOSED', `the connection to node ${node} is closed`);
    const address = this.#options.address();
    if (!address) throw new ConnectionError('CONNECT_FAILED', `where node ${node} listens is not known`);
    try {
      const connection = await this.#peers.connect({
        ...{ node, ...address, clientId },
        timeoutMs: timeoutMs * this.#patience,
      });
      this.#patience = 1;
      if (this.#state === 'lost') log.info('a node can be reached again', { node, clientId });
      this.#state = 'reached';
      return connection;
    } catch (error) {
      const isLate = error instanceof ConnectionError && error.code === 'CONNECT_LATE';
      this.#patience = isLate ? Math.min(this.#patience * 2, PATIENCE_MAX) : 1;
      if (this.#state === 'reached' && !this.#closed) {
        log.info('a node cannot be reached any more', { node, clientId, ...address, error });
        this.#state = 'lost';
      }
      throw error;
    }
  }
}
