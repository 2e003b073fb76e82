import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { RefusedStart } from '../base/refused.ts';
import type { World } from '../base/world.ts';
import { sharesKey } from '../security/certificates/pem.ts';
import { InstallationCertificates } from './access/certificates.ts';
import { ClientAuthorities } from './access/client-authorities.ts';
import { type ClusterAccess, type Connect, connectByKafka } from './access/cluster-access.ts';
import { GivenCertificates, type GivenFiles } from './access/given-certificates.ts';
import { IamDirectories } from './access/iam-directories.ts';
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
import { createCluster } from './state/create-cluster.ts';
import type { ClusterOperation } from './state/operation.ts';
import { Store } from './state/store.ts';
import { ClusterPorts } from './steps/cluster-ports.ts';
import { OperationRunner } from './steps/operation-runner.ts';
import { portHolder } from './steps/port-holder.ts';
import { QueueRunner } from './steps/queue-runner.ts';
import { Reconciler } from './steps/reconciler.ts';
import type { OperationActivity } from './steps/tasks/step-run.ts';

/**
 * The control plane, put together: store, reconciler and API. It holds the lock of its data folder from
 * before the first byte is read until after the last is written.
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
  readonly #iamDirectories: IamDirectories;
  readonly #health: Health;
  readonly #operations: OperationRunner;
  readonly #lock: FolderLock;
  readonly #ports: ClusterPorts;
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
    this.#iamDirectories = new IamDirectories(world, options, { store, sealed, engine });
    engine.useDirectories((cluster) => this.#iamDirectories.of(cluster));
    this.engine = engine;
    this.#connect = connect;
    this.#lock = lock;
    this.#ports = new ClusterPorts(store, options);
    this.#scramUsers = new ScramUsers(world, store, sealed, connect);
    this.#expiry = new Expiry(world, { sealed, store, engine, certificates: this.certificates });
    this.disk = new DiskWatch(world, options.dataDirectory);
    this.events = EventLog.open(options.dataDirectory, world.log);
    new EventRecorder(this.events, store, engine, this.disk, options.dataDirectory);
    this.#health = new Health(world, store);
    this.#operations = new OperationRunner(world, store, engine, this.#health, connect);
    this.#reconciler = new Reconciler(world, {
      store,
      engine,
      health: this.#health,
      operations: this.#operations,
      movePorts: (cluster) => this.#ports.moveOffTaken(cluster),
    });
    this.queue = new QueueRunner(world, store, (change, version) => beginQueued(this, change, version));
    this.#server = apiServer(this, world.log);
  }

  /** Rejects with RefusedStart or StoreError, each before anything is started. */
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
      throw new RefusedStart(
        'DATA_FOLDER',
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
        await control.#ports.shiftAll();
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
        control.#iamDirectories.start();
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
    return this.#ports.forNewCluster(wish, (passedOver) => {
      const uuid = newUuid();
      return this.store.execute((clusters) =>
        createCluster(clusters, {
          ...wish,
          uuid,
          arn: clusterArn(this.options, wish.name, uuid),
          clusterId: kafkaUuid(uuid),
          region: this.options.region,
          now: Date.now(),
          ...passedOver,
        }),
      );
    });
  }

  updateBrokerCount(wish: NewBrokerCount): Promise<ClusterOperation | ApiError> {
    return this.#ports.forBrokerCount(wish);
  }

  async movePorts(clusterArn: string, first: number | undefined): Promise<Cluster | ApiError> {
    const moved = await this.#ports.move(clusterArn, first);
    if (!isApiError(moved)) this.#reconciler.startAgain(clusterArn);
    return moved;
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
    this.#iamDirectories.stop();
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

  /** Three roots are never taken for one another. Throws RefusedStart. */
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
        throw new RefusedStart(
          'CERTIFICATES',
          `The CA in ${file} vouches for ${vouchesFor}: brokers need a CA that does not.`,
        );
  }

  async #listen(): Promise<void> {
    const { host, port } = this.options;
    try {
      await this.#server.listen({ host, port });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
        throw new RefusedStart(
          'PORT',
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
