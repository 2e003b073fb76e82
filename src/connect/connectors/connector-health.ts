import type { ConnectorStatus, PartStatus } from '../worker/connector-port.ts';

/** What a connector's status says, once it is held against the workers that live. */
export interface ConnectorHealth {
  /** Stalled: everything says that it runs, and it does not get on. */
  readonly health: 'running' | 'paused' | 'pending' | 'failed' | 'stalled';
  /** For people: the exception of what failed, or what is waited for. */
  readonly why: string;
  readonly taskCount: number;
  /** It was stopped, and none of its tasks is left. */
  readonly isStopped?: boolean;
}

/**
 * `addresses`: of the workers that serve. The status of a task is what its worker said last, so a task of a
 * worker that is gone is not running, whatever it says.
 */
export function connectorHealth(
  status: ConnectorStatus | null,
  addresses: ReadonlySet<string>,
): ConnectorHealth {
  if (!status) return { health: 'pending', why: 'the workers do not know the connector yet', taskCount: 0 };
  const taskCount = status.tasks.length;
  if (status.connector.state === 'STOPPED')
    return { health: 'pending', why: 'it is stopped', taskCount, isStopped: taskCount === 0 };
  const parts: [string, PartStatus][] = [
    ['the connector', status.connector],
    ...status.tasks.map((task): [string, PartStatus] => [`task ${task.id}`, task]),
  ];
  const failed = parts.find(([, { state }]) => state === 'FAILED');
  if (failed)
    return { health: 'failed', why: failed[1].trace ?? `${failed[0]} failed without a reason`, taskCount };
  const gone = parts.find(([, { worker }]) => !addresses.has(worker));
  if (gone) return { health: 'pending', why: `${gone[0]} has no worker now`, taskCount };
  if (parts.every(([, { state }]) => state === 'PAUSED'))
    return { health: 'paused', why: 'it is paused', taskCount };
  const stalled = parts.find(([, { state }]) => state === 'STALLED');
  if (stalled)
    return {
      health: 'stalled',
      why: `${stalled[0]}: ${stalled[1].trace ?? 'it does not get on'}`,
      taskCount,
    };
  const other = parts.find(([, { state }]) => state !== 'RUNNING');
  if (other) return { health: 'pending', why: `${other[0]} is ${other[1].state}`, taskCount };
  return { health: 'running', why: 'it runs', taskCount };
}
