import type { KafkaConnection } from '../connection.ts';
import { PeerConnection, type PeerConnectionOptions } from './peer-connection.ts';
import type { Peers } from './peers.ts';

export interface PeerConnectionsOptions extends Pick<PeerConnectionOptions, 'clientId' | 'timeoutMs'> {
  /** Where a node listens for other nodes; null while that is not known. */
  readonly address: (node: number) => { readonly host: string; readonly port: number } | null;
}

/** One connection to each other node, made when it is first needed and made anew after it broke. */
export class PeerConnections {
  readonly #peers: Peers;
  readonly #options: PeerConnectionsOptions;
  readonly #byNode = new Map<number, PeerConnection>();
  #closed = false;

  constructor(peers: Peers, options: PeerConnectionsOptions) {
    this.#peers = peers;
    this.#options = options;
  }

  /** Rejects with a ConnectionError when the node is not known or cannot be reached, and after `close`. */
  to(node: number): Promise<KafkaConnection> {
    const connection = this.#byNode.get(node) ?? this.#add(node);
    return connection.open();
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#byNode.values()) connection.close();
  }

  #add(node: number): PeerConnection {
    const { clientId, timeoutMs } = this.#options;
    const connection = new PeerConnection(this.#peers, {
      node,
      address: () => this.#options.address(node),
      clientId,
      timeoutMs,
    });
    if (this.#closed) connection.close();
    this.#byNode.set(node, connection);
    return connection;
  }
}
