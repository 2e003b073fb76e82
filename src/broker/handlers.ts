import { createTopics } from '../protocol/messages/19-create-topics.ts';
import { deleteTopics } from '../protocol/messages/20-delete-topics.ts';
import { createAcls } from '../protocol/messages/30-create-acls.ts';
import { deleteAcls } from '../protocol/messages/31-delete-acls.ts';
import { alterConfigs } from '../protocol/messages/33-alter-configs.ts';
import { createPartitions } from '../protocol/messages/37-create-partitions.ts';
import { electLeaders } from '../protocol/messages/43-elect-leaders.ts';
import { incrementalAlterConfigs } from '../protocol/messages/44-incremental-alter-configs.ts';
import { alterPartitionReassignments } from '../protocol/messages/45-alter-partition-reassignments.ts';
import { listPartitionReassignments } from '../protocol/messages/46-list-partition-reassignments.ts';
import { describeUserScramCredentials } from '../protocol/messages/50-describe-user-scram-credentials.ts';
import { alterUserScramCredentials } from '../protocol/messages/51-alter-user-scram-credentials.ts';
import { describeQuorum } from '../protocol/messages/55-describe-quorum.ts';
import { updateFeatures } from '../protocol/messages/57-update-features.ts';
import { unregisterBroker } from '../protocol/messages/64-unregister-broker.ts';
import type { Handler } from '../server/handler.ts';
import type { BrokerContext } from './context.ts';
import { forwarded } from './forward.ts';
import { produceHandler } from './handlers/00-produce.ts';
import { fetchHandler } from './handlers/01-fetch.ts';
import { listOffsetsHandler } from './handlers/02-list-offsets.ts';
import { metadataHandler } from './handlers/03-metadata.ts';
import { offsetCommitHandler } from './handlers/08-offset-commit.ts';
import { offsetFetchHandler } from './handlers/09-offset-fetch.ts';
import { findCoordinatorHandler } from './handlers/10-find-coordinator.ts';
import { joinGroupHandler } from './handlers/11-join-group.ts';
import { heartbeatHandler } from './handlers/12-heartbeat.ts';
import { leaveGroupHandler } from './handlers/13-leave-group.ts';
import { syncGroupHandler } from './handlers/14-sync-group.ts';
import { describeGroupsHandler } from './handlers/15-describe-groups.ts';
import { listGroupsHandler } from './handlers/16-list-groups.ts';
import { deleteRecordsHandler } from './handlers/21-delete-records.ts';
import { initProducerIdHandler } from './handlers/22-init-producer-id.ts';
import { offsetForLeaderEpochHandler } from './handlers/23-offset-for-leader-epoch.ts';
import { addPartitionsToTxnHandler } from './handlers/24-add-partitions-to-txn.ts';
import { addOffsetsToTxnHandler } from './handlers/25-add-offsets-to-txn.ts';
import { endTxnHandler } from './handlers/26-end-txn.ts';
import { writeTxnMarkersHandler } from './handlers/27-write-txn-markers.ts';
import { txnOffsetCommitHandler } from './handlers/28-txn-offset-commit.ts';
import { describeAclsHandler } from './handlers/29-describe-acls.ts';
import { describeConfigsHandler } from './handlers/32-describe-configs.ts';
import { alterReplicaLogDirsHandler } from './handlers/34-alter-replica-log-dirs.ts';
import { describeLogDirsHandler } from './handlers/35-describe-log-dirs.ts';
import { deleteGroupsHandler } from './handlers/42-delete-groups.ts';
import { offsetDeleteHandler } from './handlers/47-offset-delete.ts';
import { describeClientQuotasHandler } from './handlers/48-describe-client-quotas.ts';
import { describeClusterHandler } from './handlers/60-describe-cluster.ts';
import { describeProducersHandler } from './handlers/61-describe-producers.ts';
import { describeTransactionsHandler } from './handlers/65-describe-transactions.ts';
import { listTransactionsHandler } from './handlers/66-list-transactions.ts';
import { listConfigResourcesHandler } from './handlers/74-list-config-resources.ts';
import { describeTopicPartitionsHandler } from './handlers/75-describe-topic-partitions.ts';
import { createdPartitions, createdTopics, deletedTopics } from './visible-changes.ts';

/**
 * Everything a broker answers; what ApiVersions says follows from it. What changes the cluster is forwarded to the
 * controller, which decides and authorizes it.
 */
export const handlers: readonly Handler<BrokerContext>[] = [
  produceHandler,
  fetchHandler,
  listOffsetsHandler,
  metadataHandler,
  offsetCommitHandler,
  offsetFetchHandler,
  findCoordinatorHandler,
  joinGroupHandler,
  heartbeatHandler,
  leaveGroupHandler,
  syncGroupHandler,
  describeGroupsHandler,
  listGroupsHandler,
  forwarded(
    createTopics,
    { versions: [2, 7], operations: ['CLUSTER:CREATE', 'TOPIC:CREATE'] },
    createdTopics,
  ),
  forwarded(deleteTopics, { versions: [1, 6], operations: ['TOPIC:DELETE'] }, deletedTopics),
  deleteRecordsHandler,
  initProducerIdHandler,
  offsetForLeaderEpochHandler,
  addPartitionsToTxnHandler,
  addOffsetsToTxnHandler,
  endTxnHandler,
  writeTxnMarkersHandler,
  txnOffsetCommitHandler,
  describeProducersHandler,
  describeTransactionsHandler,
  listTransactionsHandler,
  describeAclsHandler,
  forwarded(createAcls, { versions: [1, 3], operations: ['CLUSTER:ALTER'] }),
  forwarded(deleteAcls, { versions: [1, 3], operations: ['CLUSTER:ALTER'] }),
  describeConfigsHandler,
  forwarded(alterConfigs, { versions: [0, 2], operations: ['TOPIC:ALTER_CONFIGS', 'CLUSTER:ALTER_CONFIGS'] }),
  alterReplicaLogDirsHandler,
  describeLogDirsHandler,
  forwarded(createPartitions, { versions: [0, 3], operations: ['TOPIC:ALTER'] }, createdPartitions),
  deleteGroupsHandler,
  forwarded(incrementalAlterConfigs, {
    versions: [0, 1],
    operations: ['TOPIC:ALTER_CONFIGS', 'CLUSTER:ALTER_CONFIGS'],
  }),
  forwarded(electLeaders, { versions: [0, 2], operations: ['CLUSTER:ALTER'] }),
  forwarded(alterPartitionReassignments, { versions: [0, 1], operations: ['CLUSTER:ALTER'] }),
  forwarded(listPartitionReassignments, { versions: [0, 0], operations: ['CLUSTER:DESCRIBE'] }),
  offsetDeleteHandler,
  describeClientQuotasHandler,
  forwarded(describeUserScramCredentials, { versions: [0, 0], operations: ['CLUSTER:DESCRIBE'] }),
  forwarded(alterUserScramCredentials, { versions: [0, 0], operations: ['CLUSTER:ALTER'] }),
  forwarded(describeQuorum, { versions: [0, 2], operations: ['CLUSTER:DESCRIBE'] }),
  forwarded(updateFeatures, { versions: [0, 2], operations: ['CLUSTER:ALTER'] }),
  describeClusterHandler,
  forwarded(unregisterBroker, { versions: [0, 0], operations: ['CLUSTER:ALTER'] }),
  listConfigResourcesHandler,
  describeTopicPartitionsHandler,
];
