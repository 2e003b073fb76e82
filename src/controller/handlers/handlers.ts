import type { Handler } from '../../server/handler.ts';
import type { ControllerContext } from '../context.ts';
import { fetchHandler } from './01-fetch.ts';
import { createTopicsHandler } from './19-create-topics.ts';
import { deleteTopicsHandler } from './20-delete-topics.ts';
import { createAclsHandler } from './30-create-acls.ts';
import { deleteAclsHandler } from './31-delete-acls.ts';
import { alterConfigsHandler } from './33-alter-configs.ts';
import { createPartitionsHandler } from './37-create-partitions.ts';
import { electLeadersHandler } from './43-elect-leaders.ts';
import { incrementalAlterConfigsHandler } from './44-incremental-alter-configs.ts';
import { alterPartitionReassignmentsHandler } from './45-alter-partition-reassignments.ts';
import { listPartitionReassignmentsHandler } from './46-list-partition-reassignments.ts';
import { alterClientQuotasHandler } from './49-alter-client-quotas.ts';
import { describeUserScramCredentialsHandler } from './50-describe-user-scram-credentials.ts';
import { alterUserScramCredentialsHandler } from './51-alter-user-scram-credentials.ts';
import { voteHandler } from './52-vote.ts';
import { beginQuorumEpochHandler } from './53-begin-quorum-epoch.ts';
import { endQuorumEpochHandler } from './54-end-quorum-epoch.ts';
import { describeQuorumHandler } from './55-describe-quorum.ts';
import { alterPartitionHandler } from './56-alter-partition.ts';
import { updateFeaturesHandler } from './57-update-features.ts';
import { envelopeHandler } from './58-envelope.ts';
import { fetchSnapshotHandler } from './59-fetch-snapshot.ts';
import { describeClusterHandler } from './60-describe-cluster.ts';
import { brokerRegistrationHandler } from './62-broker-registration.ts';
import { brokerHeartbeatHandler } from './63-broker-heartbeat.ts';
import { unregisterBrokerHandler } from './64-unregister-broker.ts';
import { allocateProducerIdsHandler } from './67-allocate-producer-ids.ts';
import { controllerRegistrationHandler } from './70-controller-registration.ts';
import { assignReplicasToDirsHandler } from './73-assign-replicas-to-dirs.ts';
import { addRaftVoterHandler } from './80-add-raft-voter.ts';
import { removeRaftVoterHandler } from './81-remove-raft-voter.ts';

/** All that the controller's listener serves, beside ApiVersions, which the server answers from this list. */
export const controllerHandlers: readonly Handler<ControllerContext>[] = [
  fetchHandler,
  createTopicsHandler,
  deleteTopicsHandler,
  createAclsHandler,
  deleteAclsHandler,
  alterConfigsHandler,
  createPartitionsHandler,
  electLeadersHandler,
  incrementalAlterConfigsHandler,
  alterPartitionReassignmentsHandler,
  listPartitionReassignmentsHandler,
  alterClientQuotasHandler,
  describeUserScramCredentialsHandler,
  alterUserScramCredentialsHandler,
  voteHandler,
  beginQuorumEpochHandler,
  endQuorumEpochHandler,
  describeQuorumHandler,
  alterPartitionHandler,
  updateFeaturesHandler,
  envelopeHandler,
  fetchSnapshotHandler,
  describeClusterHandler,
  brokerRegistrationHandler,
  brokerHeartbeatHandler,
  unregisterBrokerHandler,
  allocateProducerIdsHandler,
  controllerRegistrationHandler,
  assignReplicasToDirsHandler,
  addRaftVoterHandler,
  removeRaftVoterHandler,
];
