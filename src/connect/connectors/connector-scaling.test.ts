import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock, Timer } from '../../base/clock.ts';
import { silent } from '../../base/log.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { SealedStore } from '../../control/sealed/sealed-store.ts';
import { SealedValues } from '../secrets/sealed-values.ts';
import { ConnectStore } from '../state/connect-store.ts';
import type { Connector } from '../state/connector.ts';
import type { ConnectorStatus } from '../worker/connector-port.ts';
import type { ProcessUsage } from '../worker/process-usage.ts';
import type { GroupPlan, WorkerGroup } from '../worker/worker-group.ts';
import { ConnectorRunner } from './connector-runner.ts';

const MINUTE = 60_000;
/** Far more than any of these tests needs. */
const LONGEST = 60 * MINUTE;
const CAPACITY = {
  ...{ mcuCount: 2, workerCount: 1 },
  autoScaling: {
    ...{ minWorkerCount: 1, maxWorkerCount: 3, scaleInPercent: 20, scaleOutPercent: 80 },
    maxTaskCount: 9,
  },
};

/** Time goes on from one wait to the next, when the test says so. */
class StepClock implements Clock {
  time = 0;
  readonly #waits = new Map<() => void, number>();

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, run: () => void): Timer {
    this.#waits.set(run, this.time + ms);
    return { cancel: () => this.#waits.delete(run) };
  }

  soon(run: () => void): void {
    setImmediate(run);
  }

  /** Ends the wait that is over first; what follows from that has happened when this resolves. */
  async step(): Promise<void> {
    const [first] = [...this.#waits].toSorted(([, one], [, other]) => one - other);
    if (first) {
      const [run, at] = first;
      this.#waits.delete(run);
      this.time = at;
      run();
    }
    await new Promise((done) => setImmediate(done));
  }
}

/** Workers of one connector, all of which use `percent` of their CPUs, and run as many tasks as it has. */
class Workers {
  percent = 0;
  /** What the connector was told, one after the other. */
  readonly toldTasks: string[] = [];
  readonly #clock: StepClock;
  readonly #cpuMs = new Map<number, number>();
  /** By the number of the worker. */
  #pids: number[] = [];
  #nextPid = 1;
  #usedAt = 0;
  #configuration: Readonly<Record<string, string>> = { 'tasks.max': '4' };

  constructor(clock: StepClock) {
    this.#clock = clock;
  }

  get group(): WorkerGroup {
    return {
      apply: async ({ connector }: GroupPlan) => {
        const { workerCount } = connector.capacity;
        this.#pids = this.#pids.slice(0, workerCount);
        while (this.#pids.length < workerCount) this.#pids.push(this.#nextPid++);
      },
      usage: () => this.#usage(),
      metrics: async () => new Map(),
      stop: async () => undefined,
      ran: () => undefined,
      ...{ problem: null, outOfMemory: null, isWhole: true },
      addresses: new Set(['all']),
      rest: {
        status: async () => this.#status(),
        config: async () => this.#configuration,
        setConfig: async (_: string, configuration: Readonly<Record<string, string>>) => {
          this.#configuration = configuration;
          this.toldTasks.push(configuration['tasks.max'] ?? '');
        },
      },
    } as unknown as WorkerGroup;
  }

  /** Its process ends, and there is another one when they are looked at next. */
  kill(number: number): void {
    this.#pids[number - 1] = this.#nextPid++;
  }

  #usage(): ProcessUsage[] {
    const ms = this.#clock.time - this.#usedAt;
    this.#usedAt = this.#clock.time;
    return this.#pids.map((pid) => {
      const cpuMs = (this.#cpuMs.get(pid) ?? 0) + (ms * CAPACITY.mcuCount * this.percent) / 100;
      this.#cpuMs.set(pid, cpuMs);
      return { pid, cpuMs, residentBytes: 0 };
    });
  }

  #status(): ConnectorStatus {
    const part = { state: 'RUNNING', worker: 'all', trace: null };
    const tasks = Array.from({ length: Number(this.#configuration['tasks.max']) }, (_, id) => ({
      id,
      ...part,
    }));
    return { connector: part, tasks };
  }
}

let folder: string;
let store: ConnectStore;
let clock: StepClock;
let workers: Workers;
let runner: ConnectorRunner;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-scaling-'));
  store = ConnectStore.open(folder);
  clock = new StepClock();
  workers = new Workers(clock);
  const connector = {
    ...{ arn: 'arn', uuid: 'uuid', name: 'n', state: 'RUNNING', stateInfo: null, revision: 1 },
    ...{ hasRun: true, knowsPasswords: true, operationArn: null, capacity: CAPACITY },
    configuration: { 'tasks.max': '1' },
  } as unknown as Connector;
  store.execute(() => ({ records: [{ type: 'ConnectorRecord', connector }], answer: null }));
  runner = started();
});
afterEach(async () => {
  await runner.stop();
  store.close();
  rmSync(folder, { recursive: true });
});

function started(): ConnectorRunner {
  const one = new ConnectorRunner(
    {
      ...{ world: { clock, log: silent }, store, group: workers.group },
      values: new SealedValues(SealedStore.open(folder)),
      plan: async (connector) => ({ connector, properties: {} }) as unknown as GroupPlan,
      deliverLogs: async () => true,
    },
    'arn',
  );
  one.start();
  return one;
}

function workerCount(): number {
  const connector = store.state.connectors.get('arn');
  return isApiError(connector) ? 0 : connector.capacity.workerCount;
}

/** Time goes on until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  const deadline = clock.time + LONGEST;
  while (!isSo()) {
    if (clock.time > deadline) throw new Error(`It has ${workerCount()} workers and stays so.`);
    await clock.step();
  }
}

const has = (count: number) => until(() => workerCount() === count);

function passed(minutes: number): Promise<void> {
  const end = clock.time + minutes * MINUTE;
  return until(() => clock.time >= end);
}

test('busy workers become more, one at a time, and tasks follow them up to the most that are allowed', async () => {
  workers.percent = 95;
  await has(2);
  expect(clock.time).toBeGreaterThanOrEqual(MINUTE);
  await has(3);
  // The next one came when the use of two workers was known for a minute.
  expect(clock.time).toBeGreaterThanOrEqual(2 * MINUTE);
  await passed(3);
  expect(workerCount()).toBe(3);
  // Two for each unit, and 9 in the place of 12.
  expect(workers.toldTasks).toEqual(['8', '9']);
});

test('a worker that is killed, and a control plane that ends, leave the number of workers as it is', async () => {
  workers.percent = 95;
  await has(2);
  workers.kill(1);
  workers.kill(2);
  await runner.stop();
  runner = started();
  expect(workerCount()).toBe(2);
  await has(3);
  workers.percent = 50;
  workers.kill(3);
  await passed(10);
  expect(workerCount()).toBe(3);
});

test('idle workers become fewer after five minutes each, down to the least, and tasks with them', async () => {
  workers.percent = 95;
  await has(3);
  await until(() => workers.toldTasks.at(-1) === '9');
  workers.percent = 3;
  const from = clock.time;
  await has(2);
  expect(clock.time - from).toBeGreaterThanOrEqual(5 * MINUTE);
  await has(1);
  expect(clock.time - from).toBeGreaterThanOrEqual(10 * MINUTE);
  await passed(6);
  expect(workerCount()).toBe(1);
  expect(workers.toldTasks.slice(-3)).toEqual(['9', '8', '4']);
});
