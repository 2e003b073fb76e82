import type { ClientTls } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import type { PeerAccess, PeerSecret } from '../../security/peers/peer-secret.ts';
import type { PeerTls } from '../../security/peers/peer-tls.ts';
import { type ConnectOptions, KafkaConnection } from '../connection.ts';
import { ConnectionError } from '../connection-error.ts';
import { signIn } from './sign-in.ts';

interface PeerConnectOptions extends Omit<ConnectOptions, 'authenticate' | 'tls'> {
  /** The id of the broker or controller that is to be there. */
  readonly node: number;
}

/**
 * How one node of a cluster, or who supervises it, reaches the others: by listeners that let only this
 * cluster's nodes in.
 */
export class Peers {
  readonly world: World;
  readonly #secret: PeerSecret | null;
  readonly #tls: PeerTls | null;
  readonly #access: PeerAccess;

  /**
   * Without a secret nobody signs in: for listeners that let everybody in, as those of simulated clusters do.
   * Without `tls` nothing is encrypted. With the access `everybody` the other side need not know the secret.
   */
  constructor(
    world: World,
    secret: PeerSecret | null,
    tls: PeerTls | null = null,
    access: PeerAccess = 'nodes',
  ) {
    this.world = world;
    this.#secret = secret;
    this.#tls = tls;
    this.#access = access;
  }

  /**
   * Resolves when both sides have verified each other's certificate, where the cluster encrypts, and have
   * proved that they know the secret. Rejects with a ConnectionError, never with another.
   */
  async connect({ node, ...options }: PeerConnectOptions): Promise<KafkaConnection> {
    const secret = this.#secret;
    const tls = this.#tlsTo(node);
    return await KafkaConnection.connect(this.world, {
      ...options,
      ...(tls ? { tls } : {}),
      ...(secret
        ? { authenticate: (connection) => signIn(this.world, connection, secret, this.#access) }
        : {}),
    });
  }

  #tlsTo(node: number): ClientTls | null {
    try {
      return this.#tls?.client(node) ?? null;
    } catch (cause) {
      throw new ConnectionError('CONNECT_FAILED', 'the own certificate cannot be read', { cause });
    }
  }

  /** Connects as `connect` does, and closes the connection when `use` has ended: for a few requests once. */
  async once<Result>(
    options: PeerConnectOptions,
    use: (connection: KafkaConnection) => Promise<Result>,
  ): Promise<Result> {
    const connection = await this.connect(options);
    try {
      return await use(connection);
    } finally {
      connection.close();
    }
  }
}
