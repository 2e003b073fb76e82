import type { Decision } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Cluster } from './cluster.ts';
import type { Clusters } from './clusters.ts';
import { currentVersion, notCurrent } from './current-version.ts';
import type { ClusterOperation, OperationStep, OperationTask, OperationType } from './operation.ts';
import type { ControlRecord } from './records.ts';

/** A change of a cluster that is asked for. */
export interface UpdateRequest {
  readonly clusterArn: string;
  readonly operationArn: string;
  readonly currentVersion: string;
  readonly now: number;
}

/** It is refused, or begins an operation. */
export type UpdateDecision = Decision<ControlRecord, ClusterOperation | ApiError>;

/** The cluster, when it may be changed now. */
export function updatable(clusters: Clusters, arn: string, version: string | null): Cluster | ApiError {
  const cluster = clusters.get(arn);
  if (isApiError(cluster)) return cluster;
  if (cluster.state !== 'ACTIVE')
    return badRequest(
      `The cluster ${cluster.name} is ${cluster.state}: it can be changed when it is ACTIVE.${underWay(cluster)}`,
    );
  return version === null || version === currentVersion(cluster)
    ? cluster
    : badRequest(notCurrent(cluster), 'currentVersion');
}

/** What has to end first, and the version that the next change names; empty where nothing is under way. */
function underWay(cluster: Cluster): string {
  if (cluster.operationArn === null) return '';
  return ` The operation ${cluster.operationArn} is under way, and the current version is ${currentVersion(cluster)}.`;
}

/** The operation, waiting for its first task, and the cluster that is being changed by it. */
export function begin(
  cluster: Cluster,
  request: { readonly operationArn: string; readonly now: number },
  type: OperationType,
  tasks: readonly OperationStep[],
  info: Pick<ClusterOperation, 'source' | 'target' | 'configurationChange'>,
): UpdateDecision {
  const reboot = type === 'REBOOT_NODE';
  const operation: ClusterOperation = {
    arn: request.operationArn,
    clusterArn: cluster.arn,
    type,
    state: 'PENDING',
    startedAt: request.now,
    endedAt: null,
    steps: reboot
      ? tasks
      : [
          { name: 'INITIALIZE_UPDATE', status: 'COMPLETED', task: null },
          ...tasks,
          { name: 'FINALIZE_UPDATE', status: 'PENDING', task: null },
        ],
    ...info,
    plan: null,
    cancelled: false,
    error: null,
  };
  const changed: Cluster = {
    ...cluster,
    state: reboot ? 'REBOOTING_BROKER' : 'UPDATING',
    operationArn: operation.arn,
    revision: reboot ? cluster.revision : cluster.revision + 1,
  };
  return {
    records: [
      { type: 'OperationRecord', operation },
      { type: 'ClusterRecord', cluster: changed },
    ],
    answer: operation,
  };
}

export function step(name: string, task: OperationTask): OperationStep {
  return { name, status: 'PENDING', task };
}
