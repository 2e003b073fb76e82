import type { ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '../../base/world.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import { StoreError } from '../../control/state/store-error.ts';
import type { ConnectStore } from '../state/connect-store.ts';
import type { Plugin } from '../state/plugin.ts';
import type { ClassArchives } from '../worker/class-archives.ts';
import type { Installation, NoInstallation } from '../worker/installation.ts';
import { WorkerFiles } from '../worker/worker-files.ts';
import { checkPlugin, PluginCheckError } from './plugin-check.ts';
import type { PluginFolder } from './plugin-folder.ts';
import { verdictOf } from './plugin-verdict.ts';

export interface LoadParts {
  readonly world: Pick<World, 'log'>;
  readonly store: ConnectStore;
  readonly plugins: PluginFolder;
  readonly archives: ClassArchives;
  /** Waits for one that is being fetched, for as long as that is tried. */
  installation(): Promise<Installation | NoInstallation>;
  /** Whose rights a plugin has that is loaded with this installation; null for those of this process. */
  user(plugin: Plugin, installation: Installation): number | null;
}

/**
 * Loads each new plugin once, with the Java and the Kafka Connect that will run it, so that what is wrong
 * with it is known before a connector is made of it. One at a time: each takes a processor for seconds.
 */
export class PluginLoads {
  readonly #parts: LoadParts;
  readonly #folder: string;
  readonly #loads = new Map<string, Promise<void>>();
  #last: Promise<void> = Promise.resolve();
  #process: ChildProcess | null = null;
  #isStopped = false;

  constructor(parts: LoadParts, connectFolder: string) {
    this.#parts = parts;
    this.#folder = join(connectFolder, 'loads');
  }

  /** Takes up what a crash left. */
  start(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    for (const { arn, state, fileMd5 } of this.#parts.store.state.plugins.all())
      if (state === 'CREATING' && fileMd5 !== null) void this.load(arn);
  }

  /**
   * The plugin is no longer CREATING when this resolves, unless the control plane stops meanwhile. Never
   * rejects.
   */
  load(arn: string): Promise<void> {
    const known = this.#loads.get(arn);
    if (known) return known;
    this.#last = this.#last
      .then(() => this.#load(arn))
      .catch((error: unknown) => {
        // The store takes nothing now; the next start has it CREATING still.
        this.#parts.world.log.error('A plugin could not be loaded', { arn, error });
      })
      .finally(() => this.#loads.delete(arn));
    this.#loads.set(arn, this.#last);
    return this.#last;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#process?.kill('SIGKILL');
    await this.#last;
  }

  async #load(arn: string): Promise<void> {
    const { store } = this.#parts;
    const plugin = store.state.plugins.get(arn);
    if (this.#isStopped || isApiError(plugin)) return;
    let loaded: Partial<Plugin>;
    try {
      loaded = await this.#loaded(plugin);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      const message =
        error instanceof PluginCheckError
          ? `Kafka Connect could not load it: ${why}`
          : `It could not be loaded: ${why}`;
      loaded = { state: 'CREATE_FAILED', stateInfo: { code: 'LOAD_FAILED', message } };
    }
    if (this.#isStopped) return;
    store.execute((state) => {
      // Meanwhile it may have been deleted, or have got other tags.
      const now = state.plugins.get(arn);
      return {
        records: isApiError(now) ? [] : [{ type: 'PluginRecord', plugin: { ...now, ...loaded } }],
        answer: null,
      };
    });
  }

  async #loaded(plugin: Plugin): Promise<Partial<Plugin>> {
    const { plugins, archives } = this.#parts;
    const installation = await this.#parts.installation();
    if (this.#isStopped) return {};
    if ('missing' in installation) throw new Error(installation.missing);
    const user = this.#parts.user(plugin, installation);
    const files = new WorkerFiles(join(this.#folder, plugin.uuid));
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      files.writeProgram(user !== null);
      files.linkPlugin(plugins.path(plugin.uuid));
      if (installation.isLinked) files.linkLibs(installation.libs);
      const archive = archives.of(installation);
      if (archive !== null) files.linkClasses(archive);
      const check = await checkPlugin(
        { installation, folder: files.folder, user, hasClassArchive: archive !== null },
        plugin.classes.map((one) => one.class),
        (process) => {
          this.#process = process;
          // Stopped while this was being prepared.
          if (this.#isStopped) process.kill('SIGKILL');
        },
      );
      if (check === null) return { state: 'ACTIVE' };
      const verdict = verdictOf(plugin, check, installation.version);
      if (verdict.state !== 'ACTIVE') return verdict;
      await plugins.addManifests(
        plugin.uuid,
        check.found.filter(({ named }) => !named),
      );
      return { ...verdict, hasManifests: true };
    } finally {
      this.#process = null;
      rmSync(files.folder, { recursive: true, force: true });
    }
  }
}
