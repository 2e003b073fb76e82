import { type Decision, refuse } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Clusters } from './clusters.ts';
import type { ClusterOperation } from './operation.ts';
import type { QueuedChange } from './queued-change.ts';
import { queuedOperation } from './queued-changes.ts';
import type { ControlRecord } from './records.ts';

/** More changes than anybody plans ahead of one cluster, and few enough to look through. */
const MOST_QUEUED = 20;

type QueueDecision = Decision<ControlRecord, ClusterOperation | ApiError>;

/** The change waits until the operations before it have ended. */
export function queueChange(clusters: Clusters, change: QueuedChange): QueueDecision {
  const cluster = clusters.get(change.clusterArn);
  if (isApiError(cluster)) return refuse(cluster);
  if (cluster.state === 'DELETING' || cluster.state === 'FAILED')
    return refuse(badRequest(`The cluster ${cluster.name} is ${cluster.state}: no change of it can wait.`));
  if (clusters.queued.of(cluster.arn).length >= MOST_QUEUED)
    return refuse(badRequest(`${MOST_QUEUED} changes of the cluster ${cluster.name} wait already.`));
  return { records: [{ type: 'QueuedChangeRecord', change }], answer: queuedOperation(change) };
}

/**
 * The change ends without having begun: it was refused when its turn came, or taken back. Says nothing about
 * one that does not wait.
 */
export function endQueuedChange(
  clusters: Clusters,
  arn: string,
  error: { readonly code: string; readonly message: string },
  now: number,
): Decision<ControlRecord, ClusterOperation | null> {
  const change = clusters.queued.get(arn);
  if (!change) return { records: [], answer: null };
  const operation: ClusterOperation = {
    ...queuedOperation(change),
    state: 'UPDATE_FAILED',
    endedAt: now,
    error,
  };
  return { records: [{ type: 'OperationRecord', operation }], answer: operation };
}
