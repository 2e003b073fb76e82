import type { Clock } from '../../base/clock.ts';
import type { Connector } from '../state/connector.ts';
import type { ConnectorStatus } from '../worker/connector-port.ts';
import type { GroupPlan, WorkerGroup } from '../worker/worker-group.ts';
import type { ConnectorHealth } from './connector-health.ts';
import type { MeasuredConnector } from './connector-metrics.ts';
import { CpuUse } from './cpu-use.ts';
import { joining, TaskProgress } from './task-progress.ts';

/** How often workers are asked what their tasks do and use. */
const LOOK_MS = 10_000;

/**
 * Watches the workers of one connector: whether tasks that say RUNNING get on, and how much the workers use.
 */
export class WorkerWatch {
  readonly cpu = new CpuUse();
  readonly #clock: Clock;
  readonly #group: WorkerGroup;
  readonly #progress = new TaskProgress();
  #lookAt = 0;
  /** Why its tasks do not get on, at the last look. */
  #stalls: string | null = null;
  #status: ConnectorStatus | null = null;

  constructor(clock: Clock, group: WorkerGroup) {
    this.#clock = clock;
    this.#group = group;
  }

  /**
   * The health that follows from what the workers say, held against what they do. While an operation goes on,
   * whose success is told by it, a sink runs once its consumers have joined their group. Rejects with
   * RestError.
   */
  async health(
    { name, operationArn }: Connector,
    { properties }: GroupPlan,
    status: ConnectorStatus | null,
    said: ConnectorHealth,
  ): Promise<ConnectorHealth> {
    this.#status = status;
    const now = this.#clock.monotonic();
    const isTime = now >= this.#lookAt;
    if (isTime) {
      this.#lookAt = now + LOOK_MS;
      this.cpu.look(this.#group.usage(), now);
    }
    if (!status || said.health !== 'running') {
      this.#progress.forget();
      this.#stalls = null;
      return said;
    }
    if (!isTime && operationArn === null) return this.#unlessStalled(said);
    const metrics = await this.#group.metrics();
    if (isTime) {
      const flushMs = Number(properties['offset.flush.interval.ms'] ?? 0);
      this.#stalls = this.#progress.look({ name, flushMs }, status.tasks, metrics, now);
    }
    const why = operationArn === null ? null : joining(name, status.tasks, metrics);
    return why === null ? this.#unlessStalled(said) : { ...said, health: 'pending', why };
  }

  #unlessStalled(said: ConnectorHealth): ConnectorHealth {
    return this.#stalls === null ? said : { ...said, health: 'stalled', why: this.#stalls };
  }

  /** What is known of it now, for its metrics. */
  async measured({ name, capacity }: Connector): Promise<MeasuredConnector> {
    const { addresses } = this.#group;
    const tasks = (this.#status?.tasks ?? []).filter(({ worker }) => addresses.has(worker));
    const { mcuCount } = capacity;
    return {
      ...{ name, mcuCount },
      tasks: {
        running: tasks.filter(({ state }) => state === 'RUNNING').length,
        errored: tasks.filter(({ state }) => state === 'FAILED').length,
      },
      usage: this.#group.usage(),
      cpuPercents: [...this.cpu.percents(mcuCount).values()],
      workers: [...(await this.#group.metrics()).values()],
    };
  }
}
