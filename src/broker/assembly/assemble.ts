import type { World } from '../../base/world.ts';
import type { PeerConnections } from '../../client/peers/peer-connections.ts';
import { SHARE_GROUP_STATE } from '../../metadata/internal-topics.ts';
import type { ImagePublisher } from '../../metadata/loader.ts';
import type { LogDirectory } from '../../storage/log-directory.ts';
import type { BrokerOptions } from '../broker-options.ts';
import { principalMappings } from '../configs/principal-mappings.ts';
import { ControllerChannel } from '../peers/controller-channel.ts';
import type { ShareStateClient } from '../peers/share-state-client.ts';
import { BrokerCore } from './broker-core.ts';
import { type ControllerSide, controllerSide } from './controller-side.ts';
import { coordinators } from './coordinators.ts';
import { openStorage } from './open-storage.ts';
import { type Replication, replication } from './replication.ts';
import { type Serving, serving } from './serving.ts';
import { sharing } from './sharing.ts';

/** A broker's parts that have to be brought up and torn down. */
export interface BrokerParts extends Serving, ControllerSide, Omit<Replication, 'replicas'> {
  readonly logs: LogDirectory;
  readonly channel: ControllerChannel;
  readonly connections: PeerConnections;
  readonly shareState: ShareStateClient;
  readonly publisher: ImagePublisher;
}

/**
 * Opens the logs and makes everything else around them; nothing listens or asks yet. Rejects as
 * `principalMappings` and `openStorage` do.
 */
export async function assemble(
  world: World,
  options: BrokerOptions,
  told: { readonly onFatal: (error: Error) => void; readonly onEpoch: (epoch: number) => void },
): Promise<BrokerParts> {
  const core = new BrokerCore(world, options, told.onFatal);
  const mappings = await principalMappings(core.settings, options.listeners);
  const logs = await openStorage(core);
  const channel = new ControllerChannel(core.peers, {
    ...options.controller,
    clientId: `broker-${options.brokerId}`,
  });
  const { replicas, ...replicating } = replication(core, { logs, channel });
  const { connections, shareState, ...coordinating } = coordinators(core, {
    replicas,
    channel,
    ensureShareState: () => context.topicCreation.ensure(SHARE_GROUP_STATE),
  });
  const shared = sharing(core, { replicas, shareState });
  const { context, server, requestTimes, iam } = serving(core, {
    replicas,
    channel,
    mappings,
    ...coordinating,
    ...shared,
  });
  const toController = controllerSide(core, { logs, server, onEpoch: told.onEpoch });
  return {
    context,
    server,
    requestTimes,
    iam,
    logs,
    channel,
    connections,
    shareState,
    ...replicating,
    ...toController,
    publisher: publisher(core, { context, ...toController }),
  };
}

/** Tells the parts of a new image: replicas first, requests that wait for it last. */
function publisher(
  core: BrokerCore,
  { context, lifecycle }: Pick<BrokerParts, 'context' | 'lifecycle'>,
): ImagePublisher {
  const { replicas, groups, transactions, shareCoordinator, recentDeletions, recentFencings, imageWaiters } =
    context;
  return {
    prepare: (_, delta) => replicas.prepare(delta),
    onImage: (next, delta) => {
      core.applied(next);
      replicas.applyDelta(next, delta);
      groups.onImage(next, delta);
      transactions.runtime.onImage(next, delta);
      shareCoordinator.runtime.onImage(next, delta);
      recentDeletions.onImage(delta);
      recentFencings.onImage(delta);
      imageWaiters.onImage(next);
      if (delta.topics && next.brokers.all().some((broker) => broker.inControlledShutdown)) lifecycle.hurry();
    },
  };
}
