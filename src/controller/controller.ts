import type { Uuid } from '../base/brand.ts';
import { sleep, type Timer } from '../base/clock.ts';
import { DeferredSet } from '../base/deferred-set.ts';
import { DiskError } from '../base/disk.ts';
import { crashOnProgrammerError, supervise } from '../base/programmer-error.ts';
import { randomUuid } from '../base/random.ts';
import type { World } from '../base/world.ts';
import { controllerConfigs } from '../metadata/configs/broker/controller-configs.ts';
import { quotasAndMetricsConfigs } from '../metadata/configs/broker/quotas-and-metrics-configs.ts';
import { replicationConfigs } from '../metadata/configs/broker/replication-configs.ts';
import { topicsConfigs } from '../metadata/configs/broker/topics-configs.ts';
import { ConfigsImage } from '../metadata/configs.ts';
import { type ClusterImage, emptyImage } from '../metadata/image.ts';
import { kafkaRelease } from '../metadata/kafka-releases.ts';
import { MetadataLoader } from '../metadata/loader.ts';
import { type EncodableMetadataRecord, encodeMetadataRecord } from '../metadata/records.ts';
import { snapshotRecords } from '../metadata/snapshot.ts';
import { claimDirectory } from '../raft/claim-directory.ts';
import { RaftLeader } from '../raft/leader.ts';
import { Observers } from '../raft/observers.ts';
import { peerOf } from '../security/peers/peer-identity.ts';
import type { PeerAccess } from '../security/peers/peer-secret.ts';
import { readPeerSecret } from '../security/peers/peer-secret-file.ts';
import { type PeerTlsFiles, peerListenerTls } from '../security/peers/peer-tls.ts';
import { securityProtocol, securityProtocolCodes } from '../security/protocol.ts';
import { type Authorizer, allowAll } from '../server/authorizer.ts';
import { KafkaServer } from '../server/kafka-server.ts';
import { peerSasl } from '../server/sasl/peer-sasl.ts';
import { tlsSource } from '../server/tls-files.ts';
import { authorizerOf } from './authorizer-of.ts';
import { BrokerWatch } from './broker-watch.ts';
import { fenceBroker } from './brokers-control.ts';
import type { ClusterState } from './cluster-state.ts';
import { ConfigRules } from './config-rules.ts';
import { type CommandContext, type ControllerContext, NOT_CONTROLLER } from './context.ts';
import { ControllerState } from './controller-state.ts';
import { registerController } from './controllers-control.ts';
import type { Decision } from './decision.ts';
import { balanceLeaders, electUncleanLeaders } from './elections-control.ts';
import { bootstrapRecords, finalizedFeatures, supportedFeatures } from './features-control.ts';
import { controllerHandlers } from './handlers/handlers.ts';
import { type BrokerLife, Heartbeats } from './heartbeats.ts';
import { MutationQuotas } from './mutation-quotas.ts';
import type { TopicDefaults } from './topics-control.ts';

/** The name of the controller's listener, as brokers and the quorum's records have it. */
const LISTENER = 'CONTROLLER';
/** How long an answer waits for brokers to learn of what it tells: they take milliseconds, unless one stands still. */
const KNOWN_MS = 1_000;
/** Between attempts to lead again after the log failed: a full disk may have room again. */
const REOPEN_MS = 200;
/** A disk that refuses for so long does not recover by itself. */
const REOPEN_ATTEMPTS = 50;
/** leader.imbalance.check.interval.seconds has no shorter unit. */
const SECOND_MS = 1000;

export interface ControllerOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly dataDirectory: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** As of the brokers of its cluster: the file with the secret that lets them in. */
  readonly peerSecretFile?: string;
  /** Whom it lets in where there is a secret; by default nodes alone. */
  readonly peerAccess?: PeerAccess;
  /** Where the nodes of this cluster encrypt what they say to each other. */
  readonly peerTls?: PeerTlsFiles;
  /** Kafka's configs: broker.session.timeout.ms, num.partitions, default.replication.factor and others. */
  readonly config?: Readonly<Record<string, string>>;
  /** The release of Apache Kafka whose features a new cluster gets, of `KAFKA_RELEASES`; by default the newest. */
  readonly release?: string;
  /** A larger one is refused; by default only the number of brokers limits it. */
  readonly maxReplicationFactor?: number;
  /** For tests: a snapshot after this many records. */
  readonly snapshotEveryRecords?: number;
}

/**
 * The controller's shell. A command decides on the latest state; its records are appended as one batch and replayed
 * at once; its answer leaves when they are committed. When an append fails, the whole state is thrown away and loaded
 * again from the log in a new epoch: there is no way back for a record but none is needed.
 */
export class Controller {
  readonly #world: World;
  readonly #options: ControllerOptions;
  readonly #directoryId: Uuid;
  readonly #incarnationId: Uuid;
  readonly #rules: ConfigRules;
  readonly #mutationQuotas: MutationQuotas;
  readonly #authorizer: Authorizer | null;
  readonly #server: KafkaServer<ControllerContext>;
  readonly #waitingFetches: DeferredSet<'metadata'>;
  readonly #onFatal: (error: Error) => void;
  #active: Active | undefined;
  #timers: Timer[] = [];
  #stopped = false;

  /**
   * Resolves when it leads and serves. Rejects when it cannot listen, or the folder is not its own or not readable.
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
        const windows = this.#rules.own(quotasAndMetricsConfigs.controllerQuotaWindowNum, configs);
        return windows * this.#rules.own(quotasAndMetricsConfigs.controllerQuotaWindowSizeSeconds, configs);
      },
    });
    this.#waitingFetches = new DeferredSet(world.clock);
    const { host, port, peerTls, peerAccess } = options;
    this.#authorizer = authorizerOf(
      (key) => this.#rules.static(key),
      () => this.image,
    );
    this.#server = new KafkaServer<ControllerContext>(this.#world, {
      handlers: controllerHandlers,
      authorizer: this.#authorizer ?? allowAll,
      context: this.#context(),
      listeners: [
        {
          name: LISTENER,
          purpose: 'controller',
          host,
          port,
          ...(options.peerSecretFile === undefined
            ? {}
            : { sasl: peerSasl(readPeerSecret(world.disk, options.peerSecretFile), peerAccess) }),
          ...(peerTls === undefined
            ? {}
            : {
                tls: {
                  source: tlsSource(world, peerListenerTls(peerTls, peerAccess)),
                  peer: (certificate) => peerOf(certificate, peerTls.domain),
                },
              }),
        },
      ],
      features: () => this.#features(),
      closed: (connectionId) => this.#active?.watch.connectionClosed(connectionId),
    });
  }

  get port(): number {
    return this.#server.port(LISTENER);
  }

  /** What is committed; of the time before, while it does not lead. */
  get image(): ClusterImage | undefined {
    return this.#active?.state.committed;
  }

  /** Fences that life of a broker at once: whoever calls knows that its process is gone. A later life is left alone. */
  async brokerDied(life: BrokerLife): Promise<void> {
    await this.#active?.watch.fence(life, 'its process is gone');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    const active = this.#active;
    this.#active = undefined;
    active?.state.lose();
    await this.#server.stop();
    await active?.leader.close();
    this.#waitingFetches.check('metadata');
  }

  /** As it is registered. Without TLS it is PLAINTEXT, also where nodes sign in: clusters of older releases have it so. */
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
      command: (decide) => this.#command(decide),
      change: (decide) => this.#change(decide),
    };
  }

  async #change<Answer>(
    decide: (state: ClusterState, context: CommandContext) => Decision<Answer>,
  ): Promise<Answer | typeof NOT_CONTROLLER> {
    const answer = await this.#command(decide);
    await this.#whenKnown();
    return answer;
  }

  /** Resolves when every live broker has fetched what is committed now, or after KNOWN_MS. */
  async #whenKnown(): Promise<void> {
    const active = this.#active;
    if (!active) return;
    const { brokers, provenance } = active.state.committed;
    const alive = brokers.alive().map(({ id }) => id);
    await active.observers.reached(provenance.offset + 1, alive, KNOWN_MS);
  }

  #topicDefaults(): TopicDefaults {
    const { configs } = this.#active?.state.latest ?? {};
    return {
      numPartitions: configs ? this.#rules.own(topicsConfigs.numPartitions, configs) : 1,
      replicationFactor: configs ? this.#rules.own(replicationConfigs.defaultReplicationFactor, configs) : 1,
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
    const state = new ControllerState(loader.image);
    const heartbeats = new Heartbeats(
      this.#world.clock,
      this.#rules.own(controllerConfigs.brokerSessionTimeoutMs, loader.image.configs),
    );
    const active: Active = {
      leader,
      state,
      heartbeats,
      observers: new Observers(this.#world.clock),
      watch: new BrokerWatch(this.#world, {
        heartbeats,
        latest: () => state.latest,
        ownHost: host,
        isActive: () => this.#active === active,
        fence: async (life) => {
          const answer = await this.#command((cluster) => fenceBroker(cluster, life));
          return answer !== NOT_CONTROLLER && answer.fenced;
        },
      }),
    };
    // Nobody was heard of yet, so everybody gets a whole session.
    for (const { id, epoch } of loader.image.brokers.alive()) active.heartbeats.awaited(id, epoch);
    leader.onFailed((error) => this.#lost(active, error));
    leader.onCommitted((highWatermark) => this.#committed(active, highWatermark));
    this.#active = active;
    await this.#activate(active, endpoint);
    // It was stopped, or failed, meanwhile.
    if (this.#active !== active) return;
    const { watch } = active;
    watch.begin();
    this.#repeat(active, watch.checkMs, () => watch.checkSessions());
    this.#watchLeaders(active);
    this.#world.log.info('leads the metadata log', { epoch: leader.epoch, offset: leader.endOffset });
  }

  /** A new cluster's feature levels go into the log too, where observers find them; and we tell where we are. */
  async #activate(active: Active, endpoint: { readonly host: string; readonly port: number }): Promise<void> {
    const known = active.state.latest;
    const isNew = known.brokers.all().length === 0 && known.controllers.all().length === 0;
    await this.#command(({ image }) => {
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

  #command<Answer>(
    decide: (state: ClusterState, context: CommandContext) => Decision<Answer>,
  ): Promise<Answer | typeof NOT_CONTROLLER> {
    const active = this.#active;
    if (!active) return Promise.resolve(NOT_CONTROLLER);
    const { leader, state, heartbeats } = active;
    const decision = decide(
      { image: state.latest, rules: this.#rules },
      { nextOffset: leader.endOffset, heartbeats },
    );
    if (decision.records.length > 0 && !this.#append(active, decision))
      return Promise.resolve(NOT_CONTROLLER);
    // Without records too: the answer may tell of what is not committed yet.
    return new Promise((resolve) => {
      state.whenCommitted({
        committed: () => resolve(decision.answer),
        lost: () => resolve(NOT_CONTROLLER),
      });
    });
  }

  /** False when the append failed; this controller then leads no more. */
  #append({ leader, state }: Active, { records }: Decision<unknown>): boolean {
    const values = records.map((record) => encodeMetadataRecord(record));
    if (leader.failure) return false;
    try {
      const endOffset = leader.append(values);
      state.replay(records, { endOffset, epoch: leader.epoch, timestamp: this.#world.clock.now() });
      // Who allows unclean elections wants the partitions back that have no leader now.
      if (records.some(isUncleanElectionConfig))
        this.#world.clock.soon(() => this.#inBackground(this.#electUncleanLeaders()));
      return true;
    } catch (error) {
      if (error !== leader.failure) throw error;
      return false;
    }
  }

  #committed(active: Active, highWatermark: number): void {
    if (this.#active !== active) return;
    active.state.commit(highWatermark);
    this.#waitingFetches.check('metadata');
    const { leader } = active;
    const { provenance } = active.state.committed;
    if (!leader.snapshotIsDue || provenance.offset < 0) return;
    const snapshot = leader.snapshot({
      endOffset: provenance.offset + 1,
      epoch: provenance.epoch,
      timestamp: provenance.timestamp,
      values: encoded(active.state.committed),
    });
    this.#inBackground(snapshot);
  }

  /** All of it goes; what the disk has is loaded again, by a leader of a newer epoch. */
  #lost(active: Active, error: Error): void {
    if (this.#active !== active) return;
    this.#active = undefined;
    this.#world.log.error('the metadata log failed', { error });
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    active.state.lose();
    this.#waitingFetches.check('metadata');
    this.#inBackground(this.#leadAgain(active.leader));
  }

  /** Until it leads, or is stopped. A disk that is full is waited for; anything else has some attempts. */
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

  #inBackground(work: Promise<unknown>): void {
    supervise(this.#world, work);
  }

  #watchLeaders(active: Active): void {
    const { configs } = active.state.latest;
    const seconds = this.#rules.own(replicationConfigs.leaderImbalanceCheckIntervalSeconds, configs);
    this.#repeat(active, seconds * SECOND_MS, () => {
      if (this.#rules.own(replicationConfigs.autoLeaderRebalanceEnable, active.state.latest.configs))
        this.#inBackground(this.#command((state) => balanceLeaders(state)));
    });
    // Again and again for what one round left, and for a controller that died between the two.
    this.#repeat(active, this.#rules.own(replicationConfigs.uncleanLeaderElectionIntervalMs, configs), () => {
      this.#inBackground(this.#electUncleanLeaders());
    });
  }

  async #electUncleanLeaders(): Promise<void> {
    const elected = await this.#command((state) => electUncleanLeaders(state));
    if (elected !== NOT_CONTROLLER && elected > 0)
      this.#world.log.warn('elected leaders that were not in sync', { partitions: elected });
  }

  #repeat(active: Active, everyMs: number, run: () => void): void {
    const timer = this.#world.clock.after(everyMs, () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
      if (this.#active !== active || this.#stopped) return;
      run();
      this.#repeat(active, everyMs, run);
    });
    this.#timers.push(timer);
  }
}

interface Active {
  readonly leader: RaftLeader;
  readonly state: ControllerState;
  readonly heartbeats: Heartbeats;
  readonly observers: Observers;
  readonly watch: BrokerWatch;
}

function isUncleanElectionConfig(record: EncodableMetadataRecord): boolean {
  return record.type === 'ConfigRecord' && record.name === 'unclean.leader.election.enable';
}

/** ENOSPC, however deep. */
function isFull(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof DiskError && cause.code === 'ENOSPC') return true;
  return false;
}

function* encoded(image: ClusterImage): IterableIterator<Buffer> {
  for (const record of snapshotRecords(image)) yield encodeMetadataRecord(record);
}
