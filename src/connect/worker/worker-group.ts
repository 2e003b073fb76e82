import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_LEVELS } from '../../base/log.ts';
import type { World } from '../../base/world.ts';
import type { ConnectorValues } from '../../control/state/sealed-records.ts';
import { replaceFile } from '../../platform/replace-file.ts';
import { type Problem, Supervisor } from '../../processes/supervisor.ts';
import type { Connector } from '../state/connector.ts';
import { BuiltInConnector } from './built-in-connector.ts';
import type { ClassArchives } from './class-archives.ts';
import { ConnectRest } from './connect-rest.ts';
import { endWorker } from './end-worker.ts';
import { heapMegabytes } from './heap.ts';
import { type LogPart, logAfter, logEnd } from './log-part.ts';
import { freeLoopbackPort } from './loopback-port.ts';
import { type ProcessUsage, usageOf } from './process-usage.ts';
import { workersBelow } from './running-workers.ts';
import { digestOf, WorkerFiles } from './worker-files.ts';
import type { WorkerMetrics } from './worker-metrics.ts';
import { WorkerProcess } from './worker-process.ts';
import type { WorkerProgram } from './worker-program.ts';

/** How much of the end of a log is shown with a failure, in bytes. */
const LAST_WORDS_BYTES = 64 * 1024;
/** As the worker of built-in connectors logs an error. */
const ERROR_LINE = new RegExp(`"level":${LOG_LEVELS.error}\\b`);

/** So long it is told that a worker ran out of memory, also when it runs again: it may do so again. */
const MEMORY_TOLD_MS = 600_000;

/** What the workers of a connector are made from. */
export interface GroupPlan {
  readonly connector: Connector;
  readonly program: WorkerProgram;
  /** Whose rights the workers have; null for those of this process. */
  readonly user: number | null;
  /** What every worker runs with. */
  readonly properties: Readonly<Record<string, string>>;
  /** The sealed values that configuration and login name. */
  readonly values: ConnectorValues;
}

interface Worker {
  readonly digest: string;
  readonly process: WorkerProcess;
  readonly supervisor: Supervisor;
}

/** The workers of one connector: `workerCount` processes, each kept running by a supervisor of its own. */
export class WorkerGroup {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #folder: string;
  readonly #archives: ClassArchives;
  readonly #onChange: () => void;
  readonly #workers = new Map<number, Worker>();
  readonly #builtIn = new BuiltInConnector(() => this.#builtInWorkers());
  #kind: WorkerProgram['kind'] = 'java';
  #memory: { readonly why: string; readonly at: number } | null = null;

  /** `folder`: of the connector. `onChange` runs when a worker comes or goes. */
  constructor(
    world: Pick<World, 'clock' | 'log'>,
    folder: string,
    archives: ClassArchives,
    onChange: () => void,
  ) {
    this.#world = world;
    this.#folder = folder;
    this.#archives = archives;
    this.#onChange = onChange;
  }

  /** What the connector is told and asked by; null while no worker serves. */
  get rest(): ConnectRest | BuiltInConnector | null {
    const http = this.#ready()[0]?.process.http ?? null;
    if (this.#kind === 'node') return http && this.#builtIn;
    return http && new ConnectRest(http);
  }

  /** `host:port` of the workers that serve. */
  get addresses(): ReadonlySet<string> {
    return new Set(this.#ready().flatMap(({ process }) => process.address ?? []));
  }

  get isWhole(): boolean {
    return this.#ready().length === this.#workers.size;
  }

  get problem(): Problem | null {
    for (const { supervisor } of this.#workers.values()) if (supervisor.problem) return supervisor.problem;
    return null;
  }

  /** For people: why a worker that does not serve now ended before; null while none has. */
  get lastDeath(): string | null {
    for (const [number, { supervisor }] of this.#workers)
      if (!supervisor.ready && supervisor.lastDeath !== null)
        return `worker ${number} died (${supervisor.lastDeath})`;
    return null;
  }

  /** Of a worker that ran out of memory in the last ten minutes, as a sentence. */
  get outOfMemory(): string | null {
    const since = this.#memory && this.#world.clock.monotonic() - this.#memory.at;
    return since !== null && since < MEMORY_TOLD_MS ? (this.#memory?.why ?? null) : null;
  }

  /** Of the workers that serve. */
  usage(): ProcessUsage[] {
    return this.#ready().flatMap(({ supervisor }) => {
      const used = supervisor.pid === null ? null : usageOf(supervisor.pid);
      return used ?? [];
    });
  }

  /** Of the workers that serve and tell some, by their address. */
  async metrics(): Promise<ReadonlyMap<string, WorkerMetrics>> {
    const all = this.#ready().map(async ({ process }): Promise<[string, WorkerMetrics][]> => {
      const { address } = process;
      const metrics = await process.metrics();
      return address !== null && metrics ? [[address, metrics]] : [];
    });
    return new Map((await Promise.all(all)).flat());
  }

  /**
   * Brings the processes to what is planned: one that has it already goes on, others are replaced one after
   * the other.
   */
  async apply(plan: GroupPlan): Promise<void> {
    const { mcuCount, workerCount } = plan.connector.capacity;
    for (const number of this.#workers.keys()) if (number > workerCount) await this.#end(number);
    this.#kind = plan.program.kind;
    this.#builtIn.plan = { workerCount, values: plan.values };
    const heap = heapMegabytes(mcuCount);
    const digest = digestOf([plan.properties, heap, plan.program.identity, plan.program.plugin, plan.user]);
    for (let number = 1; number <= workerCount; number++) {
      const worker = this.#workers.get(number);
      if (worker?.digest === digest && worker.process.give(plan.values)) continue;
      await this.#end(number);
      this.#begin(number, digest, plan, heap);
    }
  }

  /** The connector runs in them. */
  ran(): void {
    for (const { process } of this.#workers.values()) process.ran();
  }

  /** No worker of the connector runs when this resolves, whoever started it. */
  async stop(): Promise<void> {
    await Promise.all([...this.#workers.keys()].map((number) => this.#end(number)));
    await Promise.all(workersBelow(this.#folder).map(({ folder }) => endWorker(this.#world.clock, folder)));
  }

  /** With all that the connector had here; its topics in the cluster stay. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * The end of the workers' logs, in bytes at most so long; of a worker with a position what came after that.
   */
  logs(bytes: number, after: ReadonlyMap<string, number> = new Map()): ({ worker: string } & LogPart)[] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    return names
      .filter((name) => name.startsWith('worker-'))
      .sort()
      .map((worker) => {
        const { log } = new WorkerFiles(join(this.#folder, worker));
        const position = after.get(worker);
        return { worker, ...(position === undefined ? logEnd(log, bytes) : logAfter(log, position, bytes)) };
      });
  }

  /** What a worker said last of what went wrong; null when there is nothing. */
  lastError(): string | null {
    const lines = this.logs(LAST_WORDS_BYTES).flatMap(({ text }) => text.split('\n'));
    const from = lines.findLastIndex(
      (line) =>
        /^\[.*\] (ERROR|FATAL) /.test(line) || /^(Error|Exception)/.test(line) || ERROR_LINE.test(line),
    );
    return from < 0
      ? null
      : lines
          .slice(from, from + 20)
          .join('\n')
          .trim();
  }

  #builtInWorkers() {
    return [...this.#workers].flatMap(([number, { process, supervisor }]) => {
      const { http, address } = process;
      return supervisor.ready && http && address !== null ? [{ number, http, address }] : [];
    });
  }

  #ready(): Worker[] {
    return [...this.#workers.values()].filter(({ supervisor }) => supervisor.ready);
  }

  #begin(
    number: number,
    digest: string,
    { connector, program, properties, user, values }: GroupPlan,
    heap: number,
  ): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const process = new WorkerProcess(this.#world, {
      name: `Worker ${number} of ${connector.name}`,
      files: new WorkerFiles(join(this.#folder, `worker-${number}`)),
      ...{ program, user, properties },
      archives: this.#archives,
      heapMegabytes: heap,
      password: this.#password(),
      values,
      freePort: freeLoopbackPort,
      ranOutOfMemory: (said) => {
        const why = `Worker ${number} ran out of memory (${said}) and was started again: its heap is ${heap} MB, and more units (mcuCount) or fewer tasks (tasks.max) may help.`;
        this.#memory = { why, at: this.#world.clock.monotonic() };
      },
    });
    const supervisor = new Supervisor(this.#world, process, this.#onChange);
    this.#workers.set(number, { digest, process, supervisor });
    supervisor.start();
  }

  /**
   * Made once, so that workers which outlive the control plane still know it; anew where a power cut left the
   * file empty.
   */
  #password(): string {
    const file = join(this.#folder, 'password');
    const known = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (known !== '') return known;
    const made = randomBytes(24).toString('base64url');
    replaceFile(file, made);
    return made;
  }

  async #end(number: number): Promise<void> {
    const worker = this.#workers.get(number);
    this.#workers.delete(number);
    await worker?.supervisor.stop();
  }
}
