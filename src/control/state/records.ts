import type { StateInfo } from '../aws/state-info.ts';
import type { Cluster, ClusterState, ClusterStep } from './cluster.ts';
import type { Configuration, ConfigurationRevision } from './configuration.ts';
import type { ClusterOperation } from './operation.ts';
import type { QueuedChange } from './queued-change.ts';
import type { ScramAssociation } from './scram-association.ts';

/**
 * Everything that can happen to the control plane's state. Stored as JSON, one row each, replayed in order.
 */
export type ControlRecord =
  | { readonly type: 'ClusterRecord'; readonly cluster: Cluster }
  | { readonly type: 'ClusterStepRecord'; readonly arn: string; readonly step: ClusterStep }
  | {
      readonly type: 'ClusterStateRecord';
      readonly arn: string;
      readonly state: ClusterState;
      readonly stateInfo: StateInfo | null;
    }
  /** An operation as it is now; the one of this ARN before is replaced. */
  | { readonly type: 'OperationRecord'; readonly operation: ClusterOperation }
  /** A change that waits; an operation of its ARN takes its place. */
  | { readonly type: 'QueuedChangeRecord'; readonly change: QueuedChange }
  /** The secrets of a cluster as they are now, with the users that its brokers have for them. */
  | { readonly type: 'ScramRecord'; readonly arn: string; readonly association: ScramAssociation }
  | { readonly type: 'RemoveClusterRecord'; readonly arn: string }
  /** The first ports of brokers of clusters that were removed. */
  | { readonly type: 'RetiredPortsRecord'; readonly portBases: readonly number[] }
  | { readonly type: 'ConfigurationRecord'; readonly configuration: Configuration }
  /** One more revision of the configuration of this ARN. */
  | {
      readonly type: 'ConfigurationRevisionRecord';
      readonly configuration: string;
      readonly revision: ConfigurationRevision;
    }
  | { readonly type: 'RemoveConfigurationRecord'; readonly configuration: string };

/** The ARN of the cluster that a record is about; null when it is about none. */
export function clusterOf(record: ControlRecord): string | null {
  if ('arn' in record) return record.arn;
  if ('change' in record) return record.change.clusterArn;
  if ('operation' in record) return record.operation.clusterArn;
  return 'cluster' in record ? record.cluster.arn : null;
}
