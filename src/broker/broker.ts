import type { World } from '../base/world.ts';
import { replicationConfigs } from '../metadata/configs/broker/replication-configs.ts';
import {
  invalidAtStart,
  validateBrokerProperties,
  withoutEmptyLists,
} from '../metadata/configs/broker-configs.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { ReplicaManager } from '../replication/replica-manager.ts';
import { removeStrays } from '../replication/stray-replicas.ts';
import { assemble, type BrokerParts } from './assembly/assemble.ts';
import { type BrokerOptions, listenerProblem } from './broker-options.ts';
import type { BrokerContext } from './context.ts';
import { BrokerMetrics, type MonitoringLevel } from './metrics/broker-metrics.ts';

export type { BrokerListener, BrokerOptions } from './broker-options.ts';

/** Controlled shutdown waits this long for the controller to move leaderships away. */
const SHUT_DOWN_TIMEOUT_MS = 5_000;

/**
 * One broker: opens its logs, registers with its controller, reads the metadata log up to its own
 * registration, takes its roles, is unfenced, and only then listens for clients.
 */
export class Broker {
  readonly brokerId: number;
  readonly #parts: BrokerParts;
  readonly #metrics: BrokerMetrics;
  #stopping: Promise<void> | undefined;

  /**
   * Resolves when it serves clients. `onFatal`: a device failed, the metadata cannot be followed, or our own
   * code is wrong; nothing this broker says can be relied on any more, so its process should end, and start
   * again with recovery. `onEpoch`: the controller knows this life by this epoch from now on.
   */
  static async start(
    world: World,
    options: BrokerOptions,
    onFatal: (error: Error) => void = () => {},
    onEpoch: (epoch: number) => void = () => {},
  ): Promise<Broker> {
    const { brokerId } = options;
    const { kept: config, left } = withoutEmptyLists(options.config);
    if (left.length > 0)
      world.log.warn('configs of this broker are empty lists, which Kafka refuses: defaults are in force', {
        configs: left,
      });
    const problem = invalidAtStart(config) ?? listenerProblem(options.listeners);
    if (problem !== null) throw new Error(`Broker ${brokerId} cannot start: ${problem}`);
    // Whoever sets them is told that they cannot be, or do not go together; a cluster may have them from
    // before.
    const wrong = validateBrokerProperties(config);
    if (wrong !== null) world.log.warn('configs of this broker are not what Kafka allows', { wrong });
    const parts = await assemble(world, { ...options, config }, { onFatal, onEpoch });
    try {
      await bringUp(parts);
    } catch (error) {
      await tearDown(parts);
      throw error;
    }
    return new Broker(options.brokerId, parts);
  }

  private constructor(brokerId: number, parts: BrokerParts) {
    this.brokerId = brokerId;
    this.#parts = parts;
    this.#metrics = new BrokerMetrics(parts.context, {
      connections: parts.connections,
      server: parts.server,
      requestTimes: parts.requestTimes,
      iamRefusals: parts.iam?.refusals ?? new Map(),
      iamDenials: parts.iam?.authorizer.denials ?? new Map(),
    });
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

  /** What it counts, as Prometheus's text. */
  metrics(level: MonitoringLevel): Promise<string> {
    return this.#metrics.text(level);
  }

  get replicas(): ReplicaManager {
    return this.#parts.context.replicas;
  }

  /** Of the groups and transactions whose partitions it leads. */
  get coordinators(): Pick<BrokerContext, 'groups' | 'transactions'> {
    return this.#parts.context;
  }

  /**
   * Hands leaderships over, answers what waits, and closes everything so that the next start needs no
   * recovery.
   */
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

async function bringUp(parts: BrokerParts): Promise<void> {
  const { server, follower, lifecycle, context, logs, publisher, iam } = parts;
  await server.claimPorts();
  follower.start();
  const epoch = await lifecycle.register();
  // Before that, the image may tell of topics that are long gone, under the names of younger ones.
  await follower.caughtUpTo(epoch);
  // Before a replica is made in the place of a stray. By what was read: nothing is applied yet.
  removeStrays(context.world, logs, { id: context.brokerId, epoch }, follower.image);
  await follower.addPublisher(publisher);
  context.replicas.start();
  context.volume.start();
  await lifecycle.start();
  // As Kafka's brokers, not before: a refused client asks another broker, one that is let in would wait here.
  await server.start();
  iam?.source.start(() => server.closeLapsed());
}

/** In the reverse order; each part is told once, whether or not it was brought up. */
async function tearDown(parts: BrokerParts): Promise<void> {
  const { server, follower, lifecycle, context, logs, channel, fetchers, isrChanges, connections } = parts;
  const { epoch } = lifecycle;
  lifecycle.stop();
  parts.iam?.stop();
  context.volume.stop();
  context.groups.runtime.stop();
  context.transactions.runtime.stop();
  context.sharePartitions.stop();
  context.shareCoordinator.runtime.stop();
  parts.shareState.close();
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
