import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { World } from '../base/world.ts';
import { sharesKey } from '../security/certificates/pem.ts';
import { InstallationCertificates } from './access/certificates.ts';
import { ClientAuthorities } from './access/client-authorities.ts';
import { type ClusterAccess, type Connect, connectByKafka } from './access/cluster-access.ts';
import { GivenCertificates, type GivenFiles, GivenFilesError } from './access/given-certificates.ts';
import { ScramUsers } from './access/scram-users.ts';
import type { ServerCertificates } from './access/server-certificates.ts';
import { tlsName } from './access/tls-names.ts';
import { beginQueued } from './api/queued-request.ts';
import { apiServer } from './api/server.ts';
import { type ApiError, isApiError } from './aws/api-error.ts';
import { clusterArn } from './aws/arn.ts';
import { BROKER_ID } from './broker-host.ts';
import type { Control, ControlOptions, NewBrokerCount, NewCluster, Service } from './control.ts';
import { hostInAddress } from './endpoints/endpoint.ts';
import type { Engine } from './engine.ts';
import { EventLog } from './events/event-log.ts';
import { EventRecorder } from './events/event-recorder.ts';
import { FolderLock } from './folder-lock.ts';
import { DiskWatch } from './health/disk-watch.ts';
import { Health } from './health/health.ts';
import { Expiry } from './sealed/expiry.ts';
import { SealedStore } from './sealed/sealed-store.ts';
import type { Cluster } from './state/cluster.ts';
import type { ClusterOperation } from './state/operation.ts';
import { lastPortBase, type PassedOver } from './state/ports.ts';
import { Store } from './state/store.ts';
import { updateBrokerCount } from './state/updates.ts';
import { OperationRunner } from './steps/operation-runner.ts';
import { portHolder } from './steps/port-holder.ts';
import { busyPort } from './steps/port-probe.ts';
import { PortSearch, type PortsInUse } from './steps/port-search.ts';
import { QueueRunner } from './steps/queue-runner.ts';
import { Reconciler } from './steps/reconcile.ts';
import type { OperationActivity } from './steps/tasks/step-run.ts';

/** Another process works in the data folder. */
export class DataFolderInUseError extends Error {}
/** The data folder cannot be worked with; the message says why and what to do. */
export class DataFolderError extends Error {}
/** The API's port is taken. */
export class PortInUseError extends Error {}

/**
 * The control plane, put together: store, reconciler and API. It holds the lock of its data folder from before the first byte is
 * read until after the last is written.
 */
export class ControlPlane implements Control {
  readonly options: ControlOptions;
  readonly store: Store;
  readonly sealed: SealedStore;
  readonly certificates: ServerCertificates;
  readonly clientAuthorities: ClientAuthorities;
  readonly engine: Engine;
  readonly disk: DiskWatch;
  readonly queue: QueueRunner;
  readonly events: EventLog;
  readonly #connect: Connect;
  readonly #expiry: Expiry;
  readonly #scramUsers: ScramUsers;
  readonly #health: Health;
  readonly #operations: OperationRunner;
  readonly #lock: FolderLock;
  readonly #ports: PortSearch;
  readonly #reconciler: Reconciler;
  readonly #server: FastifyInstance;
  #services: readonly Service[] = [];
  #stopWatching = (): void => {};

  private constructor(
    world: World,
    options: ControlOptions,
    engine: Engine,
    connect: Connect,
    lock: FolderLock,
    store: Store,
    sealed: SealedStore,
    given: GivenCertificates | null,
  ) {
    this.options = options;
    this.store = store;
    this.sealed = sealed;
    const names = options.advertised.map(({ name }) => name);
    this.certificates = given ?? new InstallationCertificates(world, sealed, names);
    this.clientAuthorities = new ClientAuthorities(world, sealed, options);
    engine.useCertificates(this.certificates, (arns) => this.clientAuthorities.roots(arns));
    this.engine = engine;
    this.#connect = connect;
    this.#lock = lock;
    this.#ports = new PortSearch((base) => this.#busyPort(base));
    this.#scramUsers = new ScramUsers(world, store, sealed, connect);
    this.#expiry = new Expiry(world, { sealed, store, engine, certificates: this.certificates });
    this.disk = new DiskWatch(world, options.dataDirectory);
    this.events = EventLog.open(options.dataDirectory, world.log);
    new EventRecorder(this.events, store, engine, this.disk, options.dataDirectory);
    this.#health = new Health(world, store);
    this.#operations = new OperationRunner(world, store, engine, this.#health, connect);
    this.#reconciler = new Reconciler(world, store, engine, this.#health, this.#operations, (cluster) =>
      this.#moveOffTakenPorts(cluster),
    );
    this.queue = new QueueRunner(world, store, (change, version) => beginQueued(this, change, version));
    this.#server = apiServer(this, world.log);
  }

  /** Throws DataFolderInUseError, NewerStoreError, StoreError and PortInUseError, each before anything is started. */
  static async start(
    world: World,
    options: ControlOptions,
    engine: Engine,
    connect: Connect = connectByKafka(world, options.advertised[0].host),
    services: (control: ControlPlane) => readonly Service[] = () => [],
  ): Promise<ControlPlane> {
    mkdirSync(options.dataDirectory, { recursive: true, mode: 0o700 });
    const lock = FolderLock.acquire(options.dataDirectory);
    if (!lock)
      throw new DataFolderInUseError(
        `The data folder ${options.dataDirectory} is in use by another Millrace: stop that one, or choose another folder with --data.`,
      );
    try {
      const sealed = SealedStore.open(options.dataDirectory, options.secretsKey);
      const given = options.tlsFiles
        ? await givenCertificates(world, options.tlsFiles, options.advertised)
        : null;
      const store = Store.open(options.dataDirectory);
      const control = new ControlPlane(world, options, engine, connect, lock, store, sealed, given);
      try {
        if (options.tlsFiles?.kind === 'authority') control.#refuseOtherRoots(options.tlsFiles);
        control.#health.forgetReasons();
        await control.#shiftPorts();
        control.#services = services(control);
        for (const service of control.#services) service.addRoutes(control.#server);
        control.#expiry.start();
        control.#stopWatching = control.certificates.watch(() => control.renewCertificates());
        control.disk.start();
        await control.#listen();
        control.events.add({
          kind: 'SERVER_STARTED',
          cluster: null,
          message: `Millrace ${options.version ?? ''} started (process ${process.pid}).`.replace('  ', ' '),
        });
        await control.#reconciler.start();
        control.#scramUsers.start();
        control.queue.start();
        await Promise.all(control.#services.map((service) => service.start()));
      } catch (error) {
        await Promise.all(control.#services.map((service) => service.stop()));
        control.#expiry.stop();
        control.#stopWatching();
        control.disk.stop();
        control.store.close();
        throw error;
      }
      return control;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** `http://host:port`: by the first advertised name when it listens on every address. */
  get url(): string {
    const address = this.#server.server.address();
    const port = typeof address === 'object' && address ? address.port : this.options.port;
    const { host: bound, advertised } = this.options;
    const [{ name }] = advertised;
    const named = name.includes(BROKER_ID) ? 'localhost' : name;
    const host = ['0.0.0.0', '::'].includes(bound) ? named : bound;
    return `http://${hostInAddress(host)}:${port}`;
  }

  createCluster(wish: NewCluster): Promise<Cluster | ApiError> {
    const count = wish.spec.numberOfBrokerNodes;
    return this.#ports.find(
      (inUse) => this.store.clusters.planPorts({ ...wish, count, ...this.#passedOver(inUse) }),
      (inUse) => this.#create(wish, inUse),
    );
  }

  async updateBrokerCount(wish: NewBrokerCount): Promise<ClusterOperation | ApiError> {
    const found = this.store.clusters.get(wish.clusterArn);
    if (isApiError(found)) return found;
    const count = Math.max(0, wish.target - found.brokers.length);
    const firstPortBase = found.brokers[0]?.portBase;
    return this.#ports.find(
      (inUse) => this.store.clusters.planPorts({ count, firstPortBase, ...this.#passedOver(inUse) }),
      (inUse) =>
        this.store.execute((clusters) =>
          updateBrokerCount(clusters, {
            ...wish,
            ...this.#passedOver(inUse),
            now: Date.now(),
          }),
        ),
    );
  }

  async movePorts(clusterArn: string, first: number | undefined): Promise<Cluster | ApiError> {
    const cluster = this.store.clusters.get(clusterArn);
    if (isApiError(cluster)) return cluster;
    const wish = { count: cluster.brokers.length, firstPortBase: first, exactPorts: first !== undefined };
    const plan = (inUse: PortsInUse) =>
      this.store.clusters.planPorts({ ...wish, ...this.#passedOver(inUse) });
    return this.#ports.find(plan, (inUse) => {
      const [blocked] = inUse.busy.values();
      if (first !== undefined && blocked !== undefined) return this.#inUse(blocked, 'firstPort');
      const moved = this.store.execute((clusters) =>
        clusters.giveOtherPorts(clusterArn, { first, ...this.#passedOver(inUse) }),
      );
      if (!isApiError(moved)) this.#reconciler.startAgain(clusterArn);
      return moved;
    });
  }

  renewCertificates(): void {
    this.#expiry.renewCertificates();
  }

  connect(cluster: Cluster): ClusterAccess {
    return this.#connect(cluster);
  }

  async serviceMetrics(): Promise<string> {
    const texts = await Promise.all(this.#services.map((service) => service.metrics?.() ?? ''));
    return texts.join('');
  }

  activity(operation: string): OperationActivity | null {
    return this.#operations.activity(operation);
  }

  /** Every cluster is where the store wants it, or an attempt failed and the next one waits. */
  settled(): Promise<void> {
    return this.#reconciler.settled();
  }

  /** As soon as clients can work: what takes longer is no reason to wait. */
  serving(): Promise<void> {
    return this.#reconciler.serving();
  }

  /** Stops the API, then every process of every cluster. */
  async stop(): Promise<void> {
    await this.#server.close();
    await Promise.all(this.#services.map((service) => service.stop()));
    await this.#scramUsers.stop();
    await this.queue.stop();
    await this.#reconciler.stop();
    this.#health.stop();
    this.#expiry.stop();
    this.#stopWatching();
    this.disk.stop();
    this.events.add({ kind: 'SERVER_STOPPED', cluster: null, message: 'Millrace stopped.' });
    this.store.close();
    this.#lock.release();
  }

  #create(wish: NewCluster, inUse: PortsInUse): Cluster | ApiError {
    const [blocked] = inUse.busy.values();
    if (wish.exactPorts && blocked !== undefined) return this.#inUse(blocked, 'firstPortBase');
    const uuid = newUuid();
    return this.store.execute((clusters) =>
      clusters.create({
        ...wish,
        uuid,
        arn: clusterArn(this.options, wish.name, uuid),
        clusterId: kafkaUuid(uuid),
        region: this.options.region,
        now: Date.now(),
        ...this.#passedOver(inUse),
      }),
    );
  }

  #inUse(port: number, invalidParameter: string): ApiError {
    return {
      error: 'ConflictException',
      message: `Port ${port} on ${this.options.host} is in use by ${portHolder(port)}`,
      invalidParameter,
    };
  }

  /** Before anything is started: a data folder that was copied runs beside the original, on ports of its own. */
  async #shiftPorts(): Promise<void> {
    const { cluster = '', first = 0 } = this.options.ports ?? {};
    const by = first - (this.store.clusters.byName(cluster)?.brokers[0]?.portBase ?? first);
    if (by === 0) return this.#checkRoom();
    const bases = this.store.clusters.shiftedPorts(by, this.options.advertised.length);
    if (bases === null)
      throw new PortInUseError(
        `With ${first} as the first port of ${cluster} the ports of all clusters do not fit between 1024 and 65535: choose another one with --kafka-port.`,
      );
    for (const base of bases.moved) {
      // What a cluster leaves to another one of this folder may still be in use by its own processes, which move with it.
      const port = bases.left.some((one) => Math.abs(one - base) < 10) ? null : await this.#busyPort(base);
      if (port !== null)
        throw new PortInUseError(
          `Port ${port} on ${this.options.host} is in use by ${portHolder(port)}: choose another first port for Kafka with --kafka-port.`,
        );
    }
    this.store.execute((clusters) => clusters.shiftPorts(by));
  }

  /** With further advertised hosts the ports of a broker go higher than when it was given them. */
  #checkRoom(): void {
    const { length } = this.options.advertised;
    const bases = this.store.clusters
      .all()
      .flatMap(({ name, brokers }) => brokers.map(({ portBase }) => ({ name, portBase })));
    const high = bases.find(({ portBase }) => portBase > lastPortBase(length));
    if (high)
      throw new PortInUseError(
        `The ports of ${high.name}, from ${high.portBase} on, have no room for ${length} advertised hosts above them: name fewer with --advertise, or move all clusters with --kafka-port.`,
      );
  }

  /** Three roots are never taken for one another. Throws GivenFilesError. */
  #refuseOtherRoots({ certificate: file }: GivenFiles): void {
    const roots = [
      ...this.clientAuthorities
        .all()
        .map(({ name, certificates }) => [`clients (${name})`, certificates] as const),
      ...this.store.clusters
        .all()
        .map((cluster) => [`the nodes of ${cluster.name}`, this.engine.nodeCa(cluster) ?? ''] as const),
    ];
    for (const [vouchesFor, pem] of roots)
      if (sharesKey(this.certificates.ca, pem))
        throw new GivenFilesError(
          `The CA in ${file} vouches for ${vouchesFor}: brokers need a CA that does not.`,
        );
  }

  #moveOffTakenPorts(cluster: Cluster): Promise<boolean> {
    const wish = { count: cluster.brokers.length, moving: cluster.arn };
    return this.#ports.find(
      (inUse) => this.store.clusters.planPorts({ ...wish, ...this.#passedOver(inUse) }),
      (inUse) => this.store.execute((clusters) => clusters.movePorts(cluster.arn, this.#passedOver(inUse))),
    );
  }

  /** Where each broker has an address of its own, their ports are looked for where the API listens. */
  #busyPort(base: number): Promise<number | null> {
    const { host, advertised } = this.options;
    const [{ host: brokerHost }] = advertised;
    return busyPort(brokerHost.includes(BROKER_ID) ? host : brokerHost, advertised, base);
  }

  #passedOver({ busy, reserved }: PortsInUse): PassedOver {
    return { busy: new Set(busy.keys()), reserved, advertisedHosts: this.options.advertised.length };
  }

  async #listen(): Promise<void> {
    const { host, port } = this.options;
    try {
      await this.#server.listen({ host, port });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
        throw new PortInUseError(
          `Port ${port} on ${host} is in use by ${portHolder(port)}: choose another one for the API with --port.`,
          { cause: error },
        );
      throw error;
    }
  }
}

/** With the names that clients look for, as far as they are known before there is a broker. */
function givenCertificates(
  world: World,
  files: GivenFiles,
  advertised: ControlOptions['advertised'],
): Promise<GivenCertificates> {
  const names = advertised.flatMap(({ name }) => tlsName(name, 1) ?? []);
  return GivenCertificates.read(world, files, names);
}

/** Kafka's ids must not begin with '-'; the cluster's id has the same bytes as its uuid. */
function newUuid(): string {
  for (;;) {
    const uuid = randomUUID();
    if (!kafkaUuid(uuid).startsWith('-')) return uuid;
  }
}

function kafkaUuid(uuid: string): string {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url');
}
