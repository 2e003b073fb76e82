import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../src/base/log.ts';
import { randomUuid } from '../../src/base/random.ts';
import type { Broker } from '../../src/broker/broker.ts';
import { brokerFolder } from '../../src/engines/embedded/layout.ts';
import type { BrokerPlan } from '../../src/library/broker-node.ts';
import { ClusterNodes, INTERNAL_HOST } from '../../src/library/cluster-nodes.ts';
import { REPLICATION_LISTENER } from '../../src/library/listener-option.ts';
import { brokerConfig, validateBrokerProperties } from '../../src/metadata/configs/broker-configs.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { type SecurityProtocol, usesSasl } from '../../src/security/protocol.ts';
import { KNOWN_CLIENTS_RULES, KnownClients } from './known-clients.ts';
import { isOfListeners, listenerTls, type WantedCertificates } from './secure-listeners.ts';

/** What the annotations of a test ask of its cluster. */
export interface WantedCluster {
  /** Their ids are from 0 on, as those of Apache Kafka's test kit. */
  readonly brokers: number;
  readonly listener: string;
  /** server.properties of all nodes. */
  readonly config: Readonly<Record<string, string>>;
  /** More of one node, by its id. */
  readonly configs: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Where a broker listens for clients. */
interface WantedListener {
  readonly name: string;
  readonly security: SecurityProtocol;
  /** Null where nothing is encrypted. */
  readonly certificates: WantedCertificates | null;
  /** Name of the user that all its clients are, as the test's own principal builder says; null for nobody. */
  readonly user: string | null;
}

/** A broker that a test makes by itself. */
export interface AddedBroker {
  readonly broker: number;
  readonly starts: boolean;
  readonly listeners: readonly WantedListener[];
  /** Its server.properties. */
  readonly config: Readonly<Record<string, string>>;
}

/**
 * After all brokers were down Millrace waits for so long before an unclean election, where Apache Kafka
 * elects whoever comes back first. The tests do not wait.
 */
const AT_ONCE = { 'unclean.leader.election.interval.ms': '100' };

/**
 * A test that sets this to an empty name wants share groups without kept state. Millrace always keeps it:
 * then on one broker.
 */
const KEEPER_OF_SHARE_STATE = 'group.share.persister.class.name';
const STATE_ON_ONE_BROKER = {
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
};

/**
 * What Millrace is told otherwise, what allows more than a test asks for, and a password that a whole class
 * sets and one test of it looks for.
 */
const OF_THE_NODE = new Set([
  'advertised.listeners',
  'broker.id',
  'broker.rack',
  'controller.listener.names',
  'controller.quorum.voters',
  'inter.broker.listener.name',
  'listener.security.protocol.map',
  'listeners',
  'log.dir',
  'log.dirs',
  'metadata.log.dir',
  'node.id',
  'process.roles',
  'ssl.truststore.password',
  'unstable.api.versions.enable',
  'unstable.feature.versions.enable',
]);

/** Of all listeners or of one; `user` of a listener says what came out of it. */
const WHO_CLIENTS_ARE = 'principal.builder.class';
const OPEN = { security: 'PLAINTEXT', certificates: null, user: null } as const;
/** Who the test kit is, on the listener that it has for itself where those of a test want to know their clients. */
const TEST_KIT = 'test-kit';

/** A cluster with the defaults of Apache Kafka's configs and no racks, in this process. */
export class KafkaTestCluster {
  readonly nodes: ClusterNodes;
  readonly #clusterId: string;
  readonly #folder: string;
  readonly #clients: KnownClients;
  /** Names of those for clients, by the broker's id. */
  readonly #listeners = new Map<number, readonly string[]>();
  #death: Error | null = null;

  /** Rejects with Millrace's sentence when it cannot have the configs. */
  static async start(wanted: WantedCluster): Promise<KafkaTestCluster> {
    const cluster = new KafkaTestCluster(wanted);
    try {
      await cluster.nodes.start();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  private constructor({ brokers, listener, config, configs }: WantedCluster) {
    const real = nodeWorld(silent);
    this.#clients = new KnownClients(real);
    const world = { ...real, network: this.#clients };
    this.#clusterId = randomUuid(world.random);
    const ofAll = obeyed(config);
    const plans = Array.from({ length: brokers }, (_, id) =>
      this.#plan(id, [{ ...OPEN, name: listener }], { ...config, ...configs[id] }),
    );
    this.#folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-tests-'));
    for (let id = 0; id < brokers; id++) this.#listeners.set(id, [listener]);
    this.nodes = new ClusterNodes(world, {
      clusterId: this.#clusterId,
      folder: this.#folder,
      config: ofAll,
      brokers: plans,
      onDeath: (death) => {
        this.#death ??= death;
      },
    });
  }

  /** What a test is told of it at its start. */
  get description(): object {
    const { ids } = this.nodes;
    return {
      clusterId: this.#clusterId,
      controllerPort: this.nodes.controllerPort,
      ports: Object.fromEntries(ids.map((id) => [id, this.#ports(id)])),
      folders: Object.fromEntries(ids.map((id) => [id, join(this.#folder, brokerFolder(id))])),
    };
  }

  /** By the name of the listener; 0 before the first start. */
  #ports(brokerId: number): Readonly<Record<string, number>> {
    const names = this.#listeners.get(brokerId) ?? [];
    return Object.fromEntries(names.map((name) => [name, this.nodes.port(brokerId, name)]));
  }

  /** In place of one with the same id, which does not run. Resolves with its configs. Rejects like `start`. */
  async add({ broker, starts, listeners, config }: AddedBroker): Promise<BrokerPlan['config']> {
    const plan = this.#plan(broker, listeners, config);
    this.nodes.add(plan);
    this.#listeners.set(
      broker,
      listeners.map(({ name }) => name),
    );
    if (starts) await this.nodes.restart(broker);
    return plan.config;
  }

  /** Of the metadata log; -1 where the broker does not run, or knows nothing yet. */
  appliedOffset(brokerId: number): number {
    return this.#running(brokerId)?.image.provenance.offset ?? -1;
  }

  /** What a broker has of a partition; empty where it has no replica of it, or does not run. */
  log(brokerId: number, topic: string, index: number): object {
    const partition = this.#running(brokerId)?.replicas.find(topic, index);
    if (!partition) return {};
    const { isLeader, leaderEpoch, log } = partition;
    const { logStartOffset, endOffset, highWatermark, lastStableOffset } = log;
    const producers = [...log.producers.entries].map((one) => ({
      producerId: String(one.producerId),
      producerEpoch: one.epoch,
      coordinatorEpoch: one.coordinatorEpoch,
      lastTimestamp: one.lastTimestamp,
      firstOffset: one.currentTxnFirstOffset,
    }));
    return { isLeader, leaderEpoch, logStartOffset, endOffset, highWatermark, lastStableOffset, producers };
  }

  /** Why a node ended by itself; null where none did. */
  get death(): Error | null {
    return this.#death;
  }

  /** Whether all brokers that run know the same. */
  get isConsistent(): boolean {
    return new Set(this.nodes.running.map(({ image }) => image.provenance.offset)).size <= 1;
  }

  /** What a broker knows of a topic; empty where it knows none of that name, or does not run. */
  topic(brokerId: number, name: string): object {
    return this.#running(brokerId)?.image.topics.byName(name) ?? {};
  }

  #plan(brokerId: number, listeners: readonly WantedListener[], config: BrokerPlan['config']): BrokerPlan {
    const place = { host: INTERNAL_HOST, port: 0 };
    const rules = listeners.some(({ user }) => user !== null) ? KNOWN_CLIENTS_RULES : {};
    return {
      brokerId,
      rack: config['broker.rack'] ?? null,
      listeners: [
        ...listeners.map(({ name, user, security, certificates }) => ({
          ...{ name, purpose: 'client' as const, ...place, advertisedHost: 'localhost', security },
          ...(usesSasl(security) ? { mechanisms: scramMechanisms(config) } : {}),
          ...(certificates ? { tls: listenerTls(certificates) } : {}),
          ...(user === null ? {} : { security: 'SSL' as const, tls: this.#clients.allAre(user) }),
        })),
        { name: REPLICATION_LISTENER, purpose: 'replication', ...place },
      ],
      config: obeyed({ ...config, ...rules }),
    };
  }

  #running(brokerId: number): Broker | undefined {
    return this.nodes.running.find((one) => one.brokerId === brokerId);
  }

  async stop(): Promise<void> {
    await this.nodes.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The user of the test kit may do everything. */
function withTestKit(config: BrokerPlan['config']): BrokerPlan['config'] {
  const superUsers = [config['super.users'] ?? [], `User:${TEST_KIT}`].flat().join(';');
  return config['authorizer.class.name'] ? { ...config, 'super.users': superUsers } : config;
}

/** Throws where a test's clients sign in by something else. */
function scramMechanisms(config: BrokerPlan['config']): string[] {
  const all = (config['sasl.enabled.mechanisms'] ?? 'GSSAPI').split(',');
  const others = all.filter((name) => !name.startsWith('SCRAM-'));
  if (others.length === 0) return all;
  throw new Error(`The test signs in by ${others.join(', ')}, which Millrace does not have.`);
}

/**
 * Throws Millrace's sentence where it refuses a value. Apache Kafka says nothing of names that are no configs
 * of its own, and neither do the tests depend on them.
 */
function obeyed(config: BrokerPlan['config']): Record<string, string> {
  const more = config[KEEPER_OF_SHARE_STATE] === '' ? STATE_ON_ONE_BROKER : {};
  const properties = Object.fromEntries(
    Object.entries({ ...AT_ONCE, ...more, ...withTestKit(config) }).filter(
      ([name]) =>
        brokerConfig(name) &&
        !OF_THE_NODE.has(name) &&
        !isOfListeners(name) &&
        !name.endsWith(WHO_CLIENTS_ARE),
    ),
  );
  const wrong = validateBrokerProperties(properties);
  if (wrong !== null) throw new Error(wrong);
  return properties;
}
