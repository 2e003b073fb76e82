import { ARN, PAGE } from '../../control/api/operation.ts';
import { oneOf, optional, structure } from '../../control/api/shape.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { page } from '../../control/aws/paging.ts';
import { withoutSecrets } from '../secrets/reference.ts';
import type { ConnectorSetting } from '../state/connector.ts';
import type { ConnectorOperation } from '../state/connector-operation.ts';
import { begun } from './begun.ts';
import { connectOperation, timestamp } from './connect-operation.ts';
import { workerSetting } from './connector-description.ts';

export const pauseConnector = connectOperation({
  name: 'PauseConnector',
  input: structure({ connectorArn: ARN }),
  handle: (control, { connectorArn }) => begun(control, connectorArn, { type: 'PAUSE_CONNECTOR' }),
});

export const resumeConnector = connectOperation({
  name: 'ResumeConnector',
  input: structure({ connectorArn: ARN }),
  handle: (control, { connectorArn }) => begun(control, connectorArn, { type: 'RESUME_CONNECTOR' }),
});

export const restartConnector = connectOperation({
  name: 'RestartConnector',
  input: structure({ connectorArn: ARN, onlyFailedTasks: optional(oneOf('true', 'false')) }),
  handle: (control, { connectorArn, onlyFailedTasks }) =>
    begun(control, connectorArn, { type: 'RESTART_CONNECTOR', onlyFailedTasks: onlyFailedTasks === 'true' }),
});

export const describeConnectorOperation = connectOperation({
  name: 'DescribeConnectorOperation',
  input: structure({ connectorOperationArn: ARN }),
  handle: (control, { connectorOperationArn }) => {
    const operation = control.store.state.operation(connectorOperationArn);
    if (isApiError(operation)) return operation;
    const { origin, target, error } = operation;
    return {
      ...summary(operation),
      connectorArn: operation.connectorArn,
      operationSteps: operation.steps.map(({ type, state }) => ({ stepType: type, stepState: state })),
      ...(origin && target ? settings(operation, origin, target) : {}),
      ...(error ? { errorInfo: error } : {}),
    };
  },
});

export const listConnectorOperations = connectOperation({
  name: 'ListConnectorOperations',
  input: structure({ connectorArn: ARN, ...PAGE }),
  handle: (control, input) => {
    const connector = control.store.state.connectors.get(input.connectorArn);
    if (isApiError(connector)) return connector;
    const all = control.store.state.operationsOf(input.connectorArn);
    // The newest first, and those of one millisecond by their ARN.
    const paged = page(all, {
      ...input,
      key: ({ arn, createdAt }) => `${String(Number.MAX_SAFE_INTEGER - createdAt).padStart(16, '0')} ${arn}`,
      scope: `operations/${input.connectorArn}`,
    });
    if (isApiError(paged)) return paged;
    return { connectorOperations: paged.items.map(summary), nextToken: paged.nextToken };
  },
});

function settings({ type }: ConnectorOperation, origin: ConnectorSetting, target: ConnectorSetting): object {
  if (type === 'UPDATE_CONNECTOR_CONFIGURATION')
    return {
      originConnectorConfiguration: withoutSecrets(origin.configuration),
      targetConnectorConfiguration: withoutSecrets(target.configuration),
    };
  return { originWorkerSetting: workerSetting(origin), targetWorkerSetting: workerSetting(target) };
}

function summary({ arn, type, state, createdAt, endedAt }: ConnectorOperation): object {
  return {
    connectorOperationArn: arn,
    connectorOperationType: type,
    connectorOperationState: state,
    creationTime: timestamp(createdAt),
    ...(endedAt === null ? {} : { endTime: timestamp(endedAt) }),
  };
}
