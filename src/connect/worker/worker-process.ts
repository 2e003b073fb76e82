import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fchownSync, mkdirSync, openSync, rmSync } from 'node:fs';
import type { World } from '../../base/world.ts';
import type { ConnectorValues } from '../../control/state/sealed-records.ts';
import { askedLife } from '../../processes/asked-life.ts';
import { ChildEnd } from '../../processes/child-end.ts';
import type { LifeEnd, LifeReport, ProcessPort } from '../../processes/process-port.ts';
import { archiveOptions, type ClassArchives } from './class-archives.ts';
import { endWorker } from './end-worker.ts';
import { logEnd } from './log-part.ts';
import { outOfMemory } from './out-of-memory.ts';
import { portWasTaken } from './port-taken.ts';
import { workerIn, worksFor } from './running-workers.ts';
import { giveValues, openValues } from './values-descriptor.ts';
import { workerEnvironment } from './worker-environment.ts';
import {
  authorization,
  digestOf,
  LINKED_CLASSES,
  WORKER_HOME,
  type WorkerFiles,
  type WorkerLife,
} from './worker-files.ts';
import { RestError, WorkerHttp } from './worker-http.ts';
import { metricsIn, type WorkerMetrics } from './worker-metrics.ts';
import type { WorkerProgram } from './worker-program.ts';

const LIMITS = {
  startingPollMs: 100,
  servingPollMs: 1_000,
  /** A worker has read all its topics by then, and Kafka's own limit for that is a minute. */
  readyMs: 180_000,
  /** Java may collect garbage for some seconds. */
  hungMs: 60_000,
};
/** How many ports are tried before a start counts as failed. */
const PORT_TRIES = 5;
/** What a worker writes the names of its classes to, where nobody has listed them yet. */
const LIST_DESCRIPTOR = 4;

export interface WorkerOptions {
  /** For people: `Worker 1 of orders`. */
  readonly name: string;
  readonly files: WorkerFiles;
  readonly program: WorkerProgram;
  readonly archives: ClassArchives;
  readonly heapMegabytes: number;
  readonly properties: Readonly<Record<string, string>>;
  /** Whose rights it has: those of a user of its own, or null for those of this process. */
  readonly user: number | null;
  /** Of the REST interface: the same for all workers of a group, which pass requests on to each other. */
  readonly password: string;
  /** Sealed values that the configuration names. */
  readonly values: ConnectorValues;
  /** A port of loopback on which nobody listens now. */
  freePort(): Promise<number>;
  /** Called when a life ended for want of memory, with what the runtime said of it. */
  ranOutOfMemory(said: string): void;
}

/** One worker of a connector: a process that is found by its command line, whoever started it. */
export class WorkerProcess implements ProcessPort {
  readonly name: string;
  readonly log: string;
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #options: WorkerOptions;
  #life: WorkerLife | null = null;
  #pid: number | null = null;
  /** To the process of this life; null between lives. */
  #doors: { readonly rest: WorkerHttp; readonly metrics: WorkerHttp | null } | null = null;
  /** This life is ended from here. */
  #isEnding = false;
  #values: ConnectorValues;
  /** Where this life lists its classes; null when it need not. */
  #list: string | null = null;

  constructor(world: Pick<World, 'clock' | 'log'>, options: WorkerOptions) {
    this.#world = world;
    this.#options = options;
    this.name = options.name;
    this.log = options.files.log;
    this.#values = options.values;
  }

  /** Of the life that goes on now; null between lives. */
  get http(): WorkerHttp | null {
    return this.#doors?.rest ?? null;
  }

  /** Resolves with null for a worker that has no metrics, and when it does not answer. */
  async metrics(): Promise<WorkerMetrics | null> {
    const door = this.#doors?.metrics;
    if (!door) return null;
    try {
      return metricsIn(await door.send('GET', '/metrics'));
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      return null;
    }
  }

  /** `host:port` by which the other workers know it; null between lives. */
  get address(): string | null {
    return this.#life ? `127.0.0.1:${this.#life.port}` : null;
  }

  /**
   * The worker finds these values from now on, in this life and the next. False when this life cannot be
   * given them.
   */
  give(values: ConnectorValues): boolean {
    this.#values = values;
    return this.#pid === null || giveValues(this.#pid, values);
  }

  /** It has loaded what a worker of any connector loads. */
  ran(): void {
    const { archives, program } = this.#options;
    if (this.#list !== null && program.installation) archives.make(program.installation, this.#list);
    this.#list = null;
  }

  async live(heard: (report: LifeReport) => void, signal: AbortSignal): Promise<LifeEnd> {
    const before = logEnd(this.log, 0).position;
    const end = await this.#live(heard, signal);
    const memory = signal.aborted ? null : outOfMemory(this.log, before);
    if (memory === null) return end;
    this.#options.ranOutOfMemory(memory);
    return { why: `it ran out of memory: ${memory}` };
  }

  async #live(heard: (report: LifeReport) => void, signal: AbortSignal): Promise<LifeEnd> {
    const { files } = this.#options;
    const found = workerIn(files.folder);
    const last = files.life();
    if (found !== null && last?.digest !== this.#digest()) {
      await this.stop();
      return { why: 'it ran with another configuration' };
    }
    try {
      if (found !== null && last) {
        this.#life = last;
        this.#begins(found, last);
        return await this.#followed(
          found,
          () => (worksFor(files.folder, found) ? null : 'it ended'),
          heard,
          signal,
        );
      }
      return await this.#started(heard, signal);
    } finally {
      this.#life = null;
      this.#ends();
    }
  }

  #begins(pid: number, { port, metricsPort }: WorkerLife): void {
    const known = authorization(this.#options.password);
    const worker = { pid, user: this.#options.user ?? process.getuid?.() ?? 0 };
    this.#pid = pid;
    this.#doors = {
      rest: new WorkerHttp(port, known, worker),
      metrics: metricsPort === undefined ? null : new WorkerHttp(metricsPort, known, worker),
    };
  }

  #ends(): void {
    this.#doors?.rest.close();
    this.#doors?.metrics?.close();
    this.#doors = null;
    this.#pid = null;
  }

  /**
   * Starts it. Another process may take the port between its choice and its use, which is no fault of the
   * worker: such a start is made again with another port.
   */
  async #started(heard: (report: LifeReport) => void, signal: AbortSignal): Promise<LifeEnd> {
    for (let tries = 1; ; tries++) {
      const before = logEnd(this.log, 0).position;
      let hasServed = false;
      const end = await this.#startedOnce((report) => {
        hasServed ||= report.isReady;
        heard(report);
      }, signal);
      if (tries === PORT_TRIES || signal.aborted || hasServed || !portWasTaken(this.log, before)) return end;
      this.#world.log.info(`${this.name} starts again: its port was taken`, { port: this.#life?.port });
    }
  }

  async #startedOnce(heard: (report: LifeReport) => void, signal: AbortSignal): Promise<LifeEnd> {
    const { files, program, properties, password, user } = this.#options;
    const life = {
      port: await this.#options.freePort(),
      ...(program.kind === 'java' ? { metricsPort: await this.#options.freePort() } : {}),
      digest: this.#digest(),
    };
    this.#life = program.write(files, properties, password, life, user !== null);
    this.#isEnding = false;
    const child = this.#spawn();
    if (child.pid !== undefined) this.#begins(child.pid, life);
    const fate = new ChildEnd(child);
    child.unref();
    try {
      const end = await this.#followed(child.pid ?? 0, () => fate.end?.why ?? null, heard, signal, fate.over);
      return fate.end?.why === end.why && !this.#isEnding ? fate.end : end;
    } finally {
      this.#ends();
      if (this.#list !== null) rmSync(this.#list, { force: true });
      this.#list = null;
    }
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    await endWorker(this.#world.clock, this.#options.files.folder);
  }

  async kill(): Promise<void> {
    this.#isEnding = true;
    await endWorker(this.#world.clock, this.#options.files.folder, 0);
  }

  #followed(
    pid: number,
    ended: () => string | null,
    heard: (report: LifeReport) => void,
    signal: AbortSignal,
    end?: AbortSignal,
  ): Promise<LifeEnd> {
    const { name, log } = this;
    const liveness = { ask: () => this.#answer(), ended, ...(end ? { end } : {}) };
    return askedLife(
      this.#world,
      { name, log, kill: () => this.kill(), pid, liveness },
      LIMITS,
      heard,
      signal,
    );
  }

  /** A refusal is an answer, too: during a rebalance there are some. */
  async #answer(): Promise<'ready' | 'refused' | 'silent'> {
    const { http } = this;
    // The process could not be started.
    if (http === null) return 'silent';
    try {
      // Answered once the worker serves: one of Kafka Connect is a member of its group then.
      await http.send('GET', '/connectors');
      return 'ready';
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      return error.status === null ? 'silent' : 'refused';
    }
  }

  #spawn(): ChildProcess {
    const { files, user, archives, program } = this.#options;
    const { installation } = program;
    mkdirSync(files.folder, { recursive: true, mode: 0o700 });
    const archive = installation && archives.of(installation);
    if (archive !== null) files.linkClasses(archive);
    this.#list = installation && archives.newList(installation);
    const output = openSync(files.log, 'a', 0o600);
    const values = openValues(this.#values, user);
    const list = this.#list === null ? null : openSync(this.#list, 'wx', 0o600);
    if (list !== null && user !== null) fchownSync(list, user, user);
    try {
      const more = [
        ...(this.#life?.metricsPort === undefined
          ? []
          : [`-Dmillrace.metrics.port=${this.#life.metricsPort}`]),
        ...(archive === null ? [] : archiveOptions(LINKED_CLASSES)),
        ...(list === null ? [] : [`-XX:DumpLoadedClassList=/proc/self/fd/${LIST_DESCRIPTOR}`]),
      ];
      const [executable, ...args] = this.#command(more);
      return spawn(executable, args, {
        cwd: files.folder,
        detached: true,
        ...(user === null ? {} : { uid: user, gid: user }),
        stdio: ['ignore', output, output, values, ...(list === null ? [] : [list])],
        env: { ...workerEnvironment(), HOME: WORKER_HOME },
      });
    } finally {
      closeSync(output);
      closeSync(values);
      if (list !== null) closeSync(list);
    }
  }

  /** `more`: options of Java by which one life may differ from the next, and does nothing else. */
  #command(more: readonly string[]): [string, ...string[]] {
    const { program, files, heapMegabytes } = this.#options;
    return program.command(files, heapMegabytes, more);
  }

  #digest(): string {
    return digestOf([
      this.#command([]),
      // A plugin that is linked has the same name for every worker.
      this.#options.program.plugin,
      this.#options.properties,
      this.#options.password,
      this.#options.user,
    ]);
  }
}
