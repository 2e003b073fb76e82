import type { World } from '../../base/world.ts';
import type { Api } from '../../protocol/api.ts';
import type { Decoded, Encodable, Fields } from '../../protocol/field.ts';
import { findCoordinator } from '../../protocol/messages/10-find-coordinator.ts';
import { answerError, checkAnswer, fromConnection, KafkaClientError } from '../kafka-client-error.ts';
import { retried } from '../retried.ts';
import { BrokerPool } from './broker-pool.ts';
import type { KafkaClientOptions } from './client-options.ts';
import { ClusterView } from './cluster-view.ts';
import type { HostAndPort } from './host-and-port.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const CALL_TIMEOUT_MS = 60_000;
/** Java's metadata.max.age.ms. */
const METADATA_AGE_MS = 300_000;

export type CoordinatorType = 'group' | 'transaction';
const COORDINATOR_TYPES: readonly CoordinatorType[] = ['group', 'transaction'];

/** Answers that say that somebody else is to be asked. */
const MOVED = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'NO_CONNECTION', 'REQUEST_TIMED_OUT']);

interface AskOptions {
  /** A request that waits at the broker by intent may take longer than others. */
  readonly timeoutMs?: number;
  readonly atMost?: number;
  /** See BrokerPool. */
  readonly lane?: string;
}

/**
 * The brokers of one cluster, as producer, consumer and admin reach them: by id, by what they coordinate, or
 * any of them.
 */
export class ClusterBrokers {
  readonly world: World;
  readonly view: ClusterView;
  readonly requestTimeoutMs: number;
  readonly callTimeoutMs: number;
  readonly #pool: BrokerPool;
  readonly #coordinators = new Map<string, HostAndPort>();

  constructor(world: World, options: KafkaClientOptions) {
    this.world = world;
    this.requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.callTimeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
    this.#pool = new BrokerPool(world, options);
    this.view = new ClusterView(world, this.#pool, {
      bootstrap: options.bootstrap,
      requestTimeoutMs: this.requestTimeoutMs,
      ageMs: options.metadataAgeMs ?? METADATA_AGE_MS,
    });
  }

  /** One request to one broker, without a retry. Rejects with a KafkaClientError. */
  async ask<Req extends Fields, Res extends Fields>(
    endpoint: HostAndPort,
    api: Api<Req, Res>,
    request: Encodable<Req>,
    options: AskOptions = {},
  ): Promise<Decoded<Res>> {
    try {
      const connection = await this.#pool.connection(endpoint, options.lane ?? 'requests');
      const version = connection.versionOf(api, options.atMost);
      if (version === null)
        throw new KafkaClientError(
          'NOT_SERVED',
          `${connection.remote} serves no version of ${api.name} that this client speaks: it takes Apache Kafka 3.0 or later`,
        );
      return await connection.send(api, request, {
        timeoutMs: options.timeoutMs ?? this.requestTimeoutMs,
        version,
      });
    } catch (error) {
      throw fromConnection(error);
    }
  }

  /**
   * Any broker that is alive: for requests that all of them answer, or bring to the controller. `check`
   * throws what the answer says; retriable errors are tried again for `callTimeoutMs`.
   */
  askAny<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    request: Encodable<Req>,
    check: (answer: Decoded<Res>) => void,
  ): Promise<Decoded<Res>> {
    return this.retried(async () => {
      await this.view.refresh();
      const broker = this.view.brokers[0];
      if (!broker) throw new KafkaClientError('NO_CONNECTION', 'no broker is alive', { retriable: true });
      const answer = await this.ask(broker, api, request);
      check(answer);
      return answer;
    });
  }

  /**
   * As `askAny`, of the coordinator of a group or of a transactional id; it is looked for again when it
   * moved.
   */
  askCoordinator<Req extends Fields, Res extends Fields>(
    type: CoordinatorType,
    key: string,
    api: Api<Req, Res>,
    request: Encodable<Req>,
    check: (answer: Decoded<Res>) => void,
    options: AskOptions = {},
  ): Promise<Decoded<Res>> {
    return this.retried(() => this.askCoordinatorOnce(type, key, api, request, check, options));
  }

  /** As `askCoordinator`, without a retry. */
  async askCoordinatorOnce<Req extends Fields, Res extends Fields>(
    type: CoordinatorType,
    key: string,
    api: Api<Req, Res>,
    request: Encodable<Req>,
    check: (answer: Decoded<Res>) => void,
    options: AskOptions = {},
  ): Promise<Decoded<Res>> {
    const id = `${type} ${key}`;
    const coordinator = this.#coordinators.get(id) ?? (await this.#findCoordinator(type, key));
    this.#coordinators.set(id, coordinator);
    try {
      const answer = await this.ask(coordinator, api, request, { lane: 'coordinator', ...options });
      check(answer);
      return answer;
    } catch (error) {
      if (error instanceof KafkaClientError && MOVED.has(error.code)) this.#coordinators.delete(id);
      throw error;
    }
  }

  retried<T>(attempt: () => Promise<T>): Promise<T> {
    return retried(this.world, this.callTimeoutMs, attempt);
  }

  close(): void {
    this.#pool.close();
  }

  async #findCoordinator(type: CoordinatorType, key: string): Promise<HostAndPort> {
    await this.view.refresh();
    let last: KafkaClientError | null = null;
    for (const broker of this.view.brokers) {
      try {
        const answer = await this.ask(broker, findCoordinator, {
          keyType: COORDINATOR_TYPES.indexOf(type),
          coordinatorKeys: [key],
        });
        const [found] = answer.coordinators;
        if (!found) throw answerError('FindCoordinator', 'COORDINATOR_NOT_AVAILABLE');
        checkAnswer(`FindCoordinator of ${type} ${key}`, found.errorCode, found.errorMessage);
        return { host: found.host, port: found.port };
      } catch (error) {
        last = fromConnection(error);
        if (!last.retriable) throw last;
      }
    }
    throw last ?? new KafkaClientError('NO_CONNECTION', 'no broker is alive', { retriable: true });
  }
}
