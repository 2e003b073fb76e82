/** What one worker process is to do: some of the tasks of one connector. */
export interface WorkerAssignment {
  /** Of everything below: a worker that has it goes on as it is. */
  readonly digest: string;
  /** Of the connector. */
  readonly name: string;
  /** The configuration of each task, by its number; sealed values are references. */
  readonly tasks: readonly { readonly id: number; readonly texts: Readonly<Record<string, string>> }[];
  readonly isPaused: boolean;
}

/** How one task fares. */
export interface TaskReport {
  readonly id: number;
  /** UNASSIGNED: it has not begun to work yet. STALLED: it has done nothing for too long. */
  readonly state: 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STALLED' | 'FAILED';
  /** The error with its stack, when it failed; what it waits for, when it is stalled. */
  readonly trace: string | null;
}

/** What a worker says of itself. */
export interface WorkerReport {
  /** Null before it was given anything. */
  readonly assignment: Pick<WorkerAssignment, 'digest' | 'name' | 'isPaused'> | null;
  readonly tasks: readonly TaskReport[];
  /** Of what `GET /topics` tells, empty while that has none; a worker of an older release has neither. */
  readonly topicsDigest?: string;
}

export function isAssignment(value: unknown): value is WorkerAssignment {
  return (
    isObject(value) &&
    typeof value.digest === 'string' &&
    typeof value.name === 'string' &&
    typeof value.isPaused === 'boolean' &&
    Array.isArray(value.tasks) &&
    value.tasks.every((task: unknown) => isObject(task) && Number.isInteger(task.id) && isObject(task.texts))
  );
}

export function isWorkerReport(value: unknown): value is WorkerReport {
  return (
    isObject(value) &&
    (value.assignment === null ||
      (isObject(value.assignment) && typeof value.assignment.digest === 'string')) &&
    Array.isArray(value.tasks) &&
    value.tasks.every((task: unknown) => isObject(task) && typeof task.state === 'string') &&
    (value.topicsDigest === undefined || typeof value.topicsDigest === 'string')
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
