import type { World } from '../base/world.ts';
import type { GroupCoordinator } from '../coordinator/group/coordinator.ts';
import type { TransactionCoordinator } from '../coordinator/transaction/coordinator.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { ReplicaManager } from '../replication/replica-manager.ts';
import type { BrokerSettings } from './broker-settings.ts';
import type { ClientQuotas } from './client-quotas.ts';
import type { ControllerChannel } from './controller-channel.ts';
import type { FetchSessions } from './fetch-sessions.ts';
import type { ImageWaiters } from './image-waiters.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { TopicCreation } from './topic-creation.ts';
import type { TransactionPartitions } from './transaction-partitions.ts';

/** What the handlers of a broker work with. */
export interface BrokerContext {
  readonly world: World;
  readonly brokerId: number;
  readonly clusterId: string;
  readonly rack: string | null;
  /** What the cluster knows, as far as this broker has read it. */
  image(): ClusterImage;
  /** Configs of this broker as they are in force now. */
  readonly settings: BrokerSettings;
  readonly replicas: ReplicaManager;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly transactionPartitions: TransactionPartitions;
  readonly controller: ControllerChannel;
  /** Makes topics that clients or coordinators ask for and that do not exist. */
  readonly topicCreation: TopicCreation;
  readonly producerIds: ProducerIds;
  /** For those who changed something and want to see it here. */
  readonly imageWaiters: ImageWaiters;
  /** Whether there are ACLs at all; without an authorizer their requests answer SECURITY_DISABLED. */
  readonly hasAuthorizer: boolean;
  readonly fetchSessions: FetchSessions;
  readonly quotas: ClientQuotas;
}
