import type { World } from '../../base/world.ts';
import type { PeerSecret } from '../../security/peers/peer-secret.ts';
import type { PeerNames } from '../../security/peers/peer-tls.ts';
import { type ConnectOptions, KafkaConnection } from '../connection.ts';
import { signIn } from './sign-in.ts';

interface PeerConnectOptions extends Omit<ConnectOptions, 'authenticate' | 'tls'> {
  /** The id of the broker or controller that is to be there. */
  readonly node: number;
}

/** How one node of a cluster, or who supervises it, reaches the others: by listeners that let only this cluster's nodes in. */
export class Peers {
  readonly world: World;
  readonly #secret: PeerSecret | null;
  readonly #names: PeerNames | null;

  /**
   * Without a secret nobody signs in: for listeners that let everybody in, as those of simulated clusters do. Without `names`
   * nothing is encrypted.
   */
  constructor(world: World, secret: PeerSecret | null, names: PeerNames | null = null) {
    this.world = world;
    this.#secret = secret;
    this.#names = names;
  }

  /**
   * Resolves when the node's certificate has been verified, where the cluster encrypts, and both sides have proved that they know the
   * secret. Rejects with a ConnectionError, never with another.
   */
  connect({ node, ...options }: PeerConnectOptions): Promise<KafkaConnection> {
    const secret = this.#secret;
    return KafkaConnection.connect(this.world, {
      ...options,
      ...(this.#names ? { tls: this.#names.tls(node) } : {}),
      ...(secret ? { authenticate: (connection) => signIn(this.world, connection, secret) } : {}),
    });
  }

  /** For a few requests once: connects as `connect` does, and closes the connection when `use` has ended. */
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
