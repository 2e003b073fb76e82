import type { World } from '../../base/world.ts';
import type { PeerSecret } from '../../security/peers/peer-secret.ts';
import { type ConnectOptions, KafkaConnection } from '../connection.ts';
import { signIn } from './sign-in.ts';

/** How one node of a cluster, or who supervises it, reaches the others: by listeners that let only this cluster's nodes in. */
export class Peers {
  readonly world: World;
  readonly #secret: PeerSecret | null;

  /** Without a secret nobody signs in: for listeners that let everybody in, as those of simulated clusters do. */
  constructor(world: World, secret: PeerSecret | null) {
    this.world = world;
    this.#secret = secret;
  }

  /** Resolves when both sides have proved that they know the secret. Rejects with a ConnectionError, never with another. */
  connect(options: Omit<ConnectOptions, 'authenticate'>): Promise<KafkaConnection> {
    const { authenticate } = this;
    return KafkaConnection.connect(this.world, { ...options, ...(authenticate ? { authenticate } : {}) });
  }

  /** What signs in a connection that somebody else makes; undefined where nobody signs in. */
  get authenticate(): ConnectOptions['authenticate'] {
    const secret = this.#secret;
    return secret ? (connection) => signIn(this.world, connection, secret) : undefined;
  }
}
