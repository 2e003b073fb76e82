import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { S3Client } from '../aws/s3/s3-client.ts';
import { s3OfEnvironment } from '../aws/s3/s3-of-environment.ts';
import type { Clock } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { isApiError } from '../control/aws/api-error.ts';
import type { Control, ControlOptions, Service } from '../control/control.ts';
import { bootstrapBrokers } from '../control/endpoints/bootstrap.ts';
import type { SealedStore } from '../control/sealed/sealed-store.ts';
import { type ListenerKind, listenersOf } from '../control/state/listeners.ts';
import type { DeliveredLog } from '../log-delivery/delivered-log.ts';
import { LogDelivery } from '../log-delivery/log-delivery.ts';
import type { ConnectControl, OpenCluster, WorkerLog } from './api/connect-operation.ts';
import { addConnectRoutes } from './api/routes.ts';
import { connectorLogs } from './connectors/connector-logs.ts';
import { connectorMetrics } from './connectors/connector-metrics.ts';
import { ConnectorRunner } from './connectors/connector-runner.ts';
import { PluginArrivals } from './plugins/plugin-arrivals.ts';
import { PluginFolder } from './plugins/plugin-folder.ts';
import { PluginLoads } from './plugins/plugin-loads.ts';
import { PluginSource } from './plugins/plugin-source.ts';
import { keptFolder } from './release/kept-folder.ts';
import { type ComingInstallation, KeptRelease } from './release/kept-release.ts';
import { addRestRoutes } from './rest/rest-routes.ts';
import { sealOlder } from './secrets/seal-older.ts';
import { SealedValues } from './secrets/sealed-values.ts';
import { OwnDoors } from './sign-in/own-doors.ts';
import { passwordsOf, WorkerLogins } from './sign-in/worker-logins.ts';
import { ConnectStore } from './state/connect-store.ts';
import type { Connector } from './state/connector.ts';
import type { BuiltInConnector } from './worker/built-in-connector.ts';
import { ClassArchives } from './worker/class-archives.ts';
import type { ConnectRest } from './worker/connect-rest.ts';
import { endWorker } from './worker/end-worker.ts';
import { filesOf, findInstallation, type Installation, type NoInstallation } from './worker/installation.ts';
import { workersBelow } from './worker/running-workers.ts';
import { WorkerGroup } from './worker/worker-group.ts';
import { WorkerPlans } from './worker/worker-plans.ts';
import { workerUser } from './worker/worker-user.ts';

const FOLDER = 'connect';

/** What MSK Connect needs of the control plane. */
export interface ConnectSurroundings {
  readonly world: Pick<World, 'clock' | 'log' | 'random'>;
  readonly options: ControlOptions;
  readonly control: Pick<Control, 'store' | 'certificates' | 'sealed' | 'clientAuthorities' | 'connect'>;
  /** Node with this program and the word by which it becomes a worker of built-in connectors. */
  readonly builtInWorker: readonly [string, ...string[]];
}

/** MSK Connect, put together: its store, its API, and a runner with its workers for each connector. */
export class ConnectService implements Service, ConnectControl {
  readonly options: ControlOptions;
  readonly store: ConnectStore;
  readonly plugins: PluginFolder;
  readonly pluginArrivals: PluginArrivals;
  readonly pluginLoads: PluginLoads;
  readonly values: SealedValues;
  readonly sealed: SealedStore;
  readonly #s3: S3Client | null;
  readonly #archives: ClassArchives;
  readonly #plans: WorkerPlans;
  readonly #delivery: LogDelivery;
  readonly #surroundings: ConnectSurroundings;
  readonly #folder: string;
  readonly #running = new Map<string, { readonly runner: ConnectorRunner; readonly group: WorkerGroup }>();
  /** Null where Kafka Connect is not fetched: it is in a folder that was named, or there is none. */
  readonly #kept: KeptRelease | null;
  #installation: Installation | null = null;

  /** Throws StoreError. */
  constructor(surroundings: ConnectSurroundings) {
    this.#surroundings = surroundings;
    this.options = surroundings.options;
    this.#folder = join(this.options.dataDirectory, FOLDER);
    this.store = ConnectStore.open(this.#folder);
    this.plugins = new PluginFolder(this.#folder);
    const { s3Endpoint, region, dataDirectory, kafkaConnect } = this.options;
    const { world } = surroundings;
    this.#kept =
      kafkaConnect === undefined
        ? null
        : new KeptRelease(world, keptFolder(dataDirectory), kafkaConnect, process.env);
    this.#s3 = s3Endpoint === undefined ? null : s3OfEnvironment(world, s3Endpoint, region, process.env);
    this.sealed = surroundings.control.sealed;
    this.values = new SealedValues(this.sealed, (uuid) => {
      const connector = this.store.state.connectors.all().find((one) => one.uuid === uuid);
      return connector ? passwordsOf(this.sealed, connector) : [];
    });
    this.#archives = new ClassArchives(world, this.#folder);
    this.pluginLoads = new PluginLoads(
      {
        ...{ world, store: this.store, plugins: this.plugins, archives: this.#archives },
        installation: () => this.#fetchedInstallation(),
        user: ({ uuid }, installation) => workerUser(uuid, filesOf(installation)),
      },
      this.#folder,
    );
    this.pluginArrivals = new PluginArrivals({
      ...{ world, store: this.store, plugins: this.plugins, loads: this.pluginLoads },
      source: new PluginSource(dataDirectory, this.#s3),
      installation: () => this.installation(),
    });
    this.#plans = new WorkerPlans({
      ...{ store: this.store, plugins: this.plugins, values: this.values },
      logins: new WorkerLogins(world, surroundings.control, this.values),
      doors: new OwnDoors(world, surroundings.control),
      certificates: surroundings.control.certificates,
      clusters: surroundings.control.store.clusters,
      advertised: this.options.advertised,
      builtInWorker: surroundings.builtInWorker,
      installation: () => this.installation(),
    });
    this.#delivery = new LogDelivery(world, this.options, () =>
      this.store.state.connectors.all().flatMap((connector) => this.#logsOf(connector)),
    );
  }

  addRoutes(server: FastifyInstance): void {
    addConnectRoutes(server, this);
    addRestRoutes(server, this);
  }

  /** Takes up every connector where it was; workers that run are found again. */
  async start(): Promise<void> {
    const { plugins, connectors } = this.store.state;
    this.#kept?.start();
    await this.plugins.removeOthers(new Set(plugins.all().map(({ uuid }) => uuid)));
    const known = new Set(connectors.all().map((connector) => this.#connectorFolder(connector)));
    this.pluginLoads.start();
    this.pluginArrivals.start();
    const orphans = workersBelow(this.#folder).filter(({ folder }) => !known.has(join(folder, '..')));
    await Promise.all(orphans.map(({ folder }) => endWorker(this.#surroundings.world.clock, folder)));
    this.values.keepOf(new Set(connectors.all().map(({ uuid }) => uuid)));
    sealOlder(this.store, this.values);
    for (const connector of connectors.all()) this.#run(connector);
    this.store.onRecord((record) => {
      if (record.type === 'ConnectorRecord') this.#run(record.connector);
      if (record.type === 'RemoveConnectorRecord') {
        this.#running.delete(record.arn);
        this.#plans.forget(record.arn);
      }
    });
    await this.#delivery.start();
  }

  /** No worker runs when this resolves. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ runner }) => runner.stop()));
    this.pluginArrivals.stop();
    // Before what they wait for ends, which says nothing of the plugins then.
    const loads = this.pluginLoads.stop();
    await this.#kept?.stop();
    await loads;
    await this.#archives.stop();
    await this.#delivery.stop();
    this.store.close();
    this.#s3?.close();
  }

  async metrics(): Promise<string> {
    const measured = await Promise.all([...this.#running.values()].map(({ runner }) => runner.measured()));
    return connectorMetrics(measured.filter((one) => one !== null));
  }

  async installation(): Promise<Installation | ComingInstallation | NoInstallation> {
    if (this.#installation) return this.#installation;
    const found = this.#kept
      ? await this.#kept.installation()
      : await findInstallation(this.options.kafkaHome, process.env);
    if ('libs' in found) this.#installation = found;
    return found;
  }

  logs(connectorArn: string, bytes: number, after: ReadonlyMap<string, number>): WorkerLog[] {
    const connector = this.store.state.connectors.get(connectorArn);
    if (isApiError(connector)) return [];
    const logs = this.#running.get(connectorArn)?.group.logs(bytes, after) ?? [];
    return logs.map((log) => ({ ...log, text: this.values.without(connector.uuid, log.text) }));
  }

  pluginRights(connector: Connector): Promise<string> {
    return this.#plans.rights(connector);
  }

  worker(connectorArn: string): ConnectRest | BuiltInConnector | null {
    return this.#running.get(connectorArn)?.group.rest ?? null;
  }

  clusters(): OpenCluster[] {
    return this.#surroundings.control.store.clusters.all().map((cluster) => {
      const kinds = listenersOf(cluster.spec);
      const servers = (...open: readonly ListenerKind[]): string | null => {
        const kind = open.find((one) => kinds.includes(one));
        return kind === undefined ? null : bootstrapBrokers(cluster, this.options.advertised, { kind });
      };
      return {
        name: cluster.name,
        clusterId: cluster.clusterId,
        plaintext: servers('plaintext'),
        tls: servers('tls', 'optionalMutualTls'),
      };
    });
  }

  get clock(): Clock {
    return this.#surroundings.world.clock;
  }

  now(): number {
    return this.#surroundings.world.clock.now();
  }

  #run(connector: Connector): void {
    const there = this.#running.get(connector.arn);
    if (there) {
      there.runner.wake();
      return;
    }
    const { world } = this.#surroundings;
    const group = new WorkerGroup(world, this.#connectorFolder(connector), this.#archives, () =>
      runner.wake(),
    );
    const runner = new ConnectorRunner(
      {
        ...{ world, store: this.store, group, values: this.values },
        plan: (one) => this.#plans.of(one),
        deliverLogs: (one) => this.#delivery.deliver(this.#logsOf(one)),
      },
      connector.arn,
    );
    this.#running.set(connector.arn, { runner, group });
    runner.start();
  }

  /** Once it was fetched, or that failed for good, or this stops. */
  async #fetchedInstallation(): Promise<Installation | NoInstallation> {
    await this.#kept?.ended;
    const found = await this.installation();
    return 'coming' in found ? { missing: found.coming } : found;
  }

  #logsOf(connector: Connector): DeliveredLog[] {
    const without = (text: string): string => this.values.without(connector.uuid, text);
    return connectorLogs(connector, this.options, this.#connectorFolder(connector), without);
  }

  #connectorFolder({ uuid }: Pick<Connector, 'uuid'>): string {
    return join(this.#folder, 'connectors', uuid);
  }
}
