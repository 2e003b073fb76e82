/** Workers of one size: `mcuCount` units of 1 CPU and 4 GiB each. */
export interface Capacity {
  readonly mcuCount: number;
  /** As many as there are to be now; where they are scaled, from the least to the most. */
  readonly workerCount: number;
  /** Absent where the count stays what it is. */
  readonly autoScaling?: AutoScaling;
}

/** By which load the workers of a connector become more and fewer. */
interface AutoScaling {
  readonly minWorkerCount: number;
  readonly maxWorkerCount: number;
  /** Of the mean use of their CPUs, in percent. */
  readonly scaleInPercent: number;
  readonly scaleOutPercent: number;
  /** Null where there may be as many tasks as the workers have room for. */
  readonly maxTaskCount: number | null;
}

/** MSK Connect reckons with two tasks for each unit. */
const TASKS_PER_MCU = 2;

/**
 * What the workers are given: where they are scaled, the number of tasks follows them, whatever the
 * configuration says (`tasks.max`).
 */
export function withTasks(
  configuration: Readonly<Record<string, string>>,
  { mcuCount, workerCount, autoScaling }: Capacity,
): Readonly<Record<string, string>> {
  if (!autoScaling) return configuration;
  const room = mcuCount * workerCount * TASKS_PER_MCU;
  return { ...configuration, 'tasks.max': String(Math.min(room, autoScaling.maxTaskCount ?? room)) };
}
