import { sleep } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import type { World } from '../../src/base/world.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { ConnectionError } from '../../src/client/connection-error.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { findCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import type { Simulation } from '../simulation.ts';
import type { Pace } from './cluster-strikes.ts';
import { CLIENT_PORT } from './sim-cluster.ts';

/** Shorter than any healing, longer than any election. */
export const REQUEST_MS = 3_000;
/** A pause that begins in quiet minutes ends soon after them. */
const SLOWED_MAX_MS = 20_000;

/** FindCoordinator's kinds of key. */
const COORDINATED = { group: 0, transaction: 1 } as const;

export interface FoundCoordinator {
  readonly broker: number;
  readonly host: string;
}

/**
 * What every client does: asks some broker for the leader, keeps connections, and begins anew when one ends.
 */
export class ClusterClient {
  readonly name: string;
  readonly world: World;
  readonly random: Random;
  readonly #bootstrap: readonly string[];
  readonly #pace: Pace;
  readonly #connections = new Map<string, Promise<KafkaConnection>>();
  #leaders = new Map<string, string>();
  readonly #newest = new Map<string, { readonly leaderEpoch: number; readonly host: string | undefined }>();

  constructor(
    simulation: Simulation,
    name: string,
    bootstrap: readonly string[],
    pace: Pace = { factor: 1 },
  ) {
    this.name = name;
    this.world = simulation.host(name).world;
    this.random = simulation.fork(name);
    this.#bootstrap = bootstrap;
    this.#pace = pace;
  }

  pause(ms = 100): Promise<void> {
    const pauseMs = 5 + below(this.random, ms);
    const slowedMs = Math.min(pauseMs * this.#pace.factor, SLOWED_MAX_MS);
    return sleep(this.world.clock, Math.max(pauseMs, slowedMs));
  }

  /** Runs `run`; false, after a pause, if a connection ended during it. */
  async tried(run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#leaders = new Map();
      await this.pause();
      return false;
    }
  }

  anyBroker(): Promise<KafkaConnection> {
    return this.connect(this.#bootstrap[below(this.random, this.#bootstrap.length)] ?? '');
  }

  /** Null while the partition has no leader, or no broker knows it. */
  async leaderOf(topic: string, partition: number): Promise<KafkaConnection | null> {
    const key = `${topic}-${partition}`;
    if (!this.#leaders.has(key)) await this.#askForLeaders(topic);
    const host = this.#leaders.get(key);
    return host === undefined ? null : this.connect(host);
  }

  /**
   * The leader of the newest epoch that any broker told, with that epoch. As in Kafka's consumers, a later
   * answer with an older epoch is ignored (KIP-320; `updateLatestMetadata`). An old leader together with a
   * new epoch would be a pair that no broker told: when the old leader follows, it answers with the little of
   * the log that it may have (KIP-392).
   */
  async newestLeaderOf(
    topic: string,
    partition: number,
  ): Promise<{ readonly connection: KafkaConnection; readonly leaderEpoch: number } | null> {
    const key = `${topic}-${partition}`;
    if (!this.#leaders.has(key)) await this.#askForLeaders(topic);
    const { host, leaderEpoch } = this.#newest.get(key) ?? { host: undefined, leaderEpoch: -1 };
    return host === undefined ? null : { connection: await this.connect(host), leaderEpoch };
  }

  /** Null while the key has no coordinator, or no broker knows it. */
  async coordinatorOf(kind: keyof typeof COORDINATED, key: string): Promise<FoundCoordinator | null> {
    const connection = await this.anyBroker();
    const answer = await connection.send(
      findCoordinator,
      { keyType: COORDINATED[kind], coordinatorKeys: [key] },
      { version: 4, timeoutMs: REQUEST_MS },
    );
    const found = answer.coordinators[0];
    return found?.errorCode === 0 ? { broker: found.nodeId, host: found.host } : null;
  }

  forgetLeaders(): void {
    this.#leaders = new Map();
  }

  async connect(host: string): Promise<KafkaConnection> {
    const known = this.#connections.get(host);
    const open = known && (await known.catch(() => undefined));
    if (open && !open.closed) return open;
    const connecting = KafkaConnection.connect(this.world, {
      host,
      port: CLIENT_PORT,
      clientId: this.name,
      timeoutMs: REQUEST_MS,
    });
    this.#connections.set(host, connecting);
    return connecting;
  }

  /**
   * Closes the connection, so that later requests go over another: of what was sent, nobody knows what
   * arrived.
   */
  async disconnect(host: string): Promise<void> {
    const known = this.#connections.get(host);
    this.#connections.delete(host);
    (await known?.catch(() => undefined))?.close();
  }

  async #askForLeaders(topic: string): Promise<void> {
    const connection = await this.anyBroker();
    const answer = await connection.send(
      metadata,
      { topics: [{ name: topic }], allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false },
      { version: 9, timeoutMs: REQUEST_MS },
    );
    const hosts = new Map(answer.brokers.map(({ nodeId, host }) => [nodeId, host]));
    for (const { partitionIndex, leaderId, leaderEpoch } of answer.topics[0]?.partitions ?? []) {
      const key = `${topic}-${partitionIndex}`;
      const host = hosts.get(leaderId);
      if (leaderEpoch >= (this.#newest.get(key)?.leaderEpoch ?? -1))
        this.#newest.set(key, { leaderEpoch, host });
      if (host !== undefined) this.#leaders.set(key, host);
    }
  }
}
