import type { BrokerId } from '../../base/brand.ts';
import { supervise } from '../../base/programmer-error.ts';
import type { KafkaConnection } from '../../client/connection.ts';
import type { Peers } from '../../client/peers/peers.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** One connection to each other broker, made when it is first needed and made anew after it broke. */
export class BrokerConnections {
  readonly #peers: Peers;
  readonly #options: {
    readonly clientId: string;
    readonly address: (broker: BrokerId) => { readonly host: string; readonly port: number } | null;
  };
  readonly #connections = new Map<BrokerId, Promise<KafkaConnection>>();
  #closed = false;

  constructor(
    peers: Peers,
    options: {
      readonly clientId: string;
      /** Where a broker listens for other brokers; null while it is not in the image. */
      readonly address: (broker: BrokerId) => { readonly host: string; readonly port: number } | null;
    },
  ) {
    this.#peers = peers;
    this.#options = options;
  }

  /** Rejects when the broker is not known or cannot be reached. */
  to(broker: BrokerId): Promise<KafkaConnection> {
    const known = this.#connections.get(broker);
    if (known) return known;
    const opening = this.#connect(broker);
    this.#connections.set(broker, opening);
    const forget = () => {
      if (this.#connections.get(broker) === opening) this.#connections.delete(broker);
    };
    opening.then((connection) => connection.onClose(forget), forget);
    return opening;
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.values()) {
      const closed = connection.then(
        (open) => open.close(),
        () => {
          // It never opened.
        },
      );
      supervise(this.#peers.world, closed);
    }
    this.#connections.clear();
  }

  async #connect(broker: BrokerId): Promise<KafkaConnection> {
    const address = this.#closed ? null : this.#options.address(broker);
    if (!address) throw new Error(`broker ${broker} is not in the cluster's image`);
    return this.#peers.connect({
      node: broker,
      host: address.host,
      port: address.port,
      clientId: this.#options.clientId,
      timeoutMs: CONNECT_TIMEOUT_MS,
    });
  }
}
