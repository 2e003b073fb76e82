import { randomUUID } from 'node:crypto';
import type { Decision } from '../../base/decision.ts';
import { type ApiError, isApiError } from '../../control/aws/api-error.ts';
import { connectOperationArn } from '../../control/aws/arn.ts';
import type { NewOperation } from '../state/connect-state.ts';
import type { ConnectStateRecord } from '../state/records.ts';
import type { ConnectControl } from './connect-operation.ts';

/**
 * Begins an operation of a connector. `version`: the one that must be current, where it was given. Throws
 * StoreError.
 */
export function begun(
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
