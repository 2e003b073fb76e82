import type { World } from '../base/world.ts';
import type { GroupCoordinator } from '../coordinator/group/coordinator.ts';
import type { ShareCoordinator } from '../coordinator/share/coordinator.ts';
import type { TransactionCoordinator } from '../coordinator/transaction/coordinator.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { ReplicaManager } from '../replication/replica-manager.ts';
import type { IamDirectory } from '../security/iam/directory.ts';
import type { BrokerSettings } from './configs/broker-settings.ts';
import type { StreamsTopics } from './coordinators/streams-topics.ts';
import type { FetchSessions } from './fetch-sessions/fetch-sessions.ts';
import type { ImageWaiters } from './metadata-view/image-waiters.ts';
import type { RecentDeletions } from './metadata-view/recent-deletions.ts';
import type { RecentFencings } from './metadata-view/recent-fencings.ts';
import type { ControllerChannel } from './peers/controller-channel.ts';
import type { EndOffsets } from './peers/end-offsets.ts';
import type { ForwardedClient } from './peers/forwarded-client.ts';
import type { ProducerIdManager } from './peers/producer-ids.ts';
import type { TopicCreation } from './peers/topic-creation.ts';
import type { TransactionPartitions } from './peers/transaction-partitions.ts';
import type { ClientQuotas } from './quotas/client-quotas.ts';
import type { SharePartitions } from './sharing/share-partitions.ts';
import type { ShareSessions } from './sharing/share-sessions.ts';
import type { StateSenders } from './sharing/state-senders.ts';
import type { Volume } from './volume/volume.ts';

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
  /** What may be stored. */
  readonly volume: Volume;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly transactionPartitions: TransactionPartitions;
  readonly shareCoordinator: ShareCoordinator;
  /** Partitions led here, as share groups read them. */
  readonly sharePartitions: SharePartitions;
  readonly shareSessions: ShareSessions;
  /** Who may change what the share coordinator keeps. */
  readonly stateSenders: StateSenders;
  /** Where partitions end, wherever they are led. */
  readonly endOffsets: EndOffsets;
  readonly controller: ControllerChannel;
  /** Makes topics that clients or coordinators ask for and that do not exist. */
  readonly topicCreation: TopicCreation;
  /** Makes topics that streams groups need for themselves. */
  readonly streamsTopics: StreamsTopics<ForwardedClient>;
  readonly recentDeletions: RecentDeletions;
  readonly recentFencings: RecentFencings;
  readonly producerIds: ProducerIdManager;
  /** Lets a handler wait until this broker has seen a change that was made. */
  readonly imageWaiters: ImageWaiters;
  /** Whether there are ACLs at all; without an authorizer their requests answer SECURITY_DISABLED. */
  readonly hasAuthorizer: boolean;
  /** IAM's users and roles as this broker knows them now; null where nobody signs in by it. */
  iamDirectory(): IamDirectory | null;
  readonly fetchSessions: FetchSessions;
  readonly quotas: ClientQuotas;
}
