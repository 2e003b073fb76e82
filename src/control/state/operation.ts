import type { ConfigurationChange } from '../configuration/configuration-change.ts';
import type { RebalancePlan } from '../rebalance/plan.ts';
import type { Cluster } from './cluster.ts';
import type { ListenerKind } from './listeners.ts';
import type { ConnectivityInfo, ProvisionedSpec, ProvisionedThroughput } from './provisioned-spec.ts';

export type OperationType =
  | 'INCREASE_BROKER_COUNT'
  | 'DECREASE_BROKER_COUNT'
  | 'UPDATE_BROKER_TYPE'
  | 'UPDATE_REBALANCING'
  | 'UPDATE_SECURITY'
  | 'UPDATE_CONNECTIVITY'
  | 'UPDATE_BROKER_STORAGE'
  | 'UPDATE_STORAGE'
  | 'UPDATE_CLUSTER_CONFIGURATION'
  | 'UPDATE_CLUSTER_KAFKA_VERSION'
  | 'UPDATE_MONITORING'
  | 'REBOOT_NODE';

type OperationState =
  | 'PENDING'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_FAILED'
  | 'REBOOT_IN_PROGRESS'
  | 'REBOOT_COMPLETE';

export type StepStatus = 'PENDING' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

/**
 * What there is to do in a step. Each can be done again from the beginning, by this control plane or the next
 * one.
 */
export type OperationTask =
  | { readonly kind: 'START_BROKERS' }
  /** Moves partitions so that brokers have as much as each other, and those that leave have nothing. */
  | { readonly kind: 'MOVE_PARTITIONS'; readonly leaving: readonly number[] }
  | { readonly kind: 'REMOVE_BROKERS'; readonly brokers: readonly number[] }
  | { readonly kind: 'UPDATE_BROKER'; readonly broker: number; readonly instanceType: string }
  | {
      readonly kind: 'UPDATE_LISTENERS';
      readonly broker: number;
      readonly listeners: readonly ListenerKind[];
      /** Missing in an operation of a release that had none. */
      readonly clientCas?: readonly string[];
    }
  /** Every broker gets a volume of the operation's target, while it runs. */
  | { readonly kind: 'RESIZE_VOLUMES'; readonly gib: number }
  /** The broker is started with these properties of a configuration. */
  | {
      readonly kind: 'UPDATE_PROPERTIES';
      readonly broker: number;
      readonly properties: Cluster['properties'];
    }
  /** So is the controller, and with it every node. */
  | { readonly kind: 'UPDATE_CONTROLLER'; readonly properties: Cluster['properties'] }
  /** The defaults of all brokers while they run; null takes one away. */
  | { readonly kind: 'UPDATE_LIVE_CONFIGS'; readonly values: Readonly<Record<string, string | null>> }
  /**
   * The broker is started with this Kafka version, and with these properties of a configuration unless they
   * stay.
   */
  | {
      readonly kind: 'UPDATE_VERSION';
      readonly broker: number;
      readonly kafkaVersion: string;
      readonly properties: Cluster['properties'] | null;
    }
  /**
   * The cluster uses the features of this Kafka version from then on, and none of its brokers can go back.
   */
  | { readonly kind: 'FINALIZE_FEATURES'; readonly kafkaVersion: string }
  /** What the brokers' exporters tell, and which of them there are. */
  | { readonly kind: 'UPDATE_MONITORING' }
  | { readonly kind: 'REBOOT_BROKER'; readonly broker: number };

export interface OperationStep {
  readonly name: string;
  readonly status: StepStatus;
  /** Null for the first and the last, which are the acceptance and the end of the operation themselves. */
  readonly task: OperationTask | null;
}

/** The changed attributes only, in the words of the API's MutableClusterInfo. */
export interface ChangedInfo {
  readonly numberOfBrokerNodes?: number;
  readonly instanceType?: string;
  readonly kafkaVersion?: string;
  readonly rebalancing?: { readonly status: 'ACTIVE' | 'PAUSED' };
  readonly clientAuthentication?: ProvisionedSpec['clientAuthentication'];
  readonly encryptionInfo?: ProvisionedSpec['encryptionInfo'];
  readonly configurationInfo?: ProvisionedSpec['configurationInfo'];
  readonly connectivityInfo?: ConnectivityInfo;
  readonly enhancedMonitoring?: ProvisionedSpec['enhancedMonitoring'];
  readonly openMonitoring?: ProvisionedSpec['openMonitoring'];
  readonly loggingInfo?: ProvisionedSpec['loggingInfo'];
  readonly brokerEBSVolumeInfo?: readonly {
    readonly kafkaBrokerNodeId: string;
    readonly volumeSizeGB: number;
    readonly provisionedThroughput?: ProvisionedThroughput | undefined;
  }[];
  readonly brokerCountUpdateInfo?: {
    readonly createdBrokerIds?: readonly number[];
    readonly deletedBrokerIds?: readonly number[];
  };
}

/** A change of a cluster that takes time. Immutable, as a cluster is. */
export interface ClusterOperation {
  readonly arn: string;
  readonly clusterArn: string;
  readonly type: OperationType;
  readonly state: OperationState;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly steps: readonly OperationStep[];
  readonly source: ChangedInfo;
  readonly target: ChangedInfo;
  /**
   * Which partitions the step that is under way moves. It is made once, so that a crash does not change the
   * course.
   */
  readonly plan: RebalancePlan | null;
  /** Whether somebody asked for an end: what is being moved is taken back. */
  readonly cancelled: boolean;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Of another revision of a configuration: which properties change, and how. */
  readonly configurationChange?: ConfigurationChange;
}

/** The step to do, or to go on with; null when all are done. */
export function currentStep(
  operation: ClusterOperation,
): (OperationStep & { readonly task: OperationTask }) | null {
  for (const step of operation.steps) {
    const { task } = step;
    if (task && (step.status === 'PENDING' || step.status === 'IN_PROGRESS')) return { ...step, task };
  }
  return null;
}
