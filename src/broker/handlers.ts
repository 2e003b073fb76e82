import { createTopicsHandler } from '../controller/handlers/19-create-topics.ts';
import { deleteTopicsHandler } from '../controller/handlers/20-delete-topics.ts';
import { createAclsHandler } from '../controller/handlers/30-create-acls.ts';
import { deleteAclsHandler } from '../controller/handlers/31-delete-acls.ts';
import { alterConfigsHandler } from '../controller/handlers/33-alter-configs.ts';
import { createPartitionsHandler } from '../controller/handlers/37-create-partitions.ts';
import { electLeadersHandler } from '../controller/handlers/43-elect-leaders.ts';
import { incrementalAlterConfigsHandler } from '../controller/handlers/44-incremental-alter-configs.ts';
import { alterPartitionReassignmentsHandler } from '../controller/handlers/45-alter-partition-reassignments.ts';
import { listPartitionReassignmentsHandler } from '../controller/handlers/46-list-partition-reassignments.ts';
import { alterClientQuotasHandler } from '../controller/handlers/49-alter-client-quotas.ts';
import { describeUserScramCredentialsHandler } from '../controller/handlers/50-describe-user-scram-credentials.ts';
import { alterUserScramCredentialsHandler } from '../controller/handlers/51-alter-user-scram-credentials.ts';
import { describeQuorumHandler } from '../controller/handlers/55-describe-quorum.ts';
import { updateFeaturesHandler } from '../controller/handlers/57-update-features.ts';
import { unregisterBrokerHandler } from '../controller/handlers/64-unregister-broker.ts';
import { addRaftVoterHandler } from '../controller/handlers/80-add-raft-voter.ts';
import { removeRaftVoterHandler } from '../controller/handlers/81-remove-raft-voter.ts';
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
import { alterClientQuotas } from '../protocol/messages/49-alter-client-quotas.ts';
import { describeUserScramCredentials } from '../protocol/messages/50-describe-user-scram-credentials.ts';
import { alterUserScramCredentials } from '../protocol/messages/51-alter-user-scram-credentials.ts';
import { describeQuorum } from '../protocol/messages/55-describe-quorum.ts';
import { updateFeatures } from '../protocol/messages/57-update-features.ts';
import { unregisterBroker } from '../protocol/messages/64-unregister-broker.ts';
import { addRaftVoter } from '../protocol/messages/80-add-raft-voter.ts';
import { removeRaftVoter } from '../protocol/messages/81-remove-raft-voter.ts';
import type { Handler } from '../server/handler.ts';
import type { BrokerContext } from './context.ts';
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
import { createDelegationTokenHandler } from './handlers/38-create-delegation-token.ts';
import { renewDelegationTokenHandler } from './handlers/39-renew-delegation-token.ts';
import { expireDelegationTokenHandler } from './handlers/40-expire-delegation-token.ts';
import { describeDelegationTokenHandler } from './handlers/41-describe-delegation-token.ts';
import { deleteGroupsHandler } from './handlers/42-delete-groups.ts';
import { offsetDeleteHandler } from './handlers/47-offset-delete.ts';
import { describeClientQuotasHandler } from './handlers/48-describe-client-quotas.ts';
import { describeClusterHandler } from './handlers/60-describe-cluster.ts';
import { describeProducersHandler } from './handlers/61-describe-producers.ts';
import { describeTransactionsHandler } from './handlers/65-describe-transactions.ts';
import { listTransactionsHandler } from './handlers/66-list-transactions.ts';
import { consumerGroupHeartbeatHandler } from './handlers/68-consumer-group-heartbeat.ts';
import { consumerGroupDescribeHandler } from './handlers/69-consumer-group-describe.ts';
import { listConfigResourcesHandler } from './handlers/74-list-config-resources.ts';
import { describeTopicPartitionsHandler } from './handlers/75-describe-topic-partitions.ts';
import { shareGroupHeartbeatHandler } from './handlers/76-share-group-heartbeat.ts';
import { shareGroupDescribeHandler } from './handlers/77-share-group-describe.ts';
import { shareFetchHandler } from './handlers/78-share-fetch.ts';
import { shareAcknowledgeHandler } from './handlers/79-share-acknowledge.ts';
import { initializeShareGroupStateHandler } from './handlers/83-initialize-share-group-state.ts';
import { readShareGroupStateHandler } from './handlers/84-read-share-group-state.ts';
import { writeShareGroupStateHandler } from './handlers/85-write-share-group-state.ts';
import { deleteShareGroupStateHandler } from './handlers/86-delete-share-group-state.ts';
import { readShareGroupStateSummaryHandler } from './handlers/87-read-share-group-state-summary.ts';
import { streamsGroupHeartbeatHandler } from './handlers/88-streams-group-heartbeat.ts';
import { streamsGroupDescribeHandler } from './handlers/89-streams-group-describe.ts';
import { describeShareGroupOffsetsHandler } from './handlers/90-describe-share-group-offsets.ts';
import { alterShareGroupOffsetsHandler } from './handlers/91-alter-share-group-offsets.ts';
import { deleteShareGroupOffsetsHandler } from './handlers/92-delete-share-group-offsets.ts';
import { createdPartitions, createdTopics, deletedTopics } from './metadata-view/visible-changes.ts';
import { forwarded } from './peers/forward.ts';

/**
 * Everything a broker answers; what ApiVersions says follows from it. What changes the cluster is forwarded
 * to the controller, which decides and authorizes it.
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
  forwarded(createTopics, createTopicsHandler, createdTopics),
  forwarded(deleteTopics, deleteTopicsHandler, deletedTopics),
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
  forwarded(createAcls, createAclsHandler),
  forwarded(deleteAcls, deleteAclsHandler),
  describeConfigsHandler,
  forwarded(alterConfigs, alterConfigsHandler),
  alterReplicaLogDirsHandler,
  describeLogDirsHandler,
  forwarded(createPartitions, createPartitionsHandler, createdPartitions),
  createDelegationTokenHandler,
  renewDelegationTokenHandler,
  expireDelegationTokenHandler,
  describeDelegationTokenHandler,
  deleteGroupsHandler,
  forwarded(incrementalAlterConfigs, incrementalAlterConfigsHandler),
  forwarded(electLeaders, electLeadersHandler),
  forwarded(alterPartitionReassignments, alterPartitionReassignmentsHandler),
  forwarded(listPartitionReassignments, listPartitionReassignmentsHandler),
  offsetDeleteHandler,
  describeClientQuotasHandler,
  forwarded(alterClientQuotas, alterClientQuotasHandler),
  forwarded(describeUserScramCredentials, describeUserScramCredentialsHandler),
  forwarded(alterUserScramCredentials, alterUserScramCredentialsHandler),
  forwarded(describeQuorum, describeQuorumHandler),
  forwarded(updateFeatures, updateFeaturesHandler),
  describeClusterHandler,
  forwarded(unregisterBroker, unregisterBrokerHandler),
  consumerGroupHeartbeatHandler,
  consumerGroupDescribeHandler,
  listConfigResourcesHandler,
  describeTopicPartitionsHandler,
  streamsGroupHeartbeatHandler,
  streamsGroupDescribeHandler,
  shareGroupHeartbeatHandler,
  shareGroupDescribeHandler,
  shareFetchHandler,
  shareAcknowledgeHandler,
  forwarded(addRaftVoter, addRaftVoterHandler),
  forwarded(removeRaftVoter, removeRaftVoterHandler),
  initializeShareGroupStateHandler,
  readShareGroupStateHandler,
  writeShareGroupStateHandler,
  deleteShareGroupStateHandler,
  readShareGroupStateSummaryHandler,
  describeShareGroupOffsetsHandler,
  alterShareGroupOffsetsHandler,
  deleteShareGroupOffsetsHandler,
];
