import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readWhole } from '../base/disk.ts';
import { randomUuid } from '../base/random.ts';
import type { World } from '../base/world.ts';
import { zoneId } from '../control/aws/zone-id.ts';
import { demoBrokerDefaults } from '../control/broker-config.ts';
import { hostInAddress } from '../control/endpoints/endpoint.ts';
import { LOCK_FILE } from '../control/folder-lock.ts';
import { CONTROLLER_FOLDER } from '../engines/embedded/layout.ts';
import { META_PROPERTIES, parseMetaProperties } from '../storage/meta-properties.ts';
import type { BrokerPlan } from './broker-node.ts';
import { ClusterNodes, INTERNAL_HOST } from './cluster-nodes.ts';
import { ClusterTls } from './cluster-tls.ts';
import { DataFolder } from './data-folder.ts';
import { forget, remember } from './forgotten.ts';
import { keepingAlive } from './keep-alive.ts';
import { LibraryApi } from './library-api.ts';
import { type ClientListener, FIRST_LISTENER, REPLICATION_LISTENER } from './listener-option.ts';
import { makeTopics } from './new-topics.ts';
import { makeUsers } from './new-users.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { CertificateOptions, TopicOptions } from './options.ts';
import type { Settings } from './settings.ts';
import type { ClientCertificate, StartedCluster } from './started-cluster.ts';
import { TemporaryFolder } from './temporary-folder.ts';
import { readTopics } from './topic-option.ts';

const REGION = 'us-east-1';
/**
 * A cluster for tests has nobody else to wait for: the first member of a group gets its partitions at once.
 */
const TEST_CONFIG = { 'group.initial.rebalance.delay.ms': '0' };

/** A cluster in this process, from its start to its stop. What changes it takes turns. */
export class RunningCluster implements StartedCluster {
  readonly clusterId: string;
  readonly closed: Promise<void>;
  readonly startedAt: string;
  readonly #world: World;
  readonly #settings: Settings;
  readonly #folder: DataFolder;
  readonly #temporary: TemporaryFolder | null;
  readonly #nodes: ClusterNodes;
  readonly #tls: ClusterTls;
  #api: LibraryApi | null = null;
  readonly #turns = new OneAtATime();
  #closed: { readonly resolve: () => void; readonly reject: (reason: Error) => void } | null = null;
  #stopped: Promise<void> | null = null;

  static async start(world: World, settings: Settings, startedAt: string): Promise<RunningCluster> {
    const temporary = settings.dataDirectory === null ? TemporaryFolder.make() : null;
    let cluster: RunningCluster | undefined;
    try {
      cluster = new RunningCluster(world, settings, startedAt, temporary);
      await cluster.#start();
      return cluster;
    } catch (error) {
      if (cluster) await cluster.stop();
      else await temporary?.remove();
      throw error;
    }
  }

  private constructor(
    world: World,
    settings: Settings,
    startedAt: string,
    temporary: TemporaryFolder | null,
  ) {
    this.closed = new Promise((resolve, reject) => {
      this.#closed = { resolve, reject };
    });
    // Whoever does not ask for it must not be ended by it.
    this.closed.catch(() => {});
    this.startedAt = startedAt;
    this.#world = world;
    this.#settings = settings;
    this.#temporary = temporary;
    const path = temporary ? join(temporary.path, 'data') : (settings.dataDirectory ?? '');
    const ids = Array.from({ length: settings.brokers }, (_, i) => i + 1);
    this.#folder = DataFolder.open(path, ids);
    try {
      this.clusterId = knownClusterId(world, path) ?? randomUuid(world.random);
      this.#tls = new ClusterTls(world, {
        clusterId: this.clusterId,
        listeners: settings.listeners,
        folder: temporary ? null : path,
      });
      this.#nodes = new ClusterNodes(world, {
        clusterId: this.clusterId,
        folder: path,
        config: this.#config,
        brokers: ids.map((id) => this.#plan(id)),
        onDeath: (death) => this.#closed?.reject(death),
      });
    } catch (error) {
      this.#folder.release();
      throw error;
    }
  }

  get bootstrap(): string {
    return this.brokers.join(',');
  }

  get brokers(): readonly string[] {
    return this.#addresses(FIRST_LISTENER);
  }

  get api(): string | undefined {
    return this.#api?.url;
  }

  get ca(): string | undefined {
    return this.#tls.ca;
  }

  clientCertificate(name: string): ClientCertificate {
    return this.#tls.clientCertificate(name);
  }

  bootstrapOf(listener: string): string {
    return this.#addresses(this.#listener(listener).name).join(',');
  }

  changeCertificates(tls: CertificateOptions, listener = FIRST_LISTENER): Promise<void> {
    return this.#inTurn(async () => this.#tls.change(this.#listener(listener), tls));
  }

  createTopics(topics: readonly (string | TopicOptions)[]): Promise<void> {
    return this.#inTurn(() =>
      makeTopics(this.#world, this.#nodes, readTopics(topics, this.#settings.brokers, 'createTopics')),
    );
  }

  kill(brokerId: number): Promise<void> {
    return this.#inTurn(() => this.#nodes.kill(this.#known(brokerId)));
  }

  restart(brokerId: number): Promise<void> {
    return this.#inTurn(() => this.#nodes.restart(this.#known(brokerId)));
  }

  reset(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#nodes.drop();
      await emptyButLocks(this.#folder.path);
      await this.#nodes.start();
      await makeUsers(this.#world, this.#nodes, this.#settings.users);
      await makeTopics(this.#world, this.#nodes, this.#settings.topics);
    });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<void> {
    await this.#nodes.start();
    await makeUsers(this.#world, this.#nodes, this.#settings.users);
    await makeTopics(this.#world, this.#nodes, this.#settings.topics);
    const { api, listeners } = this.#settings;
    if (api)
      this.#api = await LibraryApi.start(this.#world, {
        ...api,
        listeners,
        clusterId: this.clusterId,
        nodes: this.#nodes,
        config: this.#config,
      });
    remember(this);
  }

  /** After what is under way. */
  #stop(): Promise<void> {
    const stopped = this.#turns.take(async () => {
      try {
        await this.#api?.stop();
        await this.#nodes.stop();
      } finally {
        forget(this);
        this.#folder.release();
        await this.#temporary?.remove();
        this.#closed?.resolve();
      }
    });
    return keepingAlive(() => stopped);
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#stopped) throw new Error('This cluster was stopped.');
    const done = this.#turns.take(work);
    return keepingAlive(() => done);
  }

  #listener(name: string): ClientListener {
    const { listeners } = this.#settings;
    const found = listeners.find((one) => one.name === name);
    if (found) return found;
    const names = listeners.map((one) => one.name).join(', ');
    throw new TypeError(`This cluster has no listener "${name}": it has ${names}.`);
  }

  #known(brokerId: number): number {
    const { ids } = this.#nodes;
    if (!ids.includes(brokerId))
      throw new TypeError(`This cluster has no broker ${String(brokerId)}: it has ${ids.join(', ')}.`);
    return brokerId;
  }

  get #config(): Readonly<Record<string, string>> {
    const mappings = this.#settings.listeners.flatMap(({ name, tls }) =>
      tls?.principalMappingRules
        ? [[`listener.name.${name.toLowerCase()}.ssl.principal.mapping.rules`, tls.principalMappingRules]]
        : [],
    );
    return {
      ...demoBrokerDefaults(this.#settings.brokers, false),
      ...TEST_CONFIG,
      ...this.#settings.config,
      ...Object.fromEntries(mappings),
    };
  }

  #plan(brokerId: number): BrokerPlan {
    return {
      brokerId,
      rack: zoneId(REGION, brokerId - 1),
      listeners: [
        ...this.#settings.listeners.map((listener) => {
          const { name, host, port, advertise, security } = listener;
          const tls = this.#tls.sourceFor(listener);
          return {
            name,
            security,
            purpose: 'client' as const,
            host,
            port: port === 0 ? 0 : port + brokerId - 1,
            advertisedHost: advertise,
            ...(tls ? { tls } : {}),
          };
        }),
        { name: REPLICATION_LISTENER, purpose: 'replication', host: INTERNAL_HOST, port: 0 },
      ],
      config: this.#config,
    };
  }

  #addresses(listener: string): string[] {
    const { advertise = '' } = this.#settings.listeners.find(({ name }) => name === listener) ?? {};
    return this.#nodes.ids.map((id) => `${hostInAddress(advertise)}:${this.#nodes.port(id, listener)}`);
  }
}

/** The cluster whose data is in the folder already; undefined in a new one. */
function knownClusterId(world: World, folder: string): string | undefined {
  const content = readWhole(world.disk, join(folder, CONTROLLER_FOLDER, META_PROPERTIES));
  if (content === null) return undefined;
  const meta = parseMetaProperties(content.toString('utf8'));
  if ('problem' in meta) throw new Error(`${folder} holds no cluster that can be read: ${meta.problem}`);
  return meta.clusterId;
}

/** All that the nodes wrote. The locks stay: one that was removed would lock nobody out. */
async function emptyButLocks(folder: string): Promise<void> {
  for (const node of await readdir(folder, { withFileTypes: true })) {
    if (!node.isDirectory()) continue;
    const path = join(folder, node.name);
    const names = (await readdir(path)).filter((name) => name !== LOCK_FILE);
    await Promise.all(names.map((name) => rm(join(path, name), { recursive: true, force: true })));
  }
}
