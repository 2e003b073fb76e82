import { supervise } from '../../base/programmer-error.ts';
import type { World } from '../../base/world.ts';
import type { TaskLoop } from './task-loop.ts';
import type { TaskReport } from './worker-assignment.ts';

/**
 * A task that has not got on for so long is told as stalled: a call of a connector may wait for retries, but
 * not for ever.
 */
const STALLED_MS = 120_000;

/** One task from its start to its end. A task that failed stays so until it is started again. */
export class RunningTask {
  readonly id: number;
  readonly #world: Pick<World, 'clock' | 'log' | 'crash'>;
  readonly #make: () => Promise<TaskLoop>;
  #loop: TaskLoop | null = null;
  #isStopping = false;
  #error: Error | null = null;
  #ended: Promise<void> = Promise.resolve();

  constructor(world: Pick<World, 'clock' | 'log' | 'crash'>, id: number, make: () => Promise<TaskLoop>) {
    this.#world = world;
    this.id = id;
    this.#make = make;
  }

  start(): void {
    this.#error = null;
    this.#isStopping = false;
    this.#ended = this.#run();
    supervise(this.#world, this.#ended);
  }

  /** Nothing of it is left when this resolves. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#loop?.stop();
    await this.#ended;
  }

  get hasFailed(): boolean {
    return this.#error !== null;
  }

  get report(): TaskReport {
    const { id } = this;
    if (this.#error) return { id, state: 'FAILED', trace: traceOf(this.#error) };
    const loop = this.#loop;
    if (!loop?.isWorking) return { id, state: 'UNASSIGNED', trace: null };
    const idleMs = this.#world.clock.monotonic() - loop.progressedAt;
    if (idleMs < STALLED_MS) return { id, state: 'RUNNING', trace: null };
    return { id, state: 'STALLED', trace: `it has not got on for ${Math.round(idleMs / 1000)} s` };
  }

  async #run(): Promise<void> {
    try {
      const loop = await this.#make();
      this.#loop = loop;
      if (this.#isStopping) loop.stop();
      await loop.run();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      // Whatever a connector throws is its task's failure; the next start begins with nothing of it.
      if (this.#isStopping) this.#world.log.warn(`task ${this.id} ended with an error`, { error: failure });
      else {
        this.#error = failure;
        this.#world.log.error(`task ${this.id} failed`, { error: failure });
      }
    } finally {
      this.#loop = null;
    }
  }
}

function traceOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\nCaused by: ${traceOf(error.cause)}` : own;
}
