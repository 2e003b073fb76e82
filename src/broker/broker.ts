import { randomUuid } from '../base/random.ts';
import type { World } from '../base/world.ts';
import { Peers } from '../client/peers/peers.ts';
import { authorizerOf } from '../controller/authorizer-of.ts';
import { GroupCoordinator } from '../coordinator/group/coordinator.ts';
import { TransactionCoordinator } from '../coordinator/transaction/coordinator.ts';
import { controllerConfigs } from '../metadata/configs/broker/controller-configs.ts';
import { logsConfigs } from '../metadata/configs/broker/logs-configs.ts';
import { networkConfigs } from '../metadata/configs/broker/network-configs.ts';
import { quotasAndMetricsConfigs } from '../metadata/configs/broker/quotas-and-metrics-configs.ts';
import { replicationConfigs } from '../metadata/configs/broker/replication-configs.ts';
import { validateBrokerProperties } from '../metadata/configs/broker-configs.ts';
import { type ClusterImage, emptyImage } from '../metadata/image.ts';
import { CONSUMER_OFFSETS, TRANSACTION_STATE } from '../metadata/internal-topics.ts';
import type { ImagePublisher } from '../metadata/loader.ts';
import { createTopics } from '../protocol/messages/19-create-topics.ts';
import { alterPartition } from '../protocol/messages/56-alter-partition.ts';
import { assignReplicasToDirs } from '../protocol/messages/73-assign-replicas-to-dirs.ts';
import { ReplicaFetchers } from '../replication/fetchers.ts';
import { IsrChanges } from '../replication/isr-changes.ts';
import { ReplicaDirectories } from '../replication/replica-directories.ts';
import { ReplicaManager } from '../replication/replica-manager.ts';
import { ReplicationThrottle } from '../replication/replication-throttle.ts';
import { certificatePrincipal } from '../security/certificates/certificate-principal.ts';
import { readPeerSecret } from '../security/peers/peer-secret-file.ts';
import { PeerNames } from '../security/peers/peer-tls.ts';
import { securityProtocolCodes, usesSasl } from '../security/protocol.ts';
import { allowAll, BROKER_PRINCIPAL_TYPE } from '../server/authorizer.ts';
import { KafkaServer } from '../server/kafka-server.ts';
import { peerSasl } from '../server/peer-sasl.ts';
import { tlsSource } from '../server/tls-files.ts';
import { LogDirectory } from '../storage/log-directory.ts';
import { BrokerLifecycle } from './broker-lifecycle.ts';
import { type BrokerOptions, listenerProblem } from './broker-options.ts';
import { BrokerSettings } from './configs/broker-settings.ts';
import { fetchLimits } from './configs/fetch-limits.ts';
import { groupConfig } from './configs/group-config.ts';
import { logIntervals } from './configs/log-intervals.ts';
import { nodeProperties } from './configs/node-properties.ts';
import { saslOptions } from './configs/sasl-options.ts';
import { connectionLimits, serverLimits } from './configs/server-limits.ts';
import { AllTopicSettings } from './configs/topic-settings.ts';
import { addRetry, transactionConfig } from './configs/transaction-config.ts';
import type { BrokerContext } from './context.ts';
import { CoordinatorElections } from './coordinators/coordinator-elections.ts';
import { FetchSessions } from './fetch-sessions/fetch-sessions.ts';
import { handlers } from './handlers.ts';
import { brokerFeatures, featuresOf } from './metadata-view/features.ts';
import { ImageWaiters } from './metadata-view/image-waiters.ts';
import { MetadataFollower } from './metadata-view/metadata-follower.ts';
import { TopicCreation } from './metadata-view/topic-creation.ts';
import { BrokerConnections } from './peers/broker-connections.ts';
import { ControllerChannel } from './peers/controller-channel.ts';
import { forward } from './peers/forward.ts';
import { BrokerMarkerTransport } from './peers/marker-transport.ts';
import { ProducerIds } from './peers/producer-ids.ts';
import { TransactionPartitions } from './peers/transaction-partitions.ts';
import { writeMarker } from './peers/write-markers.ts';
import { ClientQuotas } from './quotas/client-quotas.ts';

export type { BrokerListener, BrokerOptions } from './broker-options.ts';

/** Controlled shutdown waits this long for the controller to move leaderships away. */
const SHUT_DOWN_TIMEOUT_MS = 5_000;
/** As with Kafka's defaults, 2 s in 9 s. */
const HEARTBEATS_IN_SESSION = 4;

/**
 * One broker: opens its logs, listens, registers with its controller, reads the metadata log up to its own
 * registration, takes its roles, and only then reads what clients have to say.
 */
export class Broker {
  readonly brokerId: number;
  readonly #parts: Parts;
  #stopping: Promise<void> | undefined;

  /**
   * Resolves when it serves clients. `onFatal`: a device failed, the metadata cannot be followed, or our own code is wrong;
   * nothing this broker says can be relied on any more, so its process should end, and start again with recovery. `onEpoch`: the controller knows this life
   * by this epoch from now on.
   */
  static async start(
    world: World,
    options: BrokerOptions,
    onFatal: (error: Error) => void = () => {},
    onEpoch: (epoch: number) => void = () => {},
  ): Promise<Broker> {
    const problem = validateBrokerProperties(options.config) ?? listenerProblem(options.listeners);
    if (problem !== null) throw new Error(`Broker ${options.brokerId} cannot start: ${problem}`);
    const parts = await assemble(world, options, { onFatal, onEpoch });
    try {
      await bringUp(parts);
    } catch (error) {
      await tearDown(parts);
      throw error;
    }
    return new Broker(options.brokerId, parts);
  }

  private constructor(brokerId: number, parts: Parts) {
    this.brokerId = brokerId;
    this.#parts = parts;
  }

  /** The bound port of one of its listeners. */
  port(listenerName: string): number {
    return this.#parts.server.port(listenerName);
  }

  /** What the cluster knows, as far as this broker has read it. */
  get image(): ClusterImage {
    return this.#parts.context.image();
  }

  /** The life that the controller knows it as; -1 before its registration. */
  get epoch(): number {
    return this.#parts.lifecycle.epoch;
  }

  get replicas(): ReplicaManager {
    return this.#parts.context.replicas;
  }

  /** Hands leaderships over, answers what waits, and closes everything so that the next start needs no recovery. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { lifecycle, context } = this.#parts;
    if (context.settings.get(replicationConfigs.controlledShutdownEnable))
      await lifecycle.shutDown(SHUT_DOWN_TIMEOUT_MS);
    await tearDown(this.#parts);
  }
}

interface Parts {
  readonly context: BrokerContext;
  readonly server: KafkaServer<BrokerContext>;
  readonly logs: LogDirectory;
  readonly lifecycle: BrokerLifecycle;
  readonly follower: MetadataFollower;
  readonly channel: ControllerChannel;
  readonly heartbeatChannel: ControllerChannel;
  readonly fetchers: ReplicaFetchers;
  readonly isrChanges: IsrChanges;
  readonly directories: ReplicaDirectories;
  readonly connections: BrokerConnections;
  readonly publisher: ImagePublisher;
}

async function assemble(
  world: World,
  options: BrokerOptions,
  {
    onFatal,
    onEpoch,
  }: { readonly onFatal: (error: Error) => void; readonly onEpoch: (epoch: number) => void },
): Promise<Parts> {
  const { brokerId, clusterId, rack, dataDirectory } = options;
  const applied = { image: emptyImage };
  const image = () => applied.image;
  const properties = { ...options.config, ...nodeProperties(options) };
  const settings = new BrokerSettings({ brokerId, image, properties });
  const topicSettings = new AllTopicSettings(image, settings);
  const lifecycleOf: { current?: BrokerLifecycle } = {};
  const logs = await LogDirectory.open(world, {
    ...(options.openFiles === undefined ? {} : { openFiles: options.openFiles }),
    path: dataDirectory,
    clusterId,
    brokerId,
    configOf: (topic) => topicSettings.of(topic).log,
    intervals: logIntervals(settings),
    cleaner: () => ({
      enabled: settings.get(logsConfigs.logCleanerEnable),
      backoffMs: settings.get(logsConfigs.logCleanerBackoffMs),
      keyBytes: settings.get(logsConfigs.logCleanerDedupeBufferSize),
    }),
    onStorageError: (error) => {
      world.log.error('a log is out of order', { error });
      // A log that cannot even be opened is offline; it must not keep the others from being served.
      const isRunning = lifecycleOf.current !== undefined && lifecycleOf.current.epoch !== -1;
      if (isRunning && (error.fault === 'write' || error.fault === 'sync')) onFatal(error);
    },
  });
  const secret =
    options.peerSecretFile === undefined ? null : readPeerSecret(world.disk, options.peerSecretFile);
  const { peerTls } = options;
  const peers = new Peers(world, secret, peerTls ? new PeerNames(world.disk, peerTls) : null);
  const channel = new ControllerChannel(peers, { ...options.controller, clientId: `broker-${brokerId}` });
  const heartbeatChannel = new ControllerChannel(peers, {
    ...options.controller,
    clientId: `broker-${brokerId}-heartbeats`,
    onLost: () => lifecycle.hurry(),
  });
  const waiters = new ImageWaiters(world, image);
  const brokerEpoch = () => lifecycle.epoch;
  const isrChanges = new IsrChanges(world, {
    send: (request) => channel.send(alterPartition, request),
    broker: () => ({ id: brokerId, epoch: brokerEpoch() }),
  });
  const directories = new ReplicaDirectories(world, {
    send: (request) => channel.send(assignReplicasToDirs, request),
    broker: () => ({ id: brokerId, epoch: brokerEpoch() }),
  });
  const replicationListener = options.listeners.find(({ purpose }) => purpose === 'replication')?.name;
  const replicationAddress = (broker: number) => {
    const endpoints = image().brokers.byId(broker)?.endpoints ?? [];
    return endpoints.find(({ name }) => name === replicationListener) ?? null;
  };
  const fetchers = new ReplicaFetchers(peers, {
    brokerId,
    brokerEpoch,
    address: replicationAddress,
    limits: fetchLimits(settings),
    throttle: new ReplicationThrottle(world.clock, {
      rate: () => settings.get(quotasAndMetricsConfigs.followerReplicationThrottledRate),
      throttled: (topic) => topicSettings.of(topic).throttledAsFollower,
      windows: () => throttleWindows(settings),
    }),
  });
  const replicas = new ReplicaManager(world, {
    brokerId,
    logs,
    isrChanges,
    directories,
    fetchers,
    leaderThrottle: new ReplicationThrottle(world.clock, {
      rate: () => settings.get(quotasAndMetricsConfigs.leaderReplicationThrottledRate),
      throttled: (topic) => topicSettings.of(topic).throttledAsLeader,
      windows: () => throttleWindows(settings),
    }),
    image,
    topicSettings: (topic) => topicSettings.of(topic),
    lagTimeMaxMs: () => settings.get(replicationConfigs.replicaLagTimeMaxMs),
  });
  const groups = new GroupCoordinator(world, {
    guardedClock: logs.guardedClock,
    config: groupConfig(settings, image),
  });
  const producerIds = new ProducerIds(world, channel, () => ({ id: brokerId, epoch: brokerEpoch() }));
  const connections = new BrokerConnections(peers, {
    clientId: `broker-${brokerId}-transactions`,
    address: replicationAddress,
  });
  const markers = new BrokerMarkerTransport({
    brokerId,
    image,
    connections,
    writeHere: (marker, partition) => writeMarker({ world, replicas, groups }, marker, partition),
  });
  const transactions = new TransactionCoordinator(world, {
    nextProducerId: () => producerIds.next(),
    transport: markers,
    guardedClock: logs.guardedClock,
    config: transactionConfig(settings),
  });
  replicas.addRoleListener(new CoordinatorElections(world, CONSUMER_OFFSETS, groups.runtime));
  replicas.addRoleListener(new CoordinatorElections(world, TRANSACTION_STATE, transactions.runtime));
  const topicCreation = new TopicCreation(world, {
    create: async (topics, timeoutMs) => {
      const info = {
        apiVersion: createTopics.versions[1],
        correlationId: 0,
        clientId: `broker-${brokerId}`,
        principal: `${BROKER_PRINCIPAL_TYPE}:${brokerId}`,
        clientHost: '127.0.0.1',
      };
      const answer = await forward(context, createTopics, { topics: [...topics], timeoutMs }, info);
      return new Map(answer.topics.map(({ name, errorCode }) => [name, errorCode]));
    },
    image,
    waiters,
    settings,
  });
  const authorizer = authorizerOf((key) => settings.get(key), image);
  const context: BrokerContext = {
    world,
    brokerId,
    clusterId,
    rack,
    image,
    settings,
    replicas,
    groups,
    transactions,
    transactionPartitions: new TransactionPartitions(world, {
      brokerId,
      image,
      transactions,
      connections,
      isOpen: ({ producerId, producerEpoch }, { topic, partition }) => {
        const entry = replicas.find(topic, partition)?.log.producers.entry(producerId);
        return entry !== undefined && entry.currentTxnFirstOffset >= 0 && entry.epoch === producerEpoch;
      },
      retry: () => addRetry(settings),
    }),
    controller: channel,
    topicCreation,
    producerIds,
    hasAuthorizer: authorizer !== null,
    imageWaiters: waiters,
    quotas: new ClientQuotas(world.clock, { image, settings }),
    fetchSessions: new FetchSessions(world.random, {
      now: () => world.clock.monotonic(),
      slots: settings.get(networkConfigs.maxIncrementalFetchSessionCacheSlots),
      watchers: replicas.watchers,
    }),
  };
  const server = new KafkaServer(world, {
    handlers,
    context,
    authorizer: authorizer ?? allowAll,
    listeners: options.listeners.map(({ tls, mechanisms, ...listener }) => ({
      ...listener,
      ...(usesSasl(listener.security ?? 'PLAINTEXT')
        ? { sasl: saslOptions(settings, image, mechanisms) }
        : {}),
      ...(listener.purpose === 'replication' && secret ? { sasl: peerSasl(secret) } : {}),
      ...(tls ? { tls: { source: tlsSource(world, tls), principal: certificatePrincipal } } : {}),
    })),
    limits: serverLimits(settings),
    connectionLimits: (listenerName) => connectionLimits(settings, image(), listenerName),
    features: () => featuresOf(image()),
  });
  const follower = new MetadataFollower(peers, {
    nodeId: brokerId,
    clusterId,
    dataDirectory,
    directoryId: logs.directoryId,
    controller: options.controller,
    onFatal: (error) => {
      world.log.error('this broker cannot follow the metadata log', { error });
      onFatal(error);
    },
  });
  const lifecycle = new BrokerLifecycle(world, {
    controller: heartbeatChannel,
    metadataOffset: () => follower.offset,
    heartbeatMs: () => heartbeatMs(settings),
    sessionMs: () => sessionMs(settings),
    onEpoch,
    identity: {
      brokerId,
      clusterId,
      incarnationId: randomUuid(world.random),
      rack,
      get endpoints() {
        return options.listeners.map(
          ({ name, host, advertisedHost, advertisedPort, security = 'PLAINTEXT' }) => ({
            name,
            host: advertisedHost ?? host,
            port: advertisedPort ?? server.port(name),
            securityProtocol: securityProtocolCodes[security],
          }),
        );
      },
      features: brokerFeatures,
      logDirs: [logs.directoryId],
      previousBrokerEpoch: logs.previousBrokerEpoch ?? -1,
    },
  });
  lifecycleOf.current = lifecycle;
  const publisher: ImagePublisher = {
    prepare: (_, delta) => replicas.prepare(delta),
    onImage: (next, delta) => {
      applied.image = next;
      replicas.applyDelta(next, delta);
      groups.onImage(next, delta);
      transactions.runtime.onImage(next, delta);
      waiters.onImage(next);
      if (delta.topics && next.brokers.all().some((broker) => broker.inControlledShutdown)) lifecycle.hurry();
    },
  };
  return {
    context,
    server,
    logs,
    lifecycle,
    follower,
    publisher,
    channel,
    heartbeatChannel,
    fetchers,
    isrChanges,
    directories,
    connections,
  };
}

/** A session must outlast some lost heartbeats, also where only its own length was configured. */
function heartbeatMs(settings: BrokerSettings): number {
  const interval = settings.get(controllerConfigs.brokerHeartbeatIntervalMs);
  return Math.min(interval, sessionMs(settings) / HEARTBEATS_IN_SESSION);
}

function sessionMs(settings: BrokerSettings): number {
  return settings.get(controllerConfigs.brokerSessionTimeoutMs);
}

function throttleWindows(settings: BrokerSettings) {
  return {
    count: settings.get(replicationConfigs.replicationQuotaWindowNum),
    lengthMs: settings.get(replicationConfigs.replicationQuotaWindowSizeSeconds) * 1000,
  };
}

async function bringUp(parts: Parts): Promise<void> {
  const { server, follower, lifecycle, context, publisher } = parts;
  await server.listen();
  follower.start();
  const epoch = await lifecycle.register();
  // Before that, the image may tell of topics that are long gone, under the names of younger ones.
  await follower.caughtUpTo(epoch);
  // Before a replica is made in the place of a stray. By what was read: nothing is applied yet.
  context.replicas.removeStrays(follower.image, epoch);
  await follower.addPublisher(publisher);
  context.replicas.start();
  await lifecycle.start();
  server.serve();
}

/** In the reverse order; each part is told once, whether or not it was brought up. */
async function tearDown(parts: Parts): Promise<void> {
  const { server, follower, lifecycle, context, logs, channel, fetchers, isrChanges, connections } = parts;
  const { epoch } = lifecycle;
  lifecycle.stop();
  context.groups.runtime.stop();
  context.transactions.runtime.stop();
  connections.close();
  await server.stop();
  isrChanges.stop();
  parts.directories.stop();
  context.replicas.stop();
  fetchers.stop();
  channel.close();
  parts.heartbeatChannel.close();
  await follower.stop();
  await logs.close(epoch);
}
