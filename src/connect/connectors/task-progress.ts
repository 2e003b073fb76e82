import type { ConnectorStatus } from '../worker/connector-port.ts';
import { memberBean, taskBean, type WorkerMetrics } from '../worker/worker-metrics.ts';

/**
 * What is amiss for so long is told. A mean of Kafka's is of the last minute, so a put that stands has stood
 * for two then.
 */
const STANDS_MS = 60_000;
/** A consumer whose coordinator hears nothing from it for so long is no member of its group any more. */
const SILENT_SECONDS = 60;

interface Amiss {
  /** The same while nothing has moved. */
  readonly key: string;
  /** Told when it is so for a minute and this. */
  readonly moreMs?: number;
  readonly why: string;
}

/** A connector of whose tasks it is asked. */
export interface Progressing {
  readonly name: string;
  /** How often its workers commit offsets (`offset.flush.interval.ms`). */
  readonly flushMs: number;
}

/**
 * Whether tasks that say RUNNING get on. Kafka Connect says RUNNING of a task from its start to its failure,
 * also where its `put` never returns, its consumer has left the group, or no broker takes its records; what
 * it counts shows that.
 */
export class TaskProgress {
  /** Since when it is amiss, by key. */
  #since = new Map<string, number>();

  /**
   * Why one of these tasks does not get on; null while all do, and while it is not known. `workers`: by
   * address. `now`: in ms, monotonic.
   */
  look(
    { name: connector, flushMs }: Progressing,
    tasks: ConnectorStatus['tasks'],
    workers: ReadonlyMap<string, WorkerMetrics>,
    now: number,
  ): string | null {
    const all = tasks.flatMap(({ id, worker }) => {
      const metrics = workers.get(worker);
      return metrics
        ? amiss({ name: connector, flushMs }, id, metrics).map((one) => ({
            ...one,
            key: `${worker} ${one.key}`,
          }))
        : [];
    });
    this.#since = new Map(all.map(({ key }) => [key, this.#since.get(key) ?? now]));
    return (
      all.find(({ key, moreMs = 0 }) => now - (this.#since.get(key) ?? now) >= STANDS_MS + moreMs)?.why ??
      null
    );
  }

  /** They do not say RUNNING. */
  forget(): void {
    this.#since.clear();
  }
}

/**
 * Why it is not known yet whether these tasks, which say RUNNING, can work: a sink's task has read nothing
 * before its consumer is a member of its group, for which it waits some seconds. Null when all are.
 */
export function joining(
  connector: string,
  tasks: ConnectorStatus['tasks'],
  workers: ReadonlyMap<string, WorkerMetrics>,
): string | null {
  const outside = tasks.find(({ id, worker }) => {
    const metrics = workers.get(worker);
    return metrics !== undefined && isOutside(connector, id, metrics);
  });
  return outside ? notJoined(connector, outside.id) : null;
}

function isOutside(connector: string, task: number, metrics: WorkerMetrics): boolean {
  const heardSeconds = metrics.get(memberBean(connector, task))?.['last-heartbeat-seconds-ago'];
  const isSink = metrics.has(taskBean(connector, task, 'sink-task-metrics'));
  return isSink && heardSeconds !== undefined && (heardSeconds ?? -1) < 0;
}

function notJoined(connector: string, task: number): string {
  return `the consumer of task ${task} has not joined the group connect-${connector}`;
}

function amiss({ name: connector, flushMs }: Progressing, task: number, metrics: WorkerMetrics): Amiss[] {
  if (!metrics.has(taskBean(connector, task, 'connector-task-metrics')))
    return [{ key: `${task} gone`, why: `task ${task} says RUNNING, and its worker does not have it` }];
  const sink = metrics.get(taskBean(connector, task, 'sink-task-metrics'));
  const source = metrics.get(taskBean(connector, task, 'source-task-metrics'));
  const found: Amiss[] = [];
  // A task without records is called as often as its offsets are committed.
  if (sink && sink['put-batch-avg-time-ms'] === null)
    found.push({
      key: `${task} put`,
      moreMs: flushMs,
      why: `task ${task} takes no records: for a minute and more its put has not returned, or has asked to be called again`,
    });
  const heardSeconds = metrics.get(memberBean(connector, task))?.['last-heartbeat-seconds-ago'];
  if (isOutside(connector, task, metrics))
    found.push({ key: `${task} joins`, why: notJoined(connector, task) });
  if (sink && (heardSeconds ?? 0) > SILENT_SECONDS)
    found.push({
      key: `${task} left`,
      why: `the consumer of task ${task} is no member of the group connect-${connector} any more`,
    });
  if (source && (source['source-record-active-count'] ?? 0) > 0)
    found.push({
      key: `${task} write ${source['source-record-write-total']}`,
      why: `task ${task} has records that no broker takes`,
    });
  return found;
}
