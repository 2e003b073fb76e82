import { type Decision, refuse } from '../../base/decision.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import type { RebalancePlan } from '../rebalance/plan.ts';
import { type BrokerPlace, type Cluster, type PlaceChange, withBroker, withProperties } from './cluster.ts';
import type { Clusters } from './clusters.ts';
import {
  type ChangedInfo,
  type ClusterOperation,
  currentStep,
  type OperationStep,
  type OperationTask,
  type StepStatus,
} from './operation.ts';
import { type ProvisionedSpec, withVolume } from './provisioned-spec.ts';
import type { ControlRecord } from './records.ts';

/**
 * How an operation goes on. Every command names the operation, and says nothing when it is not under way any
 * more: its cluster was deleted meanwhile.
 */

type Progress = Decision<ControlRecord, null>;

const nothing: Progress = { records: [], answer: null };

/** The step is begun: from here on a crash leaves no doubt about where to go on. */
export function beginStep(clusters: Clusters, arn: string): Progress {
  const underWay = find(clusters, arn);
  const step = underWay && currentStep(underWay.operation);
  if (!underWay || !step || step.status === 'IN_PROGRESS') return nothing;
  const { operation } = underWay;
  const records: ControlRecord[] = [
    {
      type: 'OperationRecord',
      operation: {
        ...operation,
        state: operation.type === 'REBOOT_NODE' ? 'REBOOT_IN_PROGRESS' : 'UPDATE_IN_PROGRESS',
        steps: marked(operation.steps, step.name, 'IN_PROGRESS'),
        plan: null,
      },
    },
  ];
  return { records, answer: null };
}

/** The broker runs with these settings, or will when it starts again. */
export function brokerChanged(
  clusters: Clusters,
  arn: string,
  { broker, settings }: { readonly broker: number; readonly settings: PlaceChange },
): Progress {
  const underWay = find(clusters, arn);
  const before = underWay?.cluster.brokers.find(({ id }) => id === broker);
  if (!underWay || !before || hasSettings(before, settings)) return nothing;
  const cluster = withBroker(underWay.cluster, broker, settings);
  return { records: [{ type: 'ClusterRecord', cluster }], answer: null };
}

function hasSettings(place: BrokerPlace, settings: PlaceChange): boolean {
  return JSON.stringify({ ...place, ...settings }) === JSON.stringify(place);
}

/** Brokers that were to come do not: the cluster has those that it had before. */
export function brokersTakenBack(clusters: Clusters, arn: string, taken: readonly number[]): Progress {
  const underWay = find(clusters, arn);
  if (!underWay) return nothing;
  return { records: [{ type: 'ClusterRecord', cluster: without(underWay.cluster, taken) }], answer: null };
}

export function savePlan(clusters: Clusters, arn: string, plan: RebalancePlan | null): Progress {
  const underWay = find(clusters, arn);
  if (!underWay) return nothing;
  return { records: [{ type: 'OperationRecord', operation: { ...underWay.operation, plan } }], answer: null };
}

export function completeStep(clusters: Clusters, arn: string, now: number): Progress {
  const underWay = find(clusters, arn);
  const step = underWay && currentStep(underWay.operation);
  if (!underWay || !step) return nothing;
  const operation: ClusterOperation = {
    ...underWay.operation,
    steps: marked(underWay.operation.steps, step.name, 'COMPLETED'),
    plan: null,
  };
  let { cluster } = underWay;
  if (step.task.kind === 'REMOVE_BROKERS') cluster = without(cluster, step.task.brokers);
  if (step.task.kind === 'UPDATE_CONTROLLER') cluster = withProperties(cluster, step.task.properties);
  if (currentStep(operation))
    return {
      records: [
        { type: 'OperationRecord', operation },
        { type: 'ClusterRecord', cluster },
      ],
      answer: null,
    };
  return end(cluster, operation, null, now);
}

/** It has no step left from the beginning: there was nothing to do but to remember a setting. */
export function endOperation(clusters: Clusters, arn: string, now: number): Progress {
  const underWay = find(clusters, arn);
  return underWay ? end(underWay.cluster, underWay.operation, null, now) : nothing;
}

/**
 * A step cannot be done and trying again would not help, or the operation was cancelled. The cluster goes on
 * as it is.
 */
export function failOperation(
  clusters: Clusters,
  arn: string,
  error: { readonly code: string; readonly message: string },
  now: number,
): Progress {
  const underWay = find(clusters, arn);
  if (!underWay) return nothing;
  const status = underWay.operation.cancelled ? 'CANCELLED' : 'FAILED';
  const steps = underWay.operation.steps.map((step): OperationStep => {
    if (step.status === 'COMPLETED') return step;
    return { ...step, status: step.status === 'PENDING' ? 'CANCELLED' : status };
  });
  return end(underWay.cluster, { ...underWay.operation, steps, plan: null }, error, now);
}

const NO_WAY_BACK: { readonly [Kind in OperationTask['kind']]?: string } = {
  REMOVE_BROKERS: 'Brokers are being taken away already: the operation cannot be cancelled any more.',
  FINALIZE_FEATURES:
    'The cluster is given the features of its new version already: the operation cannot be cancelled any more.',
};

/** Everything can be taken back until brokers are taken away, or features are in use. */
export function cancelOperation(
  clusters: Clusters,
  arn: string,
): Decision<ControlRecord, ClusterOperation | ApiError> {
  const operation = clusters.operations.get(arn);
  if (isApiError(operation)) return refuse(operation);
  if (operation.cancelled && operation.endedAt === null) return { records: [], answer: operation };
  const underWay = find(clusters, arn);
  const step = underWay && currentStep(underWay.operation);
  const why = step ? NO_WAY_BACK[step.task.kind] : 'The operation has ended: there is nothing to cancel.';
  if (why !== undefined) return refuse(badRequest(why, 'clusterOperationArn'));
  const cancelled: ClusterOperation = { ...operation, cancelled: true };
  return { records: [{ type: 'OperationRecord', operation: cancelled }], answer: cancelled };
}

function end(
  cluster: Cluster,
  operation: ClusterOperation,
  error: ClusterOperation['error'],
  now: number,
): Progress {
  const reboot = operation.type === 'REBOOT_NODE';
  const ended: ClusterOperation = {
    ...operation,
    state: error ? 'UPDATE_FAILED' : reboot ? 'REBOOT_COMPLETE' : 'UPDATE_COMPLETE',
    steps: error
      ? operation.steps
      : operation.steps.map((step): OperationStep => ({ ...step, status: 'COMPLETED' })),
    endedAt: now,
    error,
  };
  const spec = error ? cluster.spec : withTarget(cluster.spec, operation.target);
  return {
    records: [
      { type: 'OperationRecord', operation: ended },
      {
        type: 'ClusterRecord',
        cluster: {
          ...cluster,
          spec,
          state: cluster.stateInfo ? 'HEALING' : 'ACTIVE',
          operationArn: null,
        },
      },
    ],
    answer: null,
  };
}

/** The spec as the operation was to make it. */
export function withTarget(before: ProvisionedSpec, target: ChangedInfo): ProvisionedSpec {
  const [volume] = target.brokerEBSVolumeInfo ?? [];
  const spec = volume ? withVolume(before, volume.volumeSizeGB, volume.provisionedThroughput) : before;
  const { instanceType, clientAuthentication, encryptionInfo, configurationInfo } = target;
  const { enhancedMonitoring, openMonitoring, loggingInfo, connectivityInfo } = target;
  const group = spec.brokerNodeGroupInfo;
  return {
    ...spec,
    ...(clientAuthentication ? { clientAuthentication } : {}),
    ...(encryptionInfo ? { encryptionInfo } : {}),
    ...(configurationInfo ? { configurationInfo } : {}),
    ...(enhancedMonitoring ? { enhancedMonitoring } : {}),
    ...(openMonitoring ? { openMonitoring } : {}),
    ...(loggingInfo ? { loggingInfo } : {}),
    ...(target.kafkaVersion === undefined ? {} : { kafkaVersion: target.kafkaVersion }),
    brokerNodeGroupInfo: {
      ...group,
      ...(connectivityInfo ? { connectivityInfo } : {}),
      ...(instanceType === undefined ? {} : { instanceType }),
    },
  };
}

function without(cluster: Cluster, gone: readonly number[]): Cluster {
  const brokers = cluster.brokers.filter(({ id }) => !gone.includes(id));
  return { ...cluster, brokers, spec: { ...cluster.spec, numberOfBrokerNodes: brokers.length } };
}

function find(clusters: Clusters, arn: string): { cluster: Cluster; operation: ClusterOperation } | null {
  const operation = clusters.operations.get(arn);
  if (isApiError(operation) || operation.endedAt !== null) return null;
  const cluster = clusters.get(operation.clusterArn);
  if (isApiError(cluster) || cluster.operationArn !== arn) return null;
  return cluster.state === 'UPDATING' || cluster.state === 'REBOOTING_BROKER' ? { cluster, operation } : null;
}

function marked(steps: readonly OperationStep[], name: string, status: StepStatus): OperationStep[] {
  return steps.map((step) => (step.name === name ? { ...step, status } : step));
}
