import type { ApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import type { OperationType } from '../state/operation.ts';
import type { QueuedChange } from '../state/queued-change.ts';
import { updateConnectivityOperation } from './connectivity.ts';
import { updateMonitoringOperation } from './monitoring.ts';
import type { ApiAnswer, ApiOperation } from './operation.ts';
import { updateSecurityOperation } from './security.ts';
import { Invalid } from './shape.ts';
import { updateBrokerStorageOperation, updateStorageOperation } from './storage.ts';
import {
  rebootBrokerOperation,
  updateBrokerCountOperation,
  updateBrokerTypeOperation,
  updateClusterConfigurationOperation,
  updateClusterKafkaVersionOperation,
  updateRebalancingOperation,
} from './updates.ts';

type Request = Readonly<Record<string, unknown>>;

interface Queueable {
  readonly operation: ApiOperation;
  readonly type: OperationType | ((request: Request, brokers: number) => OperationType);
}

/** What can wait for its turn, by the name of its operation, and the type of what is then under way. */
export const QUEUEABLE = {
  RebootBroker: { operation: rebootBrokerOperation, type: 'REBOOT_NODE' },
  UpdateBrokerCount: {
    operation: updateBrokerCountOperation,
    type: ({ targetNumberOfBrokerNodes }, brokers) =>
      Number(targetNumberOfBrokerNodes) < brokers ? 'DECREASE_BROKER_COUNT' : 'INCREASE_BROKER_COUNT',
  },
  UpdateBrokerStorage: { operation: updateBrokerStorageOperation, type: 'UPDATE_BROKER_STORAGE' },
  UpdateBrokerType: { operation: updateBrokerTypeOperation, type: 'UPDATE_BROKER_TYPE' },
  UpdateClusterConfiguration: {
    operation: updateClusterConfigurationOperation,
    type: 'UPDATE_CLUSTER_CONFIGURATION',
  },
  UpdateClusterKafkaVersion: {
    operation: updateClusterKafkaVersionOperation,
    type: 'UPDATE_CLUSTER_KAFKA_VERSION',
  },
  UpdateConnectivity: { operation: updateConnectivityOperation, type: 'UPDATE_CONNECTIVITY' },
  UpdateMonitoring: { operation: updateMonitoringOperation, type: 'UPDATE_MONITORING' },
  UpdateRebalancing: { operation: updateRebalancingOperation, type: 'UPDATE_REBALANCING' },
  UpdateSecurity: { operation: updateSecurityOperation, type: 'UPDATE_SECURITY' },
  UpdateStorage: { operation: updateStorageOperation, type: 'UPDATE_STORAGE' },
} as const satisfies Readonly<Record<string, Queueable>>;

export type QueueableName = keyof typeof QUEUEABLE;

export function operationType(name: QueueableName, request: Request, brokers: number): OperationType {
  const { type }: Queueable = QUEUEABLE[name];
  return typeof type === 'string' ? type : type(request, brokers);
}

/** Sends the request of a change whose turn has come, with the version that its cluster has then. */
export async function beginQueued(
  control: Control,
  change: QueuedChange,
  version: string,
): Promise<ApiAnswer> {
  const { operation } = QUEUEABLE[change.asked as QueueableName];
  const request = { ...change.request, ClusterArn: change.clusterArn, currentVersion: version };
  return operation.run(control, request, { host: null, operationArn: change.arn });
}

/** What is wrong with the request whatever the state of its cluster; null when nothing is. */
export function wrongRequest(name: QueueableName, request: Request): ApiError | null {
  const parsed = QUEUEABLE[name].operation.input.parse(
    { ...request, ClusterArn: 'any', currentVersion: 'any' },
    '',
  );
  return parsed instanceof Invalid ? parsed.error : null;
}
