import type { ApiClient } from '../api-client.ts';
import { Failure } from '../failure.ts';

const POLL_MS = 250;

/** An operation of a connector when it has ended, or as it is now where nobody waits. */
export async function operationOf(
  api: ApiClient,
  arn: unknown,
  isAwaited: boolean,
): Promise<Record<string, unknown>> {
  const describe = () => api.send('GET', ['v1', 'connectorOperations', String(arn)]);
  let operation = await describe();
  while (isAwaited && operation.endTime === undefined) {
    await new Promise((done) => setTimeout(done, POLL_MS));
    operation = await describe();
  }
  return operation;
}

/** Throws Failure with the reason of one that has failed. `what`: `The update`. */
export function refuseFailed(operation: Record<string, unknown>, what: string): void {
  const { connectorOperationState: state, errorInfo } = operation;
  if (!String(state).endsWith('_FAILED')) return;
  const why =
    typeof errorInfo === 'object' && errorInfo !== null && 'message' in errorInfo ? errorInfo.message : '';
  throw new Failure(`${what} failed: ${String(why)}`);
}
