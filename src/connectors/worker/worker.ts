import type { World } from '../../base/world.ts';
import { ActiveTopics } from './active-topics.ts';
import { RunningTask } from './running-task.ts';
import type { TaskLoop } from './task-loop.ts';
import type { WorkerAssignment, WorkerReport } from './worker-assignment.ts';

/**
 * Makes the loop of one task of a connector. `tasks`: how many the worker has; `activeTopics`: gets the
 * topics that the task writes or reads.
 */
export type MakeLoop = (
  name: string,
  task: WorkerAssignment['tasks'][number],
  tasks: number,
  activeTopics: ActiveTopics,
) => Promise<TaskLoop>;

/**
 * The tasks of one worker process. It keeps nothing: whoever looks after it gives it its assignment again
 * after a start.
 */
export class Worker {
  readonly #world: Pick<World, 'clock' | 'log' | 'crash'>;
  readonly #make: MakeLoop;
  /** Of all tasks that it has had. */
  readonly activeTopics = new ActiveTopics();
  #assignment: WorkerAssignment | null = null;
  #tasks: readonly RunningTask[] = [];
  #changing: Promise<void> = Promise.resolve();

  constructor(world: Pick<World, 'clock' | 'log' | 'crash'>, make: MakeLoop) {
    this.#world = world;
    this.#make = make;
  }

  /** Null before it was given anything. */
  get assignment(): WorkerAssignment | null {
    return this.#assignment;
  }

  get report(): WorkerReport {
    const assignment = this.#assignment;
    const topicsDigest = this.activeTopics.digest;
    if (!assignment) return { assignment: null, tasks: [], topicsDigest };
    const { digest, name, isPaused } = assignment;
    return {
      assignment: { digest, name, isPaused },
      tasks: isPaused
        ? assignment.tasks.map(({ id }) => ({ id, state: 'PAUSED', trace: null }))
        : this.#tasks.map(({ report }) => report),
      topicsDigest,
    };
  }

  /** Ends the tasks that run, and starts these. Resolves when those have ended. */
  assign(assignment: WorkerAssignment): Promise<void> {
    return this.#inTurn(async () => {
      if (assignment.digest === this.#assignment?.digest) return;
      await this.#end();
      this.#assignment = assignment;
      if (assignment.isPaused) return;
      this.#tasks = assignment.tasks.map(
        (task) =>
          new RunningTask(this.#world, task.id, () =>
            this.#make(assignment.name, task, assignment.tasks.length, this.activeTopics),
          ),
      );
      for (const task of this.#tasks) task.start();
    });
  }

  /** Starts tasks again. */
  restart(onlyFailed: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const tasks = this.#tasks.filter(({ hasFailed }) => hasFailed || !onlyFailed);
      await Promise.all(tasks.map((task) => task.stop()));
      for (const task of tasks) task.start();
    });
  }

  /** Starts one task again; false where this worker has none of that number. */
  async restartTask(id: number): Promise<boolean> {
    let isThere = false;
    await this.#inTurn(async () => {
      const task = this.#tasks.find((one) => one.id === id);
      await task?.stop();
      task?.start();
      isThere = task !== undefined;
    });
    return isThere;
  }

  /** No task runs when this resolves. */
  stop(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end();
      this.#assignment = null;
    });
  }

  async #end(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.stop()));
    this.#tasks = [];
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => {});
    return done;
  }
}
