import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { type Clock, sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import type { ConnectorValues } from '../../control/state/sealed-records.ts';
import { askedLife } from '../../processes/asked-life.ts';
import type { LifeEnd, LifeReport, ProcessPort } from '../../processes/process-port.ts';
import { ConnectRest, RestError } from './connect-rest.ts';
import type { Installation } from './installation.ts';
import { freeLoopbackPort } from './loopback-port.ts';
import { markOf, workerIn, worksFor } from './running-workers.ts';
import { giveValues, openValues } from './values-descriptor.ts';
import { authorization, digestOf, type Life, WORKER_HOME, type WorkerFiles } from './worker-files.ts';

const LIMITS = {
  startingPollMs: 500,
  servingPollMs: 1_000,
  /** A worker has read all its topics by then, and Kafka's own limit for that is a minute. */
  readyMs: 180_000,
  /** Java may collect garbage for some seconds. */
  hungMs: 60_000,
};
/** Connect gives its tasks 5 s to end, and commits their offsets then. */
const STOP_MS = 20_000;
const POLL_MS = 50;

/** What a worker may see of the environment of the control plane: never the operator's keys. */
const ENVIRONMENT = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'JAVA_HOME', 'TMPDIR'];

export interface WorkerOptions {
  /** For people: `Worker 1 of orders`. */
  readonly name: string;
  readonly files: WorkerFiles;
  readonly installation: Installation;
  readonly heapMegabytes: number;
  readonly properties: Readonly<Record<string, string>>;
  /** Whose rights it has: those of a user of its own, or null for those of this process. */
  readonly user: number | null;
  /** Where its plugin is kept. */
  readonly pluginPath: string;
  /** Of the REST interface: the same for all workers of a group, which pass requests on to each other. */
  readonly password: string;
  /** Sealed values that the configuration names. */
  readonly values: ConnectorValues;
}

/** One worker of Kafka Connect: a Java process that is found by its command line, whoever started it. */
export class WorkerProcess implements ProcessPort {
  readonly name: string;
  readonly log: string;
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #options: WorkerOptions;
  #life: Life | null = null;
  #pid: number | null = null;
  #values: ConnectorValues;

  constructor(world: Pick<World, 'clock' | 'log'>, options: WorkerOptions) {
    this.#world = world;
    this.#options = options;
    this.name = options.name;
    this.log = options.files.log;
    this.#values = options.values;
  }

  /** Of the life that goes on now; null between lives. */
  get rest(): ConnectRest | null {
    return this.#life ? new ConnectRest(this.#life.port, authorization(this.#options.password)) : null;
  }

  /** By which the other workers know it. */
  get address(): string | null {
    return this.#life ? `127.0.0.1:${this.#life.port}` : null;
  }

  /** The worker finds these values from now on, in this life and the next. False when this life cannot be given them. */
  give(values: ConnectorValues): boolean {
    this.#values = values;
    return this.#pid === null || giveValues(this.#pid, values);
  }

  async live(heard: (report: LifeReport) => void, signal: AbortSignal): Promise<LifeEnd> {
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
        this.#pid = found;
        return await this.#followed(
          found,
          () => (worksFor(files.folder, found) ? null : 'it ended'),
          heard,
          signal,
        );
      }
      const port = await freeLoopbackPort();
      const { properties, password, user, pluginPath } = this.#options;
      this.#life = files.write(properties, password, { port, digest: this.#digest() }, user !== null);
      if (user !== null) files.linkPlugin(pluginPath);
      const child = this.#spawn();
      this.#pid = child.pid ?? null;
      const fate: { why: string | null } = { why: null };
      child.once('error', (error) => {
        fate.why = `it could not be started: ${error.message}`;
      });
      child.once('exit', (status, by) => {
        fate.why ??= by ? `it was ended by ${by}` : `it ended with status ${status}`;
      });
      child.unref();
      return await this.#followed(child.pid ?? 0, () => fate.why, heard, signal);
    } finally {
      this.#life = null;
      this.#pid = null;
    }
  }

  async stop(): Promise<void> {
    await endWorker(this.#world.clock, this.#options.files.folder, STOP_MS);
  }

  async kill(): Promise<void> {
    await endWorker(this.#world.clock, this.#options.files.folder, 0);
  }

  #followed(
    pid: number,
    ended: () => string | null,
    heard: (report: LifeReport) => void,
    signal: AbortSignal,
  ): Promise<LifeEnd> {
    const { name, log } = this;
    const liveness = { ask: () => this.#answer(), ended };
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
    try {
      await this.rest?.connectors();
      return 'ready';
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      return error.status === null ? 'silent' : 'refused';
    }
  }

  #spawn(): ChildProcess {
    const { files, user } = this.#options;
    mkdirSync(files.folder, { recursive: true, mode: 0o700 });
    const output = openSync(files.log, 'a', 0o600);
    const values = openValues(this.#values, user);
    try {
      const [program, ...args] = this.#command();
      return spawn(program, args, {
        cwd: files.folder,
        detached: true,
        ...(user === null ? {} : { uid: user, gid: user }),
        stdio: ['ignore', output, output, values],
        env: {
          ...Object.fromEntries(
            ENVIRONMENT.flatMap((name) => {
              const value = process.env[name];
              return value === undefined ? [] : [[name, value] as const];
            }),
          ),
          HOME: WORKER_HOME,
        },
      });
    } finally {
      closeSync(output);
      closeSync(values);
    }
  }

  #command(): [string, ...string[]] {
    const { installation, files, heapMegabytes } = this.#options;
    return [
      installation.java,
      markOf(files.folder),
      `-Xms${Math.min(64, heapMegabytes)}m`,
      `-Xmx${heapMegabytes}m`,
      '-XX:+UseSerialGC',
      // Half a worker is worse than none: it ends, and is started again.
      '-XX:+ExitOnOutOfMemoryError',
      '-Xshare:auto',
      ...files.options,
      ...['-cp', installation.classPath, 'org.apache.kafka.connect.cli.ConnectDistributed', files.properties],
    ];
  }

  #digest(): string {
    return digestOf([this.#command(), this.#options.properties, this.#options.password, this.#options.user]);
  }
}

/** No worker works in the folder when this resolves: it is asked for so long, and killed then. */
export async function endWorker(clock: Clock, folder: string, patienceMs: number): Promise<void> {
  const until = clock.monotonic() + patienceMs;
  let asked: number | null = null;
  for (let pid = workerIn(folder); pid !== null; pid = workerIn(folder)) {
    if (clock.monotonic() >= until) signalTo(pid, 'SIGKILL');
    else if (asked !== pid) signalTo(pid, 'SIGTERM');
    asked = pid;
    await sleep(clock, POLL_MS);
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
