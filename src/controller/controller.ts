import type { Uuid } from '../base/brand.ts';
import { sleep } from '../base/clock.ts';
import { DeferredSet } from '../base/deferred-set.ts';
import { DiskError } from '../base/disk.ts';
import { crashOnProgrammerError, supervise } from '../base/programmer-error.ts';
import { randomUuid } from '../base/random.ts';
import type { World } from '../base/world.ts';
import { ConfigsImage } from '../metadata/configs.ts';
import { type ClusterImage, emptyImage } from '../metadata/image.ts';
import { kafkaRelease } from '../metadata/kafka-releases.ts';
import { MetadataLoader } from '../metadata/loader.ts';
import { type EncodableMetadataRecord, encodeMetadataRecord } from '../metadata/records.ts';
import { claimDirectory } from '../raft/claim-directory.ts';
import { RaftLeader } from '../raft/leader.ts';
import type { PeerAccess } from '../security/peers/peer-secret.ts';
import type { PeerTlsFiles } from '../security/peers/peer-tls.ts';
import { securityProtocol, securityProtocolCodes } from '../security/protocol.ts';
import { type Authorizer, allowAll } from '../server/authorizer.ts';
import { AuthorizerByPrincipal } from '../server/iam/authorizer-by-principal.ts';
import { PolicyAuthorizer } from '../server/iam/policy-authorizer.ts';
import { KafkaServer } from '../server/kafka-server.ts';
import { NewestConnections } from '../server/newest-connections.ts';
import { authorizerOf } from './authorizer-of.ts';
import { ConfigRules } from './config-rules.ts';
import { type ControllerContext, NOT_CONTROLLER } from './context.ts';
import { controllerConfig } from './controller-config.ts';
import { controllerListener, LISTENER } from './controller-listener.ts';
import { registerController } from './controllers-control.ts';
import { bootstrapRecords, finalizedFeatures, supportedFeatures } from './features-control.ts';
import { controllerHandlers } from './handlers/handlers.ts';
import type { BrokerLife } from './heartbeats.ts';
import { Leadership } from './leadership.ts';
import { MutationQuotas } from './mutation-quotas.ts';
import type { TopicDefaults } from './topics-control.ts';

/** Between attempts to lead again after the log failed: a full disk may have room again. */
const REOPEN_MS = 200;
/** A disk that refuses for so long does not recover by itself. */
const REOPEN_ATTEMPTS = 50;

export interface ControllerOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly dataDirectory: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The file with the secret that lets in the nodes of its cluster; the brokers have the same. */
  readonly peerSecretFile?: string;
  /** Whom it lets in where there is a secret; by default nodes alone. */
  readonly peerAccess?: PeerAccess;
  /** Certificates, where the nodes of this cluster encrypt what they say to each other. */
  readonly peerTls?: PeerTlsFiles;
  /** Kafka's configs: broker.session.timeout.ms, num.partitions, default.replication.factor and others. */
  readonly config?: Readonly<Record<string, string>>;
  /**
   * The release of Apache Kafka whose features a new cluster gets, of `KAFKA_RELEASES`; by default the
   * newest.
   */
  readonly release?: string;
  /** A larger one is refused; by default only the number of brokers limits it. */
  readonly maxReplicationFactor?: number;
  /** For tests: a snapshot after this many records. */
  readonly snapshotEveryRecords?: number;
}

/**
 * The controller's shell: its listener, and one `Leadership` after the other. When an append fails, the whole
 * state is thrown away and loaded again from the log in a new epoch, so that no change has to be undone.
 */
export class Controller {
  readonly #world: World;
  readonly #options: ControllerOptions;
  readonly #directoryId: Uuid;
  readonly #incarnationId: Uuid;
  readonly #rules: ConfigRules;
  readonly #mutationQuotas: MutationQuotas;
  readonly #authorizer: Authorizer | null;
  /** Brokers bring requests of clients that signed in by IAM, with what decides for them. */
  readonly #policies: PolicyAuthorizer;
  readonly #server: KafkaServer<ControllerContext>;
  readonly #waitingFetches: DeferredSet<'metadata'>;
  readonly #onFatal: (error: Error) => void;
  #active: Leadership | undefined;
  #stopped = false;

  /**
   * Resolves when it leads and serves. Rejects when it cannot listen, or the folder is not its own or not
   * readable.
   * `onFatal`: it cannot lead again, whatever it tries, or our own code is wrong, and its process should end.
   */
  static async start(
    world: World,
    options: ControllerOptions,
    onFatal: (error: Error) => void = () => {},
  ): Promise<Controller> {
    const { directoryId } = await claimDirectory(world, options.dataDirectory, options);
    const controller = new Controller(world, options, directoryId, onFatal);
    try {
      await controller.#server.start();
      await controller.#lead();
    } catch (error) {
      await controller.stop();
      throw error;
    }
    return controller;
  }

  private constructor(
    world: World,
    options: ControllerOptions,
    directoryId: Uuid,
    onFatal: (error: Error) => void,
  ) {
    this.#world = { ...world, log: world.log.child({ controller: options.nodeId }) };
    this.#options = options;
    this.#directoryId = directoryId;
    this.#incarnationId = randomUuid(world.random);
    this.#onFatal = onFatal;
    this.#rules = new ConfigRules({ nodeId: options.nodeId, properties: options.config ?? {} });
    this.#mutationQuotas = new MutationQuotas(world.clock, {
      image: () => this.#active?.state.committed ?? emptyImage,
      burstSeconds: () => {
        const configs = this.#active?.state.committed.configs ?? ConfigsImage.empty;
        return controllerConfig(this.#rules, configs).mutationQuotaSeconds;
      },
    });
    this.#waitingFetches = new DeferredSet(world.clock);
    this.#authorizer = authorizerOf(
      (key) => this.#rules.static(key),
      () => this.image,
    );
    this.#policies = new PolicyAuthorizer(this.#world, () => null);
    this.#server = new KafkaServer<ControllerContext>(this.#world, {
      handlers: controllerHandlers,
      authorizer: new AuthorizerByPrincipal(this.#authorizer ?? allowAll, this.#policies),
      context: this.#context(),
      listeners: [controllerListener(world, options)],
      features: () => this.#features(),
      closed: (connectionId) => this.#active?.watch.connectionClosed(connectionId),
    });
  }

  get port(): number {
    return this.#server.port(LISTENER);
  }

  /** What is committed. Undefined while it does not lead. */
  get image(): ClusterImage | undefined {
    return this.#active?.state.committed;
  }

  /**
   * Fences that life of a broker at once: whoever calls knows that its process is gone. A later life is left
   * alone.
   */
  async brokerDied(life: BrokerLife): Promise<void> {
    await this.#active?.watch.fence(life, 'its process is gone');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const active = this.#active;
    this.#active = undefined;
    active?.end();
    await this.#server.stop();
    this.#policies.stop();
    await active?.leader.close();
    this.#waitingFetches.check('metadata');
  }

  /**
   * The security protocol that it is registered with. Without TLS it is PLAINTEXT, also where nodes sign in:
   * clusters of older releases have it so.
   */
  get #protocol(): number {
    const tls = this.#options.peerTls !== undefined;
    return securityProtocolCodes[securityProtocol({ tls, sasl: tls })];
  }

  get #bootstrap(): readonly EncodableMetadataRecord[] {
    return bootstrapRecords(this.#rules, kafkaRelease(this.#options.release));
  }

  #context(): ControllerContext {
    const controller = this;
    return {
      world: this.#world,
      nodeId: this.#options.nodeId,
      clusterId: this.#options.clusterId,
      rules: this.#rules,
      hasAuthorizer: this.#authorizer !== null,
      waitingFetches: this.#waitingFetches,
      forwarders: new NewestConnections(),
      get leader() {
        return controller.#active?.leader;
      },
      get observers() {
        return controller.#active?.observers;
      },
      get image() {
        return controller.#active?.state.committed;
      },
      get dispatcher() {
        return controller.#server.dispatcher;
      },
      topicDefaults: () => this.#topicDefaults(),
      mutationQuotas: this.#mutationQuotas,
      command: (decide) => this.#active?.command(decide) ?? Promise.resolve(NOT_CONTROLLER),
      change: (decide) => this.#active?.change(decide) ?? Promise.resolve(NOT_CONTROLLER),
    };
  }

  #topicDefaults(): TopicDefaults {
    const { configs } = this.#active?.state.latest ?? {};
    return {
      ...(configs
        ? controllerConfig(this.#rules, configs).topicDefaults
        : { numPartitions: 1, replicationFactor: 1 }),
      maxReplicationFactor: this.#options.maxReplicationFactor,
    };
  }

  #features() {
    const image = this.#active?.state.committed;
    return {
      supported: supportedFeatures.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
        name,
        minVersion: minSupportedVersion,
        maxVersion: maxSupportedVersion,
      })),
      finalized: finalizedFeatures(image),
      finalizedEpoch: image?.provenance.offset ?? -1,
    };
  }

  async #lead(): Promise<void> {
    const { nodeId, clusterId, dataDirectory, host, snapshotEveryRecords } = this.#options;
    const endpoint = { name: LISTENER, host, port: this.port };
    const leader = await RaftLeader.open(this.#world, {
      nodeId,
      clusterId,
      directoryId: this.#directoryId,
      dataDirectory,
      endpoint,
      bootstrap: this.#bootstrap.map((record) => encodeMetadataRecord(record)),
      snapshotEveryRecords,
    });
    if (this.#stopped) return leader.close();
    const loader = new MetadataLoader();
    try {
      leader.replay(loader);
    } catch (error) {
      await leader.close();
      throw error;
    }
    const active = new Leadership(this.#world, {
      leader,
      image: loader.image,
      rules: this.#rules,
      ownHost: host,
    });
    leader.onFailed((error) => this.#lost(active, error));
    leader.onCommitted((highWatermark) => this.#committed(active, highWatermark));
    this.#active = active;
    await this.#activate(active, endpoint);
    // It was stopped, or failed, meanwhile.
    if (this.#active !== active) return;
    active.begin();
    this.#world.log.info('leads the metadata log', { epoch: leader.epoch, offset: leader.endOffset });
  }

  /**
   * A new cluster's feature levels go into the log too, where observers find them; and we tell where we are.
   */
  async #activate(
    active: Leadership,
    endpoint: { readonly host: string; readonly port: number },
  ): Promise<void> {
    const known = active.state.latest;
    const isNew = known.brokers.all().length === 0 && known.controllers.all().length === 0;
    await active.command(({ image }) => {
      const registration = registerController(image, {
        controllerId: this.#options.nodeId,
        incarnationId: this.#incarnationId,
        zkMigrationReady: false,
        listeners: [{ name: LISTENER, ...endpoint, securityProtocol: this.#protocol }],
        features: supportedFeatures,
      });
      return {
        ...registration,
        records: [...(isNew ? this.#bootstrap : []), ...registration.records],
      };
    });
  }

  #committed(active: Leadership, highWatermark: number): void {
    if (this.#active !== active) return;
    active.state.commit(highWatermark);
    this.#waitingFetches.check('metadata');
    active.snapshotIfDue();
  }

  /** Throws the whole state away; a leader of a newer epoch loads what the disk has. */
  #lost(active: Leadership, error: Error): void {
    if (this.#active !== active) return;
    this.#active = undefined;
    this.#world.log.error('the metadata log failed', { error });
    active.end();
    this.#waitingFetches.check('metadata');
    supervise(this.#world, this.#leadAgain(active.leader));
  }

  /**
   * Tries until it leads, or is stopped. A disk that is full is waited for; anything else has some attempts.
   */
  async #leadAgain(failed: RaftLeader): Promise<void> {
    await failed.close();
    for (let attempts = 1; !this.#stopped; attempts++) {
      try {
        await this.#lead();
        return;
      } catch (error) {
        if (crashOnProgrammerError(this.#world, error)) return;
        this.#world.log.error('cannot lead the metadata log', { error, attempts });
        if (attempts >= REOPEN_ATTEMPTS && !isFull(error)) {
          this.#onFatal(error instanceof Error ? error : new Error('cannot lead', { cause: error }));
          return;
        }
        await sleep(this.#world.clock, REOPEN_MS);
      }
    }
  }
}

/** Whether a full disk is the error or the cause of one of its causes. */
function isFull(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof DiskError && cause.code === 'ENOSPC') return true;
  return false;
}
