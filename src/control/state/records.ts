import type { Cluster, ClusterState, ClusterStep, StateInfo } from './cluster.ts';

/** Everything that can happen to the control plane's state. Stored as JSON, one row each, replayed in order. */
export type ControlRecord =
  | { readonly type: 'ClusterRecord'; readonly cluster: Cluster }
  | { readonly type: 'ClusterStepRecord'; readonly arn: string; readonly step: ClusterStep }
  | {
      readonly type: 'ClusterStateRecord';
      readonly arn: string;
      readonly state: ClusterState;
      readonly stateInfo: StateInfo | null;
    }
  | { readonly type: 'RemoveClusterRecord'; readonly arn: string };
