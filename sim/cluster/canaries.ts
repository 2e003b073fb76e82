import { Partition } from '../../src/replication/partition.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import type { SimCluster } from './sim-cluster.ts';

/** A rule broken on purpose: some checker must notice. */
export const CLUSTER_CANARIES = [
  'the metadata log is not synced',
  'replicas are cut back to the high watermark',
  'the leader acknowledges alone',
  'sequences are not checked',
] as const;
export type ClusterCanary = (typeof CLUSTER_CANARIES)[number];

/** Breaks the rule; the result mends it. Code under test knows nothing of it, so one simulation runs at a time. */
export function breakRule(canary: ClusterCanary | undefined, cluster: SimCluster): () => void {
  switch (canary) {
    case undefined:
      return () => {};
    case 'the metadata log is not synced': {
      const { faults } = cluster.controllerHost;
      faults.syncLies = true;
      return () => {
        faults.syncLies = false;
      };
    }
    case 'replicas are cut back to the high watermark': {
      const { makeFollower } = Partition.prototype;
      Partition.prototype.makeFollower = function (state) {
        const changed = makeFollower.call(this, state);
        if (changed) this.log.truncateTo(this.log.highWatermark);
        return changed;
      };
      return () => {
        Partition.prototype.makeFollower = makeFollower;
      };
    }
    case 'the leader acknowledges alone': {
      const { append } = Partition.prototype;
      Partition.prototype.append = function (asked) {
        return append.call(this, { ...asked, acks: 'leader' });
      };
      return () => {
        Partition.prototype.append = append;
      };
    }
    case 'sequences are not checked': {
      const { append } = PartitionLog.prototype;
      PartitionLog.prototype.append = function (bytes, options) {
        const origin = options.origin === 'client' ? 'coordinator' : options.origin;
        return append.call(this, bytes, { ...options, origin });
      };
      return () => {
        PartitionLog.prototype.append = append;
      };
    }
  }
}
