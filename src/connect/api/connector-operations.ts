import { randomUUID } from 'node:crypto';
import type { Decision } from '../../base/decision.ts';
import { ARN, PAGE } from '../../control/api/operation.ts';
import { boolean, list, oneOf, optional, string, structure } from '../../control/api/shape.ts';
import { type ApiError, badRequest, isApiError } from '../../control/aws/api-error.ts';
import { connectOperationArn } from '../../control/aws/arn.ts';
import { page } from '../../control/aws/paging.ts';
import { builtInPlugin, isBuiltIn } from '../plugins/built-in-plugin.ts';
import { withoutSecrets } from '../secrets/reference.ts';
import type { NewOperation } from '../state/connect-state.ts';
import type { ConnectorSetting } from '../state/connector.ts';
import type { ConnectorOperation } from '../state/connector-operation.ts';
import type { ConnectStateRecord } from '../state/records.ts';
import { capacityDescription, capacityOf } from './capacity-rules.ts';
import { type ConnectControl, connectOperation, timestamp } from './connect-operation.ts';
import { configurationRefusal } from './connector-rules.ts';
import { CAPACITY, CONFIGURATION } from './connector-shapes.ts';
import { sealedConfiguration } from './sealed-configuration.ts';

const ANYTHING = structure({});

export const updateConnector = connectOperation({
  name: 'UpdateConnector',
  input: structure({
    connectorArn: ARN,
    currentVersion: string({ min: 1, max: 128 }),
    capacity: optional(CAPACITY),
    connectorConfiguration: optional(CONFIGURATION),
    skipHealthValidation: optional(boolean),
    plugins: optional(list(ANYTHING, { max: 1 })),
    workerConfiguration: optional(ANYTHING),
    useDefaultWorkerConfiguration: optional(boolean),
  }),
  handle(control, input) {
    const { capacity, connectorConfiguration: configuration } = input;
    for (const field of ['plugins', 'workerConfiguration', 'useDefaultWorkerConfiguration'] as const)
      if (input[field] !== undefined && input[field] !== false)
        return badRequest(`An update cannot change ${field} yet: make another connector.`, field);
    if ((capacity === undefined) === (configuration === undefined))
      return badRequest('Exactly one of capacity and connectorConfiguration must be given.');
    const connector = control.store.state.connectors.get(input.connectorArn);
    if (isApiError(connector)) return connector;
    const wanted = capacity ? capacityOf(capacity, connector.capacity.workerCount) : connector.capacity;
    if (isApiError(wanted)) return wanted;
    const scaling = capacity?.autoScaling;
    const policy = (['scaleInPolicy', 'scaleOutPolicy'] as const).find((one) => scaling && !scaling[one]);
    if (policy) return badRequest(`An update must give the ${policy}.`, `capacity.autoScaling.${policy}`);
    const wrong = configuration && refusal(control, input.connectorArn, configuration);
    if (wrong) return wrong;
    const sealed = configuration
      ? sealedConfiguration(control, connector, configuration)
      : { configuration: connector.configuration };
    if (isApiError(sealed)) return sealed;
    return begun(
      control,
      input.connectorArn,
      {
        type: capacity ? 'UPDATE_WORKER_SETTING' : 'UPDATE_CONNECTOR_CONFIGURATION',
        target: { capacity: wanted, configuration: sealed.configuration },
        skipHealthValidation: input.skipHealthValidation ?? false,
      },
      input.currentVersion,
    );
  },
});

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

function begun(
  control: ConnectControl,
  connectorArn: string,
  wish: Pick<NewOperation, 'type' | 'target' | 'onlyFailedTasks' | 'skipHealthValidation'>,
  version?: string,
): object | ApiError {
  return control.store.execute((state): Decision<ConnectStateRecord, object> => {
    const arn = connectOperationArn(connectorArn, randomUUID());
    const { records, answer } = state.begin(connectorArn, { ...wish, arn, now: control.now() }, version);
    if (isApiError(answer)) return { records, answer };
    const connectorState = wish.target ? { connectorState: 'UPDATING' } : {};
    return { records, answer: { connectorArn, ...connectorState, connectorOperationArn: arn } };
  });
}

function refusal(
  control: ConnectControl,
  connectorArn: string,
  configuration: Readonly<Record<string, string>>,
): ApiError | null {
  const connector = control.store.state.connectors.get(connectorArn);
  if (isApiError(connector)) return connector;
  if (configuration['connector.class'] !== connector.configuration['connector.class'])
    return badRequest('connector.class cannot be changed.', 'connectorConfiguration');
  const plugin = isBuiltIn(connector)
    ? builtInPlugin(control.options)
    : control.store.state.plugins.get(connector.plugin.arn);
  return isApiError(plugin)
    ? plugin
    : configurationRefusal(connector.name, configuration, plugin, control.options.connectFiles);
}

function settings({ type }: ConnectorOperation, origin: ConnectorSetting, target: ConnectorSetting): object {
  if (type === 'UPDATE_CONNECTOR_CONFIGURATION')
    return {
      originConnectorConfiguration: withoutSecrets(origin.configuration),
      targetConnectorConfiguration: withoutSecrets(target.configuration),
    };
  return {
    originWorkerSetting: { capacity: capacityDescription(origin.capacity) },
    targetWorkerSetting: { capacity: capacityDescription(target.capacity) },
  };
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
