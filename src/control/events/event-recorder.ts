import { isApiError } from '../aws/api-error.ts';
import type { Engine } from '../engine.ts';
import { type DiskWatch, describeUsage } from '../health/disk-watch.ts';
import type { Cluster } from '../state/cluster.ts';
import type { ClusterOperation } from '../state/operation.ts';
import { type ControlRecord, clusterOf } from '../state/records.ts';
import type { Store } from '../state/store.ts';
import type { EventLog } from './event-log.ts';

/** States of which an operation's own events tell. */
const OPERATING: readonly Cluster['state'][] = ['UPDATING', 'REBOOTING_BROKER'];

/** Makes events of what changes in the store, and of what the engine and the disk report. */
export class EventRecorder {
  readonly #events: EventLog;
  readonly #store: Store;
  readonly #clusters: Map<string, Cluster>;
  readonly #operations: Map<string, ClusterOperation>;

  constructor(events: EventLog, store: Store, engine: Engine, disk: DiskWatch, folder: string) {
    this.#events = events;
    this.#store = store;
    this.#clusters = new Map(store.clusters.all().map((cluster) => [cluster.arn, cluster]));
    this.#operations = new Map(store.clusters.operations.all().map((one) => [one.arn, one]));
    store.onRecord((record) => this.#changed(record));
    engine.onNodeNews((arn, { isLost, message }) => {
      const cluster = this.#clusters.get(arn);
      if (cluster) events.add({ kind: isLost ? 'NODE_LOST' : 'NODE_BACK', cluster, message });
    });
    disk.onLevel((usage) =>
      events.add({ kind: 'DISK_LEVEL', cluster: null, message: describeUsage(usage, folder) }),
    );
  }

  #changed(record: ControlRecord): void {
    if (record.type === 'OperationRecord') {
      this.#operationChanged(record.operation);
      return;
    }
    const arn = clusterOf(record);
    if (arn === null) return;
    const before = this.#clusters.get(arn);
    const now = this.#store.clusters.get(arn);
    if (!isApiError(now)) {
      this.#clusters.set(arn, now);
      this.#clusterChanged(before, now);
    } else if (before) {
      this.#clusters.delete(arn);
      for (const { arn: operation, clusterArn } of this.#operations.values())
        if (clusterArn === arn) this.#operations.delete(operation);
      this.#events.add({
        kind: 'CLUSTER_DELETED',
        cluster: before,
        message: 'It is deleted with all its data.',
      });
    }
  }

  #clusterChanged(before: Cluster | undefined, cluster: Cluster): void {
    if (!before) {
      const message = `It is to have ${cluster.brokers.length} broker${cluster.brokers.length === 1 ? '' : 's'}.`;
      this.#events.add({ kind: 'CLUSTER_CREATED', cluster, message });
      return;
    }
    const reason = cluster.stateInfo?.message ?? null;
    const isOther = cluster.state !== before.state;
    const isOtherReason = reason !== null && reason !== before.stateInfo?.message;
    const isOfOperation =
      OPERATING.includes(cluster.state) || (cluster.state === 'ACTIVE' && OPERATING.includes(before.state));
    if ((isOther && !isOfOperation) || isOtherReason)
      this.#events.add({
        kind: 'CLUSTER_STATE',
        cluster,
        message: reason === null ? `It is ${cluster.state}.` : `It is ${cluster.state}: ${reason}.`,
      });
  }

  /** Those that the store does not remember any more. */
  #forgetOld(): void {
    const { operations } = this.#store.clusters;
    for (const arn of this.#operations.keys())
      if (isApiError(operations.get(arn))) this.#operations.delete(arn);
  }

  #operationChanged(now: ClusterOperation): void {
    const cluster = this.#store.clusters.get(now.clusterArn);
    const before = this.#operations.get(now.arn);
    this.#operations.set(now.arn, now);
    if (isApiError(cluster)) return;
    // A change that waited and ended on its turn never was under way, and has no steps.
    const hasBegun = now.steps.length > 0;
    if (!before && hasBegun)
      this.#events.add({ kind: 'OPERATION_STARTED', cluster, message: `${now.type} began.` });
    for (const [index, { name, status, task }] of now.steps.entries())
      if (before && task && before.steps[index]?.status !== status)
        this.#events.add({
          kind: 'OPERATION_STEP',
          cluster,
          message: `${now.type}: the step ${name} is ${status}.`,
        });
    if (now.cancelled && !before?.cancelled)
      this.#events.add({ kind: 'OPERATION_CANCELLED', cluster, message: `${now.type} was cancelled.` });
    if (now.endedAt !== null && (before?.endedAt ?? null) === null) {
      const seconds = ((now.endedAt - now.startedAt) / 1000).toFixed(1);
      const why = now.error ? `: ${now.error.message.replace(/\.$/, '')}` : '';
      this.#events.add({
        kind: 'OPERATION_ENDED',
        cluster,
        message: hasBegun
          ? `${now.type} is ${now.state} after ${seconds} s${why}.`
          : `${now.type} did not begin${why}.`,
      });
      this.#forgetOld();
    }
  }
}
