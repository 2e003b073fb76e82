import { createServer, connect as netConnect, type Socket } from 'node:net';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { Logger } from '../base/log.ts';
import {
  type ConnectAddress,
  type Connection,
  type ListenAddress,
  type Listener,
  type Network,
  NetworkError,
} from '../base/network.ts';
import type { ClientTls } from '../base/tls.ts';
import { AcceptedConnections } from './accepted-connections.ts';
import { FairTurns } from './fair-turns.ts';
import { networkError, tlsError } from './network-error.ts';
import { NodeConnection } from './node-connection.ts';
import { NodeTlsConnection } from './node-tls-connection.ts';
import { RefusedHosts } from './refused-hosts.ts';
import { TlsHandshakes } from './tls-handshakes.ts';
import { tlsModule } from './tls-module.ts';

/**
 * As Kafka's socket.listen.backlog.size has it by default doubled: 3 brokers restart, thousands of clients
 * come back.
 */
const BACKLOG = 1024;

export class NodeNetwork implements Network {
  readonly #log: Logger;
  readonly #localAddress: string | undefined;
  readonly #keepsAlive: boolean;
  /** Of strangers to any of the listeners. */
  readonly #turns = new FairTurns();

  /**
   * Connections come from `localAddress`, an address of this machine; by default from the one that the system
   * chooses.
   * `keepsAlive`: whether a process with nothing else to do waits for listeners and connections.
   */
  constructor(log: Logger, localAddress?: string, keepsAlive = true) {
    this.#log = log;
    this.#localAddress = localAddress;
    this.#keepsAlive = keepsAlive;
  }

  async listen(address: ListenAddress, accept: (connection: Connection) => void): Promise<Listener> {
    const handshakes = address.tls ? new TlsHandshakes(this.#log, address.tls, this.#turns) : null;
    const arrivals = new AcceptedConnections();
    const options = {
      pauseOnConnect: true,
      noDelay: true,
      ...(address.refuses ? { blockList: new RefusedHosts(address.refuses) } : {}),
    };
    const server = createServer(options, (socket) => {
      if (!this.#keepsAlive) socket.unref();
      // A peer that is gone before it was accepted has no address.
      if (socket.remoteAddress === undefined) {
        socket.destroy();
        return;
      }
      const connection = handshakes
        ? new NodeTlsConnection(socket, server, handshakes)
        : new NodeConnection(socket, server, this.#turns);
      arrivals.add(() => accept(connection));
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
          arrivals.letIn();
          handshakes?.close();
          // Its callback would wait for the connections; the port is free one turn after this call.
          server.close();
          return new Promise((done) => setImmediate(done));
        };
        resolve({ host: address.host, port, close });
      });
    });
  }

  connect({ host, port, timeoutMs, tls }: ConnectAddress): Promise<Connection> {
    const action = `connect to ${host}:${port}`;
    return new Promise((resolve, reject) => {
      const to = {
        host,
        port,
        noDelay: true,
        ...(this.#localAddress === undefined ? {} : { localAddress: this.#localAddress }),
      };
      const socket: Socket = tls ? tlsModule().connect({ ...to, ...clientOptions(tls) }) : netConnect(to);
      // Nothing is read before `start` says where to.
      socket.pause();
      const fail = (error: NetworkError): void => {
        clearTimeout(timeout);
        socket.destroy();
        reject(error);
      };
      const onError = (cause: Error): void =>
        fail(tls ? tlsError(action, cause) : networkError(action, cause));
      const timeout = setTimeout(
        () => fail(new NetworkError('ETIMEDOUT', `${action}: no answer in ${Math.round(timeoutMs)} ms`)),
        timeoutMs,
      );
      socket.once('error', onError);
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        clearTimeout(timeout);
        socket.removeListener('error', onError);
        // Not before: who waits for the connection is waited for.
        if (!this.#keepsAlive) socket.unref();
        resolve(new NodeConnection(socket, null, this.#turns));
      });
    });
  }
}

/** A server's certificate is verified, its name with it, before this side says anything. */
function clientOptions({ serverCas, serverName, identity }: ClientTls) {
  return {
    ca: serverCas,
    servername: serverName,
    minVersion: 'TLSv1.2',
    ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
  } as const;
}
