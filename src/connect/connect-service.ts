import { dirname, isAbsolute, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { S3Client } from '../aws/s3/s3-client.ts';
import { s3OfEnvironment } from '../aws/s3/s3-of-environment.ts';
import type { Clock } from '../base/clock.ts';
import type { World } from '../base/world.ts';
import { isApiError } from '../control/aws/api-error.ts';
import type { Control, ControlOptions, Service } from '../control/control.ts';
import { bootstrapBrokers, bootstrapStrings } from '../control/endpoints/bootstrap.ts';
import type { SealedStore } from '../control/sealed/sealed-store.ts';
import type { Cluster } from '../control/state/cluster.ts';
import { type ListenerKind, listenersOf } from '../control/state/listeners.ts';
import type { DeliveredLog } from '../log-delivery/delivered-log.ts';
import { LogDelivery } from '../log-delivery/log-delivery.ts';
import type { ConnectControl, OpenCluster, WorkerLog } from './api/connect-operation.ts';
import { addConnectRoutes } from './api/routes.ts';
import { connectorLogs } from './connectors/connector-logs.ts';
import { connectorMetrics } from './connectors/connector-metrics.ts';
import { ConnectorRunner } from './connectors/connector-runner.ts';
import { isBuiltIn } from './plugins/built-in-plugin.ts';
import { PluginArrivals } from './plugins/plugin-arrivals.ts';
import { PluginFolder } from './plugins/plugin-folder.ts';
import { PluginLoads } from './plugins/plugin-loads.ts';
import { PluginSource } from './plugins/plugin-source.ts';
import { keptFolder } from './release/kept-folder.ts';
import { type ComingInstallation, KeptRelease } from './release/kept-release.ts';
import { ReleaseComing } from './release/release-coming.ts';
import { addRestRoutes } from './rest/rest-routes.ts';
import { sealOlder } from './secrets/seal-older.ts';
import { SealedValues } from './secrets/sealed-values.ts';
import { ownAcls } from './sign-in/own-acls.ts';
import { OwnDoors } from './sign-in/own-doors.ts';
import { passwordsOf, WorkerLogins } from './sign-in/worker-logins.ts';
import { ConnectStore } from './state/connect-store.ts';
import type { Connector } from './state/connector.ts';
import type { BuiltInConnector } from './worker/built-in-connector.ts';
import { ClassArchives } from './worker/class-archives.ts';
import type { ConnectRest } from './worker/connect-rest.ts';
import { endWorker } from './worker/end-worker.ts';
import { findInstallation, type Installation, type NoInstallation } from './worker/installation.ts';
import { ownNames } from './worker/own-names.ts';
import { workersBelow } from './worker/running-workers.ts';
import { LINKED_PLUGINS } from './worker/worker-files.ts';
import { type GroupPlan, WorkerGroup } from './worker/worker-group.ts';
import { javaProgram, nodeProgram } from './worker/worker-program.ts';
import { builtInProperties, type WorkerSurroundings, workerProperties } from './worker/worker-properties.ts';
import { workerUser } from './worker/worker-user.ts';

const FOLDER = 'connect';
/** A worker that belongs to no connector is asked to stop for so long. */
const STOP_MS = 20_000;

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
  readonly #logins: WorkerLogins;
  readonly #doors: OwnDoors;
  readonly #delivery: LogDelivery;
  readonly #surroundings: ConnectSurroundings;
  readonly #folder: string;
  readonly #running = new Map<string, { readonly runner: ConnectorRunner; readonly group: WorkerGroup }>();
  /** Whose rights the workers of each connector have, by its uuid. */
  readonly #users = new Map<string, number | null>();
  /** Null where Kafka Connect is not fetched, but a folder that somebody named, or nowhere. */
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
    this.#logins = new WorkerLogins(world, surroundings.control, this.values);
    this.#doors = new OwnDoors(world, surroundings.control);
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
    this.plugins.removeOthers(new Set(plugins.all().map(({ uuid }) => uuid)));
    const known = new Set(connectors.all().map((connector) => this.#connectorFolder(connector)));
    this.pluginLoads.start();
    this.pluginArrivals.start();
    const orphans = workersBelow(this.#folder).filter(({ folder }) => !known.has(join(folder, '..')));
    await Promise.all(
      orphans.map(({ folder }) => endWorker(this.#surroundings.world.clock, folder, STOP_MS)),
    );
    this.values.keepOf(new Set(connectors.all().map(({ uuid }) => uuid)));
    sealOlder(this.store, this.values);
    for (const connector of connectors.all()) this.#run(connector);
    this.store.onRecord((record) => {
      if (record.type === 'ConnectorRecord') this.#run(record.connector);
      if (record.type === 'RemoveConnectorRecord') this.#running.delete(record.arn);
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

  async pluginRights(connector: Connector): Promise<string> {
    const programs = isBuiltIn(connector) ? this.#builtInFiles() : await this.#javaFiles();
    const user = programs === null ? null : this.#userOf(connector, programs);
    const who = isBuiltIn(connector) ? 'The connector' : 'A plugin';
    return user === null ? `${who} runs with your rights.` : `${who} runs as the user ${user}.`;
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
        plan: (one) => this.#plan(one),
        deliverLogs: (one) => this.#delivery.deliver(this.#logsOf(one)),
      },
      connector.arn,
    );
    this.#running.set(connector.arn, { runner, group });
    runner.start();
  }

  async #plan(connector: Connector): Promise<GroupPlan> {
    const workers = connector.workerConfiguration;
    const configuration = workers && this.store.state.workerConfigurations.get(workers.arn);
    if (configuration && isApiError(configuration)) throw new Error(configuration.message);
    const own = configuration?.properties ?? {};
    const cluster = this.#cluster(connector);
    const login = this.#logins.of(connector, cluster);
    const ca = connector.encryption === 'TLS' && cluster ? this.#surroundings.control.certificates.ca : null;
    const running = isBuiltIn(connector)
      ? this.#builtIn(connector, own, { ca, login: login.properties })
      : await this.#java(connector, own, { ca, login: login.properties });
    if (cluster)
      await this.#doors.close(connector, cluster, ownAcls(ownNames(connector, own), login.principal));
    return { connector, ...running, values: { ...this.values.of(connector.uuid), ...login.values } };
  }

  #builtIn(connector: Connector, own: Properties, access: Access): Running {
    return {
      program: nodeProgram(this.#surroundings.builtInWorker),
      user: this.#userOf(connector, this.#builtInFiles()),
      properties: builtInProperties(connector, own, access),
    };
  }

  async #java(connector: Connector, own: Properties, access: Access): Promise<Running> {
    const installation = await this.installation();
    if ('missing' in installation) throw new Error(installation.missing);
    if ('coming' in installation) throw new ReleaseComing(installation.coming);
    const plugin = this.store.state.plugins.get(connector.plugin.arn);
    if (isApiError(plugin)) throw new Error(plugin.message);
    const pluginPath = this.plugins.path(plugin.uuid);
    const user = this.#userOf(connector, filesOf(installation));
    const { hasManifests } = plugin;
    return {
      program: javaProgram(installation, pluginPath),
      user,
      properties: workerProperties(connector, own, {
        pluginPath: user === null ? pluginPath : LINKED_PLUGINS,
        hasManifests,
        ...access,
      }),
    };
  }

  /** The cluster of this control plane that a connector works with; null where it is another one. */
  #cluster({ bootstrapServers }: Connector): Cluster | null {
    const asked = new Set(bootstrapServers.split(',').map((one) => one.trim()));
    const isAsked = (cluster: Cluster): boolean =>
      this.options.advertised
        .flatMap(({ name }) => Object.values(bootstrapStrings(cluster, this.options.advertised, name)))
        .some((servers) => servers.split(',').some((server) => asked.has(server)));
    return this.#surroundings.control.store.clusters.all().find(isAsked) ?? null;
  }

  /** Found out once: looking at every jar costs more than a poll may. */
  #userOf({ uuid }: Connector, programs: readonly string[]): number | null {
    const known = this.#users.get(uuid);
    if (known !== undefined) return known;
    const user = workerUser(uuid, programs);
    this.#users.set(uuid, user);
    return user;
  }

  /** Node, and the folder with what it runs. */
  #builtInFiles(): string[] {
    const [node, ...args] = this.#surroundings.builtInWorker;
    const main = args.find((arg) => isAbsolute(arg));
    return main === undefined ? [node] : [node, dirname(main)];
  }

  async #javaFiles(): Promise<string[] | null> {
    const installation = await this.installation();
    return 'libs' in installation ? filesOf(installation) : null;
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

type Properties = Readonly<Record<string, string>>;
type Access = Pick<WorkerSurroundings, 'ca' | 'login'>;
type Running = Pick<GroupPlan, 'program' | 'user' | 'properties'>;

/** What workers must be able to read where it is. */
function filesOf({ java, libs, isLinked }: Installation): string[] {
  return isLinked ? [java] : [java, libs];
}
