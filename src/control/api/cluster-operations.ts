import { type ApiError, isApiError } from '../aws/api-error.ts';
import { shortInstanceType } from '../aws/instance-types.ts';
import { type Page, page } from '../aws/paging.ts';
import type { Control } from '../control.ts';
import type { ChangedInfo, ClusterOperation } from '../state/operation.ts';
import { type ApiAnswer, ARN, operation, PAGE } from './operation.ts';
import { structure } from './shape.ts';

export const describeClusterOperation = operation({
  name: 'DescribeClusterOperation',
  input: structure({ ClusterOperationArn: ARN }),
  handle: (control, { ClusterOperationArn }) => described(control, ClusterOperationArn, operationV1),
});

export const describeClusterOperationV2 = operation({
  name: 'DescribeClusterOperationV2',
  input: structure({ ClusterOperationArn: ARN }),
  handle: (control, { ClusterOperationArn }) => described(control, ClusterOperationArn, operationV2),
});

export const listClusterOperations = operation({
  name: 'ListClusterOperations',
  input: structure({ ClusterArn: ARN, ...PAGE }),
  handle: (control, input) => listed(control, input, operationV1),
});

export const listClusterOperationsV2 = operation({
  name: 'ListClusterOperationsV2',
  input: structure({ ClusterArn: ARN, ...PAGE }),
  handle: (control, input) => listed(control, input, operationSummary),
});

function operationV1(one: ClusterOperation): object {
  return {
    ...shared(one),
    creationTime: new Date(one.startedAt).toISOString(),
    ...details(one),
    ...(one.error ? { errorInfo: errorInfo(one.error) } : {}),
  };
}

function operationV2(one: ClusterOperation): object {
  return {
    ...operationSummary(one),
    provisioned: details(one),
    ...(one.error ? { errorInfo: errorInfo(one.error) } : {}),
  };
}

function operationSummary(one: ClusterOperation): object {
  return {
    ...shared(one),
    clusterType: 'PROVISIONED',
    startTime: new Date(one.startedAt).toISOString(),
  };
}

function shared(one: ClusterOperation): object {
  return {
    clusterArn: one.clusterArn,
    operationArn: one.arn,
    operationState: one.state,
    operationType: one.type,
    ...(one.endedAt === null ? {} : { endTime: new Date(one.endedAt).toISOString() }),
  };
}

function details(one: ClusterOperation): object {
  return {
    operationSteps: one.steps.map(({ name, status }) => ({
      stepName: name,
      stepInfo: { stepStatus: status },
    })),
    sourceClusterInfo: changedInfo(one.source),
    targetClusterInfo: changedInfo(one.target),
  };
}

/** Operations name sizes in their short form. */
function changedInfo(info: ChangedInfo): object {
  return info.instanceType === undefined
    ? info
    : { ...info, instanceType: shortInstanceType(info.instanceType) };
}

function errorInfo({ code, message }: { readonly code: string; readonly message: string }): object {
  return { errorCode: code, errorString: message };
}

function described(control: Control, arn: string, show: (one: ClusterOperation) => object): ApiAnswer {
  const found = control.store.clusters.operation(arn);
  return isApiError(found) ? found : { clusterOperationInfo: show(found) };
}

/** The latest first. */
function listed(
  control: Control,
  input: {
    readonly ClusterArn: string;
    readonly maxResults?: number | undefined;
    readonly nextToken?: string | undefined;
  },
  show: (one: ClusterOperation) => object,
): ApiAnswer {
  const cluster = control.store.clusters.get(input.ClusterArn);
  if (isApiError(cluster)) return cluster;
  const paged: Page<ClusterOperation> | ApiError = page(control.store.clusters.operationsOf(cluster.arn), {
    ...input,
    key: (one) => `${String(Number.MAX_SAFE_INTEGER - one.startedAt).padStart(16, '0')}/${one.arn}`,
    scope: `operations/${cluster.arn}`,
  });
  if (isApiError(paged)) return paged;
  return { clusterOperationInfoList: paged.items.map(show), nextToken: paged.nextToken };
}
