import { PeerConnections } from '../../client/peers/peer-connections.ts';
import { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { TransactionCoordinator } from '../../coordinator/transaction/coordinator.ts';
import { TRANSACTION_VERSION } from '../../metadata/features.ts';
import { CONSUMER_OFFSETS, TRANSACTION_STATE } from '../../metadata/internal-topics.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import { groupConfig } from '../configs/group-config.ts';
import { addRetry, transactionConfig } from '../configs/transaction-config.ts';
import { CoordinatorElections } from '../coordinators/coordinator-elections.ts';
import type { ControllerChannel } from '../peers/controller-channel.ts';
import { BrokerMarkerTransport } from '../peers/marker-transport.ts';
import { ProducerIds } from '../peers/producer-ids.ts';
import { TransactionPartitions } from '../peers/transaction-partitions.ts';
import { writeMarker } from '../peers/write-markers.ts';
import type { BrokerCore } from './broker-core.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** What a broker does for groups and transactions whose partitions it leads. */
export interface Coordinators {
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly transactionPartitions: TransactionPartitions;
  readonly producerIds: ProducerIds;
  /** Connections to other brokers, for the markers of transactions. */
  readonly connections: PeerConnections;
}

export function coordinators(
  core: BrokerCore,
  { replicas, channel }: { readonly replicas: ReplicaManager; readonly channel: ControllerChannel },
): Coordinators {
  const { world, brokerId, image, settings } = core;
  const { guardedClock } = replicas.logs;
  const groups = new GroupCoordinator(world, { guardedClock, config: groupConfig(settings, image) });
  const producerIds = new ProducerIds(world, channel, () => core.identity());
  const connections = new PeerConnections(core.peers, {
    clientId: `broker-${brokerId}-transactions`,
    timeoutMs: CONNECT_TIMEOUT_MS,
    address: (broker) => core.replicationAddress(broker),
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
  const transactionPartitions = new TransactionPartitions(world, {
    brokerId,
    image,
    transactions,
    connections,
    entry: (producerId, { topic, partition }) =>
      replicas.find(topic, partition)?.log.producers.entry(producerId),
    retry: () => addRetry(settings),
  });
  return { groups, transactions, transactionPartitions, producerIds, connections };
}
