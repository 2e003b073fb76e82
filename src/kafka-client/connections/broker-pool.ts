import type { World } from '../../base/world.ts';
import { KafkaConnection } from '../../client/connection.ts';
import { fromConnection, KafkaClientError } from '../kafka-client-error.ts';
import type { KafkaClientOptions } from './client-options.ts';
import type { HostAndPort } from './host-and-port.ts';
import { signIn } from './sign-in.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The connections of one client, made when they are needed and made again when they end. A broker answers the
 * requests of a connection in order, so what may wait for long at the broker has a lane, which is a
 * connection of its own.
 */
export class BrokerPool {
  readonly #world: World;
  readonly #options: KafkaClientOptions;
  readonly #open = new Map<string, Promise<KafkaConnection>>();
  #isClosed = false;

  constructor(world: World, options: KafkaClientOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Rejects with a KafkaClientError. */
  async connection({ host, port }: HostAndPort, lane: string): Promise<KafkaConnection> {
    if (this.#isClosed) throw new KafkaClientError('CLOSED', 'the client is closed');
    const key = `${host}:${port} ${lane}`;
    const open = this.#open.get(key);
    if (open) return open;
    const made = this.#connect({ host, port });
    this.#open.set(key, made);
    const forget = (): void => {
      if (this.#open.get(key) === made) this.#open.delete(key);
    };
    made.then((connection) => connection.onClose(forget), forget);
    return made;
  }

  close(): void {
    this.#isClosed = true;
    for (const made of this.#open.values())
      made.then(
        (connection) => connection.close(),
        () => {},
      );
    this.#open.clear();
  }

  async #connect(endpoint: HostAndPort): Promise<KafkaConnection> {
    const { clientId, tls, login, connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#options;
    try {
      return await KafkaConnection.connect(this.#world, {
        ...endpoint,
        clientId,
        timeoutMs: connectTimeoutMs,
        ...(tls ? { tls: { ...tls, serverName: endpoint.host } } : {}),
        ...(login ? { authenticate: (connection) => signIn(this.#world, connection, login) } : {}),
      });
    } catch (error) {
      throw fromConnection(error);
    }
  }
}
