import { alterPartition } from '../../protocol/messages/56-alter-partition.ts';
import { assignReplicasToDirs } from '../../protocol/messages/73-assign-replicas-to-dirs.ts';
import { ReplicaFetchers } from '../../replication/fetchers.ts';
import { IsrChanges } from '../../replication/isr-changes.ts';
import { ReplicaDirectories } from '../../replication/replica-directories.ts';
import { ReplicaManager } from '../../replication/replica-manager.ts';
import { ReplicationThrottle } from '../../replication/replication-throttle.ts';
import type { LogDirectory } from '../../storage/log-directory.ts';
import { fetchLimits } from '../configs/fetch-limits.ts';
import { replicaConfig } from '../configs/replica-config.ts';
import type { ControllerChannel } from '../peers/controller-channel.ts';
import type { BrokerCore } from './broker-core.ts';

/** The replicas of a broker, who fills them, and who tells the controller of them. */
export interface Replication {
  readonly replicas: ReplicaManager;
  readonly fetchers: ReplicaFetchers;
  readonly isrChanges: IsrChanges;
  readonly directories: ReplicaDirectories;
}

export function replication(
  core: BrokerCore,
  { logs, channel }: { readonly logs: LogDirectory; readonly channel: ControllerChannel },
): Replication {
  const { world, brokerId, image, settings, topicSettings } = core;
  const config = replicaConfig(settings);
  const isrChanges = new IsrChanges(world, {
    send: (request) => channel.send(alterPartition, request),
    broker: () => core.identity(),
  });
  const directories = new ReplicaDirectories(world, {
    send: (request) => channel.send(assignReplicasToDirs, request),
    broker: () => core.identity(),
  });
  const fetchers = new ReplicaFetchers(core.peers, {
    brokerId,
    brokerEpoch: () => core.epoch,
    address: (leader) => core.replicationAddress(leader),
    limits: fetchLimits(settings),
    throttle: new ReplicationThrottle(world.clock, {
      rate: config.throttledAsFollower,
      throttled: (topic) => topicSettings.of(topic).throttledAsFollower,
      windows: config.throttleWindows,
    }),
  });
  const replicas = new ReplicaManager(world, {
    brokerId,
    logs,
    isrChanges,
    directories,
    fetchers,
    leaderThrottle: new ReplicationThrottle(world.clock, {
      rate: config.throttledAsLeader,
      throttled: (topic) => topicSettings.of(topic).throttledAsLeader,
      windows: config.throttleWindows,
    }),
    image,
    topicSettings: (topic) => topicSettings.of(topic),
    lagTimeMaxMs: config.lagTimeMaxMs,
  });
  return { replicas, fetchers, isrChanges, directories };
}
