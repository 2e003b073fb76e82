import { BlockList, type SocketAddress } from 'node:net';

/**
 * Whom a listener refuses, asked for each connection. Node looks here before it makes a socket, which costs ten times what it does to close what came: this is what
 * an address that is not listened to can ask of the others.
 */
export class RefusedHosts extends BlockList {
  readonly #refuses: (remoteHost: string) => boolean;

  constructor(refuses: (remoteHost: string) => boolean) {
    super();
    this.#refuses = refuses;
  }

  override check(address: string | SocketAddress): boolean {
    return this.#refuses(typeof address === 'string' ? address : address.address);
  }
}
