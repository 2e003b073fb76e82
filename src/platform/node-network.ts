import { createServer, connect as netConnect, type Socket } from 'node:net';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { Logger } from '../base/log.ts';
import { type Connection, type Listener, type Network, NetworkError } from '../base/network.ts';
import { networkError } from './network-error.ts';
import { NodeConnection } from './node-connection.ts';

/** As Kafka's socket.listen.backlog.size has it by default doubled: 3 brokers restart, thousands of clients come back. */
const BACKLOG = 1024;

export class NodeNetwork implements Network {
  readonly #log: Logger;
  readonly #localAddress: string | undefined;
  readonly #keepsAlive: boolean;

  /**
   * Connections come from `localAddress`, an address of this machine; by default from the one that the system chooses.
   * `keepsAlive`: whether a process with nothing else to do waits for listeners and connections.
   */
  constructor(log: Logger, localAddress?: string, keepsAlive = true) {
    this.#log = log;
    this.#localAddress = localAddress;
    this.#keepsAlive = keepsAlive;
  }

  listen(
    address: { readonly host: string; readonly port: number },
    accept: (connection: Connection) => void,
  ): Promise<Listener> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
      if (!this.#keepsAlive) socket.unref();
      // A peer that is gone before it was accepted has no address.
      if (socket.remoteAddress === undefined) socket.destroy();
      else accept(new NodeConnection(socket, server));
    });
    if (!this.#keepsAlive) server.unref();
    return new Promise((resolve, reject) => {
      server.once('error', (cause) =>
        reject(networkError(`listen on ${address.host}:${address.port}`, cause)),
      );
      server.listen({ host: address.host, port: address.port, backlog: BACKLOG }, () => {
        server.removeAllListeners('error');
        // Accepting failed for one peer (EMFILE); the listener itself goes on.
        server.on('error', (error) => this.#log.warn('could not accept a connection', { error }));
        const bound = server.address();
        const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
        const close = (): Promise<void> => {
          // Its callback would wait for the connections; the port is free one turn after this call.
          server.close();
          return new Promise((done) => setImmediate(done));
        };
        resolve({ host: address.host, port, close });
      });
    });
  }

  connect(address: {
    readonly host: string;
    readonly port: number;
    readonly timeoutMs: number;
  }): Promise<Connection> {
    const { host, port, timeoutMs } = address;
    const action = `connect to ${host}:${port}`;
    return new Promise((resolve, reject) => {
      const socket: Socket = netConnect({
        host,
        port,
        noDelay: true,
        ...(this.#localAddress === undefined ? {} : { localAddress: this.#localAddress }),
      });
      // Nothing is read before `start` says where to.
      socket.pause();
      const fail = (error: NetworkError): void => {
        clearTimeout(timeout);
        socket.destroy();
        reject(error);
      };
      const onError = (cause: Error): void => fail(networkError(action, cause));
      const timeout = setTimeout(
        () => fail(new NetworkError('ETIMEDOUT', `${action}: no answer in ${timeoutMs} ms`)),
        timeoutMs,
      );
      socket.once('error', onError);
      socket.once('connect', () => {
        clearTimeout(timeout);
        socket.removeListener('error', onError);
        // Not before: who waits for the connection is waited for.
        if (!this.#keepsAlive) socket.unref();
        resolve(new NodeConnection(socket, null));
      });
    });
  }
}
