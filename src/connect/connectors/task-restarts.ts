import type { World } from '../../base/world.ts';
import type { ConnectorPort } from '../worker/connector-port.ts';

/** Failed tasks are started again after such waits, doubled from one to the next. */
const FIRST_RESTART_MS = 1_000;
const LAST_RESTART_MS = 60_000;
const MOST_RESTARTS = 10;

/** Starts the failed tasks of one connector again, each time later than before, and not without end. */
export class TaskRestarts {
  readonly #world: Pick<World, 'clock' | 'log'>;
  #count = 0;
  #nextAt = 0;

  constructor(world: Pick<World, 'clock' | 'log'>) {
    this.#world = world;
  }

  /** The connector runs: once it has for a while, the waits begin anew. */
  ran(): void {
    if (this.#count > 0 && this.#world.clock.monotonic() > this.#nextAt + LAST_RESTART_MS) this.#count = 0;
  }

  /** Restarts them when it is time. Rejects with RestError. */
  async failed(name: string, rest: ConnectorPort): Promise<void> {
    const now = this.#world.clock.monotonic();
    if (this.#count >= MOST_RESTARTS || now < this.#nextAt) return;
    this.#nextAt = now + Math.min(FIRST_RESTART_MS * 2 ** this.#count, LAST_RESTART_MS);
    this.#count++;
    this.#world.log.warn(`Failed tasks of the connector ${name} are started again`, { times: this.#count });
    await rest.restart(name, true);
  }
}
