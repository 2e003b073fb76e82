import type { ClusterOperation } from './operation.ts';
import type { QueuedChange } from './queued-change.ts';
import type { ControlRecord } from './records.ts';

/**
 * The changes of all clusters that wait, each cluster's in their order. One leaves when its operation is
 * there.
 */
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
