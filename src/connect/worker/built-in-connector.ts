import { builtIn } from '../../connectors/catalogue.ts';
import { connectorProblems, propertyTypes } from '../../connectors/connector-problems.ts';
import type { ConnectorSpec } from '../../connectors/kernel/connector-spec.ts';
import {
  isWorkerReport,
  type WorkerAssignment,
  type WorkerReport,
} from '../../connectors/worker/worker-assignment.ts';
import type { ConnectorValues } from '../../control/state/sealed-records.ts';
import { referenced } from '../secrets/reference.ts';
import type { BuiltInWorker } from './built-in-worker.ts';
import type { ConnectorPort, ConnectorStatus, Validation } from './connector-port.ts';
import { GatheredTopics } from './gathered-topics.ts';
import { digestOf } from './worker-files.ts';
import { RestError, type WorkerAnswer } from './worker-http.ts';

type Texts = Readonly<Record<string, string>>;

interface Wish {
  readonly name: string;
  readonly configuration: Texts;
  readonly state: 'RUNNING' | 'PAUSED' | 'STOPPED';
}

/** What a worker said of itself. */
interface Found {
  readonly worker: BuiltInWorker;
  readonly report: WorkerReport;
}

/** Of a task whose worker does not serve now. */
const NOWHERE = 'no worker';

/**
 * A connector that is built in: its tasks are given to the workers here, each always to the same one, so
 * there is nothing that workers must agree on. What a worker has is found out by asking it, so that it goes
 * on when the control plane is another one.
 */
export class BuiltInConnector implements ConnectorPort {
  readonly #workers: () => readonly BuiltInWorker[];
  readonly #topics = new GatheredTopics();
  /** How many there are to be, and the sealed values of the configuration. */
  plan: { readonly workerCount: number; readonly values: ConnectorValues } = { workerCount: 1, values: {} };
  #wish: Wish | null = null;

  /** `workers`: those that serve now. */
  constructor(workers: () => readonly BuiltInWorker[]) {
    this.#workers = workers;
  }

  async validate(name: string, configuration: Texts): Promise<Validation> {
    const { values } = this.plan;
    const texts = Object.fromEntries(
      Object.entries(configuration).map(([property, text]) => [
        property,
        values[referenced(text) ?? ''] ?? text,
      ]),
    );
    const spec = builtIn(texts['connector.class'] ?? '');
    if (!spec)
      return { errors: [`There is no built-in connector ${texts['connector.class']}.`], types: new Map() };
    return {
      errors: connectorProblems(spec, { ...texts, name }).map(({ message }) => message),
      types: propertyTypes(spec),
    };
  }

  async config(name: string): Promise<Texts | null> {
    return this.#wish?.name === name ? this.#wish.configuration : null;
  }

  async setConfig(name: string, configuration: Texts, isPaused = false): Promise<void> {
    const known = this.#wish?.state ?? (isPaused || (await this.#isPausedNow()) ? 'PAUSED' : 'RUNNING');
    await this.#set({ name, configuration, state: known });
  }

  async status(name: string): Promise<ConnectorStatus | null> {
    const wish = this.#wish;
    if (wish?.name !== name) return null;
    const found = await this.#assign(wish);
    await this.#topics.gather(found);
    return this.#statusOf(wish, found);
  }

  /** The same as `status`, for whoever only looks: no worker is given anything. */
  async look(name: string): Promise<ConnectorStatus | null> {
    const reports = await this.#reports();
    await this.#topics.gather(reports);
    const wish = this.#wish;
    return wish?.name === name ? this.#statusOf(wish, reports) : null;
  }

  async pause(): Promise<void> {
    await this.#turn('PAUSED');
  }

  async stop(): Promise<void> {
    await this.#turn('STOPPED');
  }

  async resume(): Promise<void> {
    await this.#turn('RUNNING');
  }

  async restart(_: string, onlyFailed: boolean): Promise<void> {
    await Promise.all(
      this.#workers().map(({ http }) => http.send('POST', `/tasks/restart?onlyFailed=${onlyFailed}`)),
    );
  }

  /**
   * Starts one task again, by the worker that has it; false where none has. Rejects with RestError.
   */
  async restartTask(id: number): Promise<boolean> {
    const found = await this.#reports();
    const one = found.find(({ report }) => report.tasks.some((task) => task.id === id));
    await one?.worker.http.send('POST', `/tasks/${id}/restart`);
    return one !== undefined;
  }

  /** Asks one of the workers for offsets, or to change them. Rejects with RestError. */
  async offsets(method: 'GET' | 'PATCH' | 'DELETE', body?: unknown): Promise<WorkerAnswer> {
    const [worker] = this.#workers();
    if (!worker) throw new RestError('no worker serves', null);
    return worker.http.pass(method, '/offsets', body);
  }

  /** The topics that its tasks have written or read, as `status` and `look` found them last. */
  get activeTopics(): ReadonlySet<string> {
    return this.#topics.names;
  }

  /** Rejects with RestError where not all of the workers serve: the others could tell of them again. */
  async forgetTopics(): Promise<void> {
    const found = await this.#reports();
    if (found.length < this.plan.workerCount)
      throw new RestError(`${found.length} of ${this.plan.workerCount} workers serve`, null);
    await this.#topics.forget(found);
  }

  async #turn(state: Wish['state']): Promise<void> {
    if (this.#wish) await this.#set({ ...this.#wish, state });
  }

  async #set(wish: Wish): Promise<void> {
    this.#wish = wish;
    await this.#assign(wish);
  }

  #statusOf(wish: Wish, found: readonly Found[]): ConnectorStatus {
    const tasks = [...this.#shares(wish).values()].flatMap((share) => share.tasks);
    const first = found[0]?.worker.address ?? NOWHERE;
    return {
      connector: { state: wish.state, worker: first, trace: null },
      tasks: tasks.map(({ id }) => {
        const one = found.find(({ report }) => report.tasks.some((task) => task.id === id));
        const task = one?.report.tasks.find((own) => own.id === id);
        return {
          id,
          state: task?.state ?? 'UNASSIGNED',
          worker: one?.worker.address ?? NOWHERE,
          trace: task?.trace ?? null,
        };
      }),
    };
  }

  /** Gives each worker its share, unless it has it. */
  #assign(wish: Wish): Promise<Found[]> {
    const shares = this.#shares(wish);
    return Promise.all(
      this.#workers().map(async (worker) => {
        const share = shares.get(worker.number) ?? null;
        const report = reportIn(await worker.http.send('GET', '/tasks'));
        const has = report.assignment?.digest ?? null;
        if (has === (share?.digest ?? null)) return { worker, report };
        const answer = share
          ? await worker.http.send('PUT', '/tasks', share)
          : await worker.http.send('DELETE', '/tasks');
        return { worker, report: reportIn(answer) };
      }),
    );
  }

  /** By the number of the worker. */
  #shares({ name, configuration, state }: Wish): ReadonlyMap<number, WorkerAssignment> {
    const spec = builtIn(configuration['connector.class'] ?? '');
    if (!spec || state === 'STOPPED') return new Map();
    const texts = { ...configuration, name };
    const all = taskTexts(spec, texts);
    const shares = new Map<number, WorkerAssignment>();
    for (let number = 1; number <= this.plan.workerCount; number++) {
      const tasks = all.flatMap((own, id) =>
        id % this.plan.workerCount === number - 1 ? [{ id, texts: own }] : [],
      );
      const share = { name, tasks, isPaused: state === 'PAUSED' };
      if (tasks.length > 0) shares.set(number, { ...share, digest: digestOf(share) });
    }
    return shares;
  }

  /** Workers of a former control plane know it. */
  async #isPausedNow(): Promise<boolean> {
    const found = await this.#reports();
    return found.some(({ report: { assignment } }) => assignment?.isPaused === true);
  }

  #reports(): Promise<Found[]> {
    return Promise.all(
      this.#workers().map(async (worker) => ({
        worker,
        report: reportIn(await worker.http.send('GET', '/tasks')),
      })),
    );
  }
}

/** The configuration of each task, from that of the connector; a sink's tasks all have its own. */
export function taskTexts(spec: ConnectorSpec, texts: Texts): readonly Texts[] {
  const most = Number(texts['tasks.max'] ?? 1);
  return spec.kind === 'source' ? spec.taskTexts(texts, most) : Array<Texts>(most).fill(texts);
}

function reportIn(answer: unknown): WorkerReport {
  if (!isWorkerReport(answer)) throw new RestError('a worker did not say how it fares', null);
  return answer;
}
