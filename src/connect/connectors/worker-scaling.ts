import type { World } from '../../base/world.ts';
import { type Capacity, withTasks } from '../state/capacity.ts';
import type { Connector } from '../state/connector.ts';
import type { ConnectorPort } from '../worker/connector-port.ts';
import { Autoscaler } from './autoscaler.ts';
import type { CpuUse } from './cpu-use.ts';

/** How often it is decided how many workers an autoscaled connector needs. */
const SCALE_MS = 10_000;

/** Keeps an autoscaled connector at as many workers as it needs, and as many tasks as these have room for. */
export class WorkerScaling {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #cpu: CpuUse;
  readonly #autoscaler = new Autoscaler();
  #nextAt = 0;

  /** `cpu`: what its workers use. */
  constructor(world: Pick<World, 'clock' | 'log'>, cpu: CpuUse) {
    this.#world = world;
    this.#cpu = cpu;
  }

  /**
   * Resolves to the capacity that the connector is to have, or to null while its workers are as many as it
   * needs; then it is given as many tasks. Rejects with RestError.
   */
  async look({ name, capacity, configuration }: Connector, rest: ConnectorPort): Promise<Capacity | null> {
    const now = this.#world.clock.monotonic();
    if (!capacity.autoScaling || now < this.#nextAt) return null;
    this.#nextAt = now + SCALE_MS;
    const percents = [...this.#cpu.percents(capacity.mcuCount).values()];
    const workerCount = this.#autoscaler.workerCount(capacity, percents, now);
    if (workerCount !== capacity.workerCount) {
      this.#cpu.forget();
      this.#world.log.info(`The connector ${name} gets ${workerCount} workers`, {
        before: capacity.workerCount,
      });
      return { ...capacity, workerCount };
    }
    const wanted = withTasks(configuration, capacity);
    const told = await rest.config(name);
    if (told !== null && told['tasks.max'] !== wanted['tasks.max']) await rest.setConfig(name, wanted);
    return null;
  }
}
