import { randomUuid } from '../../base/random.ts';
import { securityProtocolCodes } from '../../security/protocol.ts';
import type { KafkaServer } from '../../server/kafka-server.ts';
import type { LogDirectory } from '../../storage/log-directory.ts';
import { BrokerLifecycle } from '../broker-lifecycle.ts';
import { heartbeatConfig } from '../configs/heartbeat-config.ts';
import type { BrokerContext } from '../context.ts';
import { MetadataFollower } from '../metadata-view/metadata-follower.ts';
import { ControllerChannel } from '../peers/controller-channel.ts';
import type { BrokerCore } from './broker-core.ts';

/** The broker's life as its controller sees it, and the metadata that the controller tells. */
export interface ControllerSide {
  readonly lifecycle: BrokerLifecycle;
  readonly heartbeatChannel: ControllerChannel;
  readonly follower: MetadataFollower;
}

/** `onEpoch`: the controller knows this life by this epoch from now on. */
export function controllerSide(
  core: BrokerCore,
  parts: {
    readonly logs: LogDirectory;
    readonly server: KafkaServer<BrokerContext>;
    readonly onEpoch: (epoch: number) => void;
  },
): ControllerSide {
  const { world, options, settings } = core;
  const { logs, server, onEpoch } = parts;
  const { brokerId, clusterId, rack, dataDirectory, controller, listeners } = options;
  const heartbeatChannel = new ControllerChannel(core.peers, {
    ...controller,
    clientId: `broker-${brokerId}-heartbeats`,
    onLost: () => lifecycle.hurry(),
  });
  const follower = new MetadataFollower(core.peers, {
    nodeId: brokerId,
    clusterId,
    dataDirectory,
    directoryId: logs.directoryId,
    controller,
    onFatal: (error) => {
      world.log.error('this broker cannot follow the metadata log', { error });
      core.onFatal(error);
    },
  });
  const lifecycle = new BrokerLifecycle(world, {
    controller: heartbeatChannel,
    metadataOffset: () => follower.offset,
    heartbeatMs: () => heartbeatConfig(settings).intervalMs,
    sessionMs: () => heartbeatConfig(settings).sessionMs,
    onEpoch,
    identity: {
      brokerId,
      clusterId,
      incarnationId: randomUuid(world.random),
      rack,
      get endpoints() {
        return listeners.map(({ name, host, advertisedHost, advertisedPort, security = 'PLAINTEXT' }) => ({
          name,
          host: advertisedHost ?? host,
          port: advertisedPort ?? server.port(name),
          securityProtocol: securityProtocolCodes[security],
        }));
      },
      features: core.features,
      logDirs: [logs.directoryId],
      previousBrokerEpoch: logs.previousBrokerEpoch ?? -1,
    },
  });
  core.lives(lifecycle);
  return { lifecycle, heartbeatChannel, follower };
}
