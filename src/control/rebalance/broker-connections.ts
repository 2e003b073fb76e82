import type { World } from '../../base/world.ts';
import { ConnectionError } from '../../client/connection-error.ts';
import { PeerConnection } from '../../client/peers/peer-connection.ts';
import { Peers } from '../../client/peers/peers.ts';
import type { AnyApi, Api, DecodedResponse } from '../../protocol/api.ts';
import type { Decoded, Encodable, Fields } from '../../protocol/field.ts';
import { metadata } from '../../protocol/messages/03-metadata.ts';
import { AdminError } from './cluster-admin.ts';

export interface BrokerConnectionsOptions {
  /** Brokers to begin with; which others there are, they say. */
  readonly bootstrap: readonly BrokerAddress[];
  readonly clientId: string;
  /** Reaches them as one of the nodes; by default as a client that neither signs in nor encrypts. */
  readonly peers?: Peers;
}

export interface BrokerAddress {
  /** The broker's id. */
  readonly node: number;
  readonly host: string;
  readonly port: number;
}

export type Metadata = DecodedResponse<typeof metadata>;

/** A broker that is alive answers at once; one that does not is asked again by the retry. */
const CONNECT_TIMEOUT_MS = 5000;
/** Longer than the timeouts inside the requests, so that the broker's own answer comes first. */
const ANSWER_TIMEOUT_MS = 40_000;

/** Connections to the brokers of one cluster, made when they are needed and made again when they end. */
export class BrokerConnections {
  readonly #peers: Peers;
  readonly #options: BrokerConnectionsOptions;
  /** By host and port: a broker may say another address than the one to begin with. */
  readonly #connections = new Map<string, PeerConnection>();
  readonly #brokers = new Map<number, BrokerAddress>();
  /** Who answered the last Metadata. */
  #answered: BrokerAddress | null = null;

  constructor(world: World, options: BrokerConnectionsOptions) {
    this.#peers = options.peers ?? new Peers(world, null);
    this.#options = options;
  }

  /** Brokers that were alive when Metadata was last asked. */
  get brokers(): readonly number[] {
    return [...this.#brokers.keys()];
  }

  /**
   * Also learns which brokers are alive. Null asks for all topics. Throws AdminError when no broker answers.
   */
  async metadata(topics: readonly string[] | null): Promise<Metadata> {
    // One that hangs is waited for once, not by every call.
    const before = this.#answered === null ? [] : [this.#answered];
    const known = [...before, ...this.#brokers.values(), ...this.#options.bootstrap];
    let last: unknown = null;
    for (const endpoint of known) {
      try {
        const answer = await this.#send(endpoint, metadata, {
          topics: topics?.map((name) => ({ name })) ?? null,
          allowAutoTopicCreation: false,
          includeTopicAuthorizedOperations: false,
        });
        this.#brokers.clear();
        for (const { nodeId, host, port } of answer.brokers)
          this.#brokers.set(nodeId, { node: nodeId, host, port });
        this.#answered = endpoint;
        return answer;
      } catch (error) {
        if (!(error instanceof AdminError)) throw error;
        last = error;
      }
    }
    throw new AdminError('no broker of the cluster answers', { cause: last, retriable: true });
  }

  /** Asks one broker. One that Metadata does not name throws a retriable AdminError like one that is away. */
  async ask<Req extends Fields, Res extends Fields>(
    broker: number,
    api: Api<Req, Res>,
    request: Encodable<Req>,
  ): Promise<Decoded<Res>> {
    const endpoint = this.#brokers.get(broker);
    if (!endpoint) throw new AdminError(`broker ${broker} is not there`, { retriable: true });
    return this.#send(endpoint, api, request);
  }

  close(): Promise<void> {
    for (const connection of this.#connections.values()) connection.close();
    return Promise.resolve();
  }

  async #send<Req extends Fields, Res extends Fields>(
    endpoint: BrokerAddress,
    api: Api<Req, Res>,
    request: Encodable<Req>,
  ): Promise<Decoded<Res>> {
    try {
      const connection = await this.#connection(endpoint).open();
      return await connection.send(api, request, { timeoutMs: ANSWER_TIMEOUT_MS });
    } catch (cause) {
      if (!(cause instanceof ConnectionError)) throw cause;
      throw asAdminError(cause, api);
    }
  }

  #connection(endpoint: BrokerAddress): PeerConnection {
    const key = `${endpoint.host}:${endpoint.port}`;
    const known = this.#connections.get(key);
    if (known) return known;
    const connection = new PeerConnection(this.#peers, {
      node: endpoint.node,
      address: () => endpoint,
      clientId: this.#options.clientId,
      timeoutMs: CONNECT_TIMEOUT_MS,
    });
    this.#connections.set(key, connection);
    return connection;
  }
}

function asAdminError(cause: ConnectionError, api: AnyApi): AdminError {
  const retriable = cause.code !== 'UNSUPPORTED_VERSION' && cause.code !== 'PROTOCOL';
  return new AdminError(`${api.name}: ${cause.message}`, { cause, retriable });
}
