import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { World } from '../../base/world.ts';
import { type Engine, EngineError } from '../../control/engine.ts';
import type { Cluster, StateInfo } from '../../control/state/cluster.ts';
import { endProcessIn } from './end-process.ts';
import { brokerFolder, CONTROLLER_FOLDER, clusterFolder, clustersFolder, PROCESS_FILES } from './layout.ts';
import { configDigest, type NodeConfig, nodeName } from './node-config.ts';
import { type NodeHosts, nodeConfigs } from './node-configs.ts';
import { type Problem, Supervisor } from './supervisor.ts';

export interface EmbeddedEngineOptions extends NodeHosts {
  readonly dataDirectory: string;
  /** Starts one process of ours, before `controller|broker --config FILE`. */
  readonly program: readonly [string, ...string[]];
}

/** Clusters of our own brokers: a detached process for the controller and for each broker, all on this machine. */
export class EmbeddedEngine implements Engine {
  readonly #world: Pick<World, 'clock' | 'log'>;
  readonly #options: EmbeddedEngineOptions;
  readonly #started = new Map<string, StartedCluster>();
  #report: (arn: string, problem: StateInfo | null) => void = () => {};

  constructor(world: Pick<World, 'clock' | 'log'>, options: EmbeddedEngineOptions) {
    this.#world = world;
    this.#options = options;
  }

  onHealth(listener: (arn: string, problem: StateInfo | null) => void): void {
    this.#report = listener;
  }

  async prepare(cluster: Cluster): Promise<void> {
    for (const { folder, text } of this.#nodes(cluster)) {
      mkdirSync(folder, { recursive: true });
      // Renamed into place, so that a process that starts now reads the old one or the new one.
      const file = join(folder, PROCESS_FILES.config);
      writeFileSync(`${file}.new`, text, { flush: true });
      renameSync(`${file}.new`, file);
    }
  }

  async start(cluster: Cluster, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let started = this.#started.get(cluster.arn);
    if (!started) {
      // The hosts may be others than in the last life; processes with another configuration are restarted.
      await this.prepare(cluster);
      const supervisors = this.#nodes(cluster).map(
        ({ config, folder, text }) =>
          new Supervisor(
            this.#world,
            {
              name: nodeName(config),
              folder,
              digest: configDigest(text),
              command: [
                ...this.#options.program,
                config.kind,
                '--config',
                join(folder, PROCESS_FILES.config),
              ],
            },
            () => this.#changed(cluster.arn),
          ),
      );
      started = { supervisors, waiting: new Set(), serving: false };
      this.#started.set(cluster.arn, started);
      for (const supervisor of supervisors) supervisor.start();
    }
    await outcome(started, signal);
    started.serving = true;
  }

  async stop(cluster: Cluster): Promise<void> {
    const started = this.#started.get(cluster.arn);
    this.#started.delete(cluster.arn);
    await stopNodes(nodeFolders(clusterFolder(this.#options.dataDirectory, cluster)), async (folder) => {
      const supervisor = started?.supervisors.find((one) => one.folder === folder);
      await (supervisor ? supervisor.stop() : endProcessIn(this.#world.clock, folder));
    });
  }

  async remove(cluster: Cluster): Promise<void> {
    rmSync(clusterFolder(this.#options.dataDirectory, cluster), { recursive: true, force: true });
  }

  async stopOrphans(known: readonly Cluster[]): Promise<void> {
    const expected = new Set(known.flatMap((cluster) => this.#nodes(cluster).map(({ folder }) => folder)));
    const clusters = clustersFolder(this.#options.dataDirectory);
    const names = existsSync(clusters) ? readdirSync(clusters) : [];
    await Promise.all(
      names.map(async (name) => {
        const orphans = nodeFolders(join(clusters, name)).filter((folder) => !expected.has(folder));
        await stopNodes(orphans, (folder) => endProcessIn(this.#world.clock, folder));
        for (const folder of orphans)
          this.#world.log.warn('This folder belongs to no cluster that is known; no process works in it', {
            folder,
          });
      }),
    );
  }

  #changed(arn: string): void {
    const started = this.#started.get(arn);
    if (!started) return;
    for (const waiter of started.waiting) waiter();
    if (started.serving) this.#report(arn, stateInfo(problemOf(started)));
  }

  #nodes(cluster: Cluster): { config: NodeConfig; folder: string; text: string }[] {
    const folder = clusterFolder(this.#options.dataDirectory, cluster);
    return nodeConfigs(cluster, folder, this.#options).map((config) => ({
      config,
      folder: join(
        folder,
        config.kind === 'controller' ? CONTROLLER_FOLDER : brokerFolder(config.options.brokerId),
      ),
      text: JSON.stringify(config, null, 2),
    }));
  }
}

function nodeFolders(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .map((name) => join(folder, name))
    .filter((node) => existsSync(join(node, PROCESS_FILES.config)));
}

/** Brokers first: a broker that stops hands its partitions over with the controller's help. */
async function stopNodes(folders: readonly string[], stop: (folder: string) => Promise<void>): Promise<void> {
  const isController = (folder: string): boolean => basename(folder) === CONTROLLER_FOLDER;
  await Promise.all(folders.filter((folder) => !isController(folder)).map(stop));
  await Promise.all(folders.filter(isController).map(stop));
}

interface StartedCluster {
  readonly supervisors: readonly Supervisor[];
  readonly waiting: Set<() => void>;
  /** It was ready once; from then on its health is reported. */
  serving: boolean;
}

/** Resolves when every process is ready; rejects when one of them has a problem that waiting does not mend. */
function outcome(started: StartedCluster, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      const problem = problemOf(started);
      if (signal.aborted) reject(signal.reason);
      else if (problem) reject(new EngineError(problem.code, problem.message));
      else if (started.supervisors.every((supervisor) => supervisor.ready)) resolve();
      else return;
      started.waiting.delete(check);
      signal.removeEventListener('abort', check);
    };
    started.waiting.add(check);
    signal.addEventListener('abort', check);
    check();
  });
}

function problemOf(started: StartedCluster): Problem | null {
  return started.supervisors.find((supervisor) => supervisor.problem)?.problem ?? null;
}

function stateInfo(problem: Problem | null): StateInfo | null {
  return problem && { code: problem.code, message: problem.message };
}
