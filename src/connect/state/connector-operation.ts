import type { StateInfo } from '../../control/aws/state-info.ts';
import type { ConnectorSetting } from './connector.ts';

export type ConnectorOperationType =
  | 'PAUSE_CONNECTOR'
  | 'RESUME_CONNECTOR'
  | 'RESTART_CONNECTOR'
  | 'UPDATE_CONNECTOR_CONFIGURATION'
  | 'UPDATE_WORKER_SETTING';

type Verb = 'PAUSE' | 'RESUME' | 'RESTART' | 'UPDATE';
export type OperationState = `${Verb}_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}` | 'ROLLBACK_IN_PROGRESS';

export type StepType =
  | 'INITIALIZE_UPDATE'
  | 'VALIDATE_UPDATE'
  | 'UPDATE_WORKER_SETTING'
  | 'UPDATE_CONNECTOR_CONFIGURATION'
  | 'FINALIZE_UPDATE';

export interface ConnectorStep {
  readonly type: StepType;
  readonly state: 'PENDING' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
}

/** A change of a connector that was asked for, as the store knows it. */
export interface ConnectorOperation {
  readonly arn: string;
  readonly connectorArn: string;
  readonly type: ConnectorOperationType;
  readonly state: OperationState;
  readonly createdAt: number;
  readonly endedAt: number | null;
  /** Of an update; others have none. */
  readonly steps: readonly ConnectorStep[];
  readonly origin: ConnectorSetting | null;
  readonly target: ConnectorSetting | null;
  /** Whether a restart is of failed tasks alone. */
  readonly onlyFailedTasks: boolean;
  /** An update that is not watched: it is done once the workers have it. */
  readonly skipHealthValidation: boolean;
  readonly error: StateInfo | null;
}

const VERBS: Readonly<Record<ConnectorOperationType, Verb>> = {
  PAUSE_CONNECTOR: 'PAUSE',
  RESUME_CONNECTOR: 'RESUME',
  RESTART_CONNECTOR: 'RESTART',
  UPDATE_CONNECTOR_CONFIGURATION: 'UPDATE',
  UPDATE_WORKER_SETTING: 'UPDATE',
};

export function stateOf(
  type: ConnectorOperationType,
  phase: 'IN_PROGRESS' | 'COMPLETE' | 'FAILED',
): OperationState {
  return `${VERBS[type]}_${phase}`;
}

/** The steps of an update, none of which has begun. */
export function updateSteps(type: ConnectorOperationType): ConnectorStep[] {
  if (type !== 'UPDATE_CONNECTOR_CONFIGURATION' && type !== 'UPDATE_WORKER_SETTING') return [];
  return (['INITIALIZE_UPDATE', 'VALIDATE_UPDATE', type, 'FINALIZE_UPDATE'] as const).map((step) => ({
    type: step,
    state: 'PENDING',
  }));
}
