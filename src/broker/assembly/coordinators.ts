import { PeerConnections } from '../../client/peers/peer-connections.ts';
import { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { ShareCoordinator } from '../../coordinator/share/coordinator.ts';
import { TransactionCoordinator } from '../../coordinator/transaction/coordinator.ts';
import { TRANSACTION_VERSION } from '../../metadata/features.ts';
import { CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE } from '../../metadata/internal-topics.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import { groupConfig } from '../configs/group-config.ts';
import { shareCoordinatorConfig } from '../configs/share-coordinator-config.ts';
import { addRetry, transactionConfig } from '../configs/transaction-config.ts';
import { CoordinatorElections } from '../coordinators/coordinator-elections.ts';
import type { ControllerChannel } from '../peers/controller-channel.ts';
import { coordinatorClientId } from '../peers/coordinator-client-id.ts';
import { EndOffsets } from '../peers/end-offsets.ts';
import { BrokerMarkerTransport } from '../peers/marker-transport.ts';
import { ProducerIdManager } from '../peers/producer-ids.ts';
import { ShareStateClient } from '../peers/share-state-client.ts';
import { TransactionPartitions } from '../peers/transaction-partitions.ts';
import { writeMarker } from '../peers/write-markers.ts';
import type { BrokerCore } from './broker-core.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** What a broker does for groups and transactions whose partitions it leads. */
export interface Coordinators {
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly transactionPartitions: TransactionPartitions;
  readonly producerIds: ProducerIdManager;
  readonly shareCoordinator: ShareCoordinator;
  /** Asks whichever broker coordinates a share partition. */
  readonly shareState: ShareStateClient;
  readonly endOffsets: EndOffsets;
  /** Connections to other brokers, for the markers of transactions and the state of share groups. */
  readonly connections: PeerConnections;
}

export function coordinators(
  core: BrokerCore,
  {
    replicas,
    channel,
    ensureShareState,
  }: {
    readonly replicas: ReplicaManager;
    readonly channel: ControllerChannel;
    /** Makes `__share_group_state` when nobody has; resolves with why it is not there. */
    readonly ensureShareState: () => Promise<ErrorName | null>;
  },
): Coordinators {
  const { world, brokerId, image, settings } = core;
  const { guardedClock } = replicas.logs;
  const producerIds = new ProducerIdManager(world, channel, () => core.identity());
  const connections = new PeerConnections(core.peers, {
    clientId: coordinatorClientId(brokerId),
    timeoutMs: CONNECT_TIMEOUT_MS,
    address: (broker) => core.replicationAddress(broker),
  });
  const shareCoordinator = new ShareCoordinator(world, {
    config: shareCoordinatorConfig(settings),
    pruned: (partition, before) => {
      const replica = replicas.find(SHARE_GROUP_STATE, partition);
      if (replica?.isLeader)
        replica.log.trimming.deleteSegmentsBelow(Math.min(before, replica.log.highWatermark));
    },
  });
  const shareState = new ShareStateClient(world, {
    brokerId,
    image,
    coordinator: shareCoordinator,
    connections,
    ensureTopic: ensureShareState,
  });
  const groups = new GroupCoordinator(world, {
    guardedClock,
    config: groupConfig(settings, image),
    shareState,
  });
  const transactions = new TransactionCoordinator(world, {
    nextProducerId: () => producerIds.next(),
    transport: new BrokerMarkerTransport({
      brokerId,
      image,
      connections,
      writeHere: (marker, partition) => writeMarker({ world, replicas, groups }, marker, partition),
    }),
    guardedClock,
    transactionVersion: () => image().features.level(TRANSACTION_VERSION),
    config: transactionConfig(settings),
  });
  replicas.addRoleListener(new CoordinatorElections(world, CONSUMER_OFFSETS, groups.runtime));
  replicas.addRoleListener(new CoordinatorElections(world, TRANSACTION_STATE, transactions.runtime));
  replicas.addRoleListener(new CoordinatorElections(world, SHARE_GROUP_STATE, shareCoordinator.runtime));
  const transactionPartitions = new TransactionPartitions(world, {
    brokerId,
    image,
    transactions,
    connections,
    entry: (producerId, { topic, partition }) =>
      replicas.find(topic, partition)?.log.producers.entry(producerId),
    retry: () => addRetry(settings),
  });
  return {
    groups,
    transactions,
    transactionPartitions,
    producerIds,
    shareCoordinator,
    shareState,
    endOffsets: new EndOffsets(world, { brokerId, image, replicas, connections }),
    connections,
  };
}
