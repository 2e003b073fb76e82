import type { Decision } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { Clusters } from './clusters.ts';
import type { ClusterOperation, OperationType } from './operation.ts';
import type { ControlRecord } from './records.ts';

/** More changes than anybody plans ahead of one cluster, and few enough to look through. */
const MOST_QUEUED = 20;

/** A change of a cluster that waits until those before it have ended. */
export interface QueuedChange {
  /** The ARN that its operation will have. */
  readonly arn: string;
  readonly clusterArn: string;
  readonly type: OperationType;
  /** The operation of the API that begins it, and the members of its request but for the cluster and its version. */
  readonly asked: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly queuedAt: number;
}

type QueueDecision = Decision<ControlRecord, ClusterOperation | ApiError>;

/** The changes of all clusters that wait, each cluster's in their order. One leaves when its operation is there. */
export class QueuedChanges {
  readonly #byArn = new Map<string, QueuedChange>();

  get(arn: string): QueuedChange | null {
    return this.#byArn.get(arn) ?? null;
  }

  all(): QueuedChange[] {
    return [...this.#byArn.values()];
  }

  /** Of one cluster, the first to begin first. */
  of(clusterArn: string): QueuedChange[] {
    return this.all().filter((change) => change.clusterArn === clusterArn);
  }

  replay(record: ControlRecord): void {
    if (record.type === 'QueuedChangeRecord') this.#byArn.set(record.change.arn, record.change);
    if (record.type === 'OperationRecord') this.#byArn.delete(record.operation.arn);
    if (record.type === 'RemoveClusterRecord')
      for (const { arn } of this.of(record.arn)) this.#byArn.delete(arn);
  }
}

export function queueChange(clusters: Clusters, change: QueuedChange): QueueDecision {
  const cluster = clusters.get(change.clusterArn);
  if (isApiError(cluster)) return { records: [], answer: cluster };
  const refuse = (message: string): QueueDecision => ({ records: [], answer: badRequest(message) });
  if (cluster.state === 'DELETING' || cluster.state === 'FAILED')
    return refuse(`The cluster ${cluster.name} is ${cluster.state}: no change of it can wait.`);
  if (clusters.queued.of(cluster.arn).length >= MOST_QUEUED)
    return refuse(`${MOST_QUEUED} changes of the cluster ${cluster.name} wait already.`);
  return { records: [{ type: 'QueuedChangeRecord', change }], answer: queuedOperation(change) };
}

/** The change ends without having begun: it was refused when its turn came, or taken back. Says nothing about one that does not wait. */
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

/** As what DescribeClusterOperation tells it: PENDING, with steps that are known when it begins. */
export function queuedOperation({ arn, clusterArn, type, queuedAt }: QueuedChange): ClusterOperation {
  return {
    arn,
    clusterArn,
    type,
    state: 'PENDING',
    startedAt: queuedAt,
    endedAt: null,
    steps: [],
    source: {},
    target: {},
    plan: null,
    cancelled: false,
    error: null,
  };
}
