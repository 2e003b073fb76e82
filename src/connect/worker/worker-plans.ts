import { dirname, isAbsolute } from 'node:path';
import { isApiError } from '../../control/aws/api-error.ts';
import type { Control, ControlOptions } from '../../control/control.ts';
import { bootstrapStrings } from '../../control/endpoints/bootstrap.ts';
import type { Cluster } from '../../control/state/cluster.ts';
import { isBuiltIn } from '../plugins/built-in-plugin.ts';
import type { PluginFolder } from '../plugins/plugin-folder.ts';
import type { ComingInstallation } from '../release/kept-release.ts';
import { ReleaseComing } from '../release/release-coming.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';
import { ownAcls } from '../sign-in/own-acls.ts';
import type { OwnDoors } from '../sign-in/own-doors.ts';
import type { WorkerLogins } from '../sign-in/worker-logins.ts';
import type { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import { filesOf, type Installation, type NoInstallation } from './installation.ts';
import { ownNames } from './own-names.ts';
import { LINKED_PLUGINS } from './worker-files.ts';
import type { GroupPlan } from './worker-group.ts';
import { javaProgram, nodeProgram } from './worker-program.ts';
import { builtInProperties, type WorkerSurroundings, workerProperties } from './worker-properties.ts';
import { workerUser } from './worker-user.ts';

/** What the plans of workers are made from. */
export interface PlanParts {
  readonly store: ConnectStore;
  readonly plugins: PluginFolder;
  readonly values: SealedValues;
  readonly logins: WorkerLogins;
  readonly doors: OwnDoors;
  readonly certificates: Control['certificates'];
  readonly clusters: Control['store']['clusters'];
  readonly advertised: ControlOptions['advertised'];
  /** Node with this program and the word by which it becomes a worker of built-in connectors. */
  readonly builtInWorker: readonly [string, ...string[]];
  installation(): Promise<Installation | ComingInstallation | NoInstallation>;
}

type Properties = Readonly<Record<string, string>>;
type Access = Pick<WorkerSurroundings, 'ca' | 'login'>;
type Running = Pick<GroupPlan, 'program' | 'user' | 'properties'>;

/** What the workers of each connector run: which program, as which user, with which configuration. */
export class WorkerPlans {
  readonly #parts: PlanParts;
  /** Whose rights the workers of each connector have, by its ARN. */
  readonly #users = new Map<string, number | null>();

  constructor(parts: PlanParts) {
    this.#parts = parts;
  }

  /** The connector is there no more. */
  forget(connectorArn: string): void {
    this.#users.delete(connectorArn);
    this.#parts.doors.forget(connectorArn);
  }

  /** Whose rights the connector's workers have, as a sentence. */
  async rights(connector: Connector): Promise<string> {
    const programs = isBuiltIn(connector) ? this.#builtInFiles() : await this.#javaFiles();
    // It is asked for connectors that are being deleted, too: only the plans, which end with one, remember.
    const found = () => (programs === null ? null : workerUser(connector.uuid, programs));
    const user = this.#users.has(connector.arn) ? (this.#users.get(connector.arn) ?? null) : found();
    const who = isBuiltIn(connector) ? 'The connector' : 'A plugin';
    return user === null ? `${who} runs with your rights.` : `${who} runs as the user ${user}.`;
  }

  /**
   * The plan, once the connector's topics and group in the cluster are closed to others. Rejects where its
   * workers cannot be started: ReleaseComing while Kafka Connect is fetched.
   */
  async of(connector: Connector): Promise<GroupPlan> {
    const workers = connector.workerConfiguration;
    const configuration = workers && this.#parts.store.state.workerConfigurations.get(workers.arn);
    if (configuration && isApiError(configuration)) throw new Error(configuration.message);
    const own = configuration?.properties ?? {};
    const cluster = this.#cluster(connector);
    const login = this.#parts.logins.of(connector, cluster);
    const ca = connector.encryption === 'TLS' && cluster ? this.#parts.certificates.ca : null;
    const running = isBuiltIn(connector)
      ? this.#builtIn(connector, own, { ca, login: login.properties })
      : await this.#java(connector, own, { ca, login: login.properties });
    if (cluster)
      await this.#parts.doors.close(connector, cluster, ownAcls(ownNames(connector, own), login.principal));
    return { connector, ...running, values: { ...this.#parts.values.of(connector.uuid), ...login.values } };
  }

  #builtIn(connector: Connector, own: Properties, access: Access): Running {
    return {
      program: nodeProgram(this.#parts.builtInWorker),
      user: this.#userOf(connector, this.#builtInFiles()),
      properties: builtInProperties(connector, own, access),
    };
  }

  async #java(connector: Connector, own: Properties, access: Access): Promise<Running> {
    const installation = await this.#parts.installation();
    if ('missing' in installation) throw new Error(installation.missing);
    if ('coming' in installation) throw new ReleaseComing(installation.coming);
    const plugin = this.#parts.store.state.plugins.get(connector.plugin.arn);
    if (isApiError(plugin)) throw new Error(plugin.message);
    const pluginPath = this.#parts.plugins.path(plugin.uuid);
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
      this.#parts.advertised
        .flatMap(({ name }) => Object.values(bootstrapStrings(cluster, this.#parts.advertised, name)))
        .some((servers) => servers.split(',').some((server) => asked.has(server)));
    return this.#parts.clusters.all().find(isAsked) ?? null;
  }

  /** Found out once: looking at every jar costs more than a poll may. */
  #userOf({ arn, uuid }: Connector, programs: readonly string[]): number | null {
    const known = this.#users.get(arn);
    if (known !== undefined) return known;
    const user = workerUser(uuid, programs);
    this.#users.set(arn, user);
    return user;
  }

  /** Node, and the folder with what it runs. */
  #builtInFiles(): string[] {
    const [node, ...args] = this.#parts.builtInWorker;
    const main = args.find((arg) => isAbsolute(arg));
    return main === undefined ? [node] : [node, dirname(main)];
  }

  async #javaFiles(): Promise<string[] | null> {
    const installation = await this.#parts.installation();
    return 'libs' in installation ? filesOf(installation) : null;
  }
}
