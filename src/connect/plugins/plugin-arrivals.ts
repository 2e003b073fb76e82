import { rmSync } from 'node:fs';
import { Backoff } from '../../base/backoff.ts';
import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import { type ApiError, badRequest, isApiError } from '../../control/aws/api-error.ts';
import type { ComingInstallation } from '../release/kept-release.ts';
import type { ConnectStore } from '../state/connect-store.ts';
import type { Plugin } from '../state/plugin.ts';
import type { Installation, NoInstallation } from '../worker/installation.ts';
import { ArchiveError } from './archive.ts';
import type { PluginFolder, StoredPlugin } from './plugin-folder.ts';
import type { PluginLoads } from './plugin-loads.ts';
import type { PluginSource } from './plugin-source.ts';

/** Between attempts at a bucket that does not answer. */
const RETRY = { firstMs: 1_000, lastMs: 60_000 };
/** A server that is started anew with the machine answers by then; what does not is told as a failure. */
const PATIENCE_MS = 1_800_000;

export interface ArrivalParts {
  readonly world: Pick<World, 'clock' | 'log'>;
  readonly store: ConnectStore;
  readonly plugins: PluginFolder;
  readonly source: PluginSource;
  readonly loads: Pick<PluginLoads, 'load'>;
  installation(): Promise<Installation | ComingInstallation | NoInstallation>;
}

/** What of a plugin says where its file is. */
type Wanted = Pick<Plugin, 'uuid' | 'bucketArn' | 'fileKey' | 'objectVersion' | 'contentType'>;

/** A plugin's file that is here, and the state that the plugin is in then. */
export type Arrived = StoredPlugin & Pick<Plugin, 'state'>;

/**
 * Fetches, unpacks and inspects the files of plugins. Clients of the API wait half a minute for an answer,
 * and a file of a gigabyte takes longer: its plugin is in the store without it, is CREATING, and becomes what
 * it is when the file is here.
 */
export class PluginArrivals {
  readonly #parts: ArrivalParts;
  /** Why a file did not come yet and is asked for again, by the ARN of its plugin. */
  readonly #waits = new Map<string, string>();
  readonly #stopped = new AbortController();

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
  }

  /** Begins anew what a crash broke off. */
  start(): void {
    for (const plugin of this.#parts.store.state.plugins.all())
      if (plugin.state === 'CREATING' && plugin.fileMd5 === null)
        void this.complete(plugin, this.bring(plugin));
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Why the file of this plugin did not come yet and is asked for again, as a sentence; null: it is not. */
  waits(arn: string): string | null {
    return this.#waits.get(arn) ?? null;
  }

  /**
   * What the file is, or why it is refused, which leaves nothing behind. Rejects where the disk or the
   * network of this machine fails.
   */
  async bring({ uuid, contentType, ...object }: Wanted): Promise<Arrived | ApiError> {
    const { plugins, source } = this.#parts;
    const download = plugins.download(uuid);
    const file = await source.file({ ...object, objectVersion: object.objectVersion ?? undefined }, download);
    if (typeof file !== 'string') {
      // Nothing was unpacked there yet.
      rmSync(plugins.path(uuid), { recursive: true, force: true });
      return file;
    }
    const installation = await this.#parts.installation();
    // Where Kafka Connect is not installed, workers will say what they cannot load.
    const java = 'missing' in installation ? installation.comesFor : installation;
    try {
      const key = object.fileKey;
      const stored = await plugins.store(uuid, { file, key, contentType }, java?.javaRelease ?? null);
      rmSync(download, { force: true });
      return { ...stored, state: java ? 'CREATING' : 'ACTIVE' };
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      return badRequest(error.message, 'location.s3Location.fileKey');
    }
  }

  /**
   * The store's plugin becomes what its file turns out to be, and is loaded then. A bucket that does not
   * answer is asked again for PATIENCE_MS. Never rejects.
   */
  async complete(plugin: Plugin, coming: Promise<Arrived | ApiError>): Promise<void> {
    const { store, plugins, loads, world } = this.#parts;
    const { arn, uuid } = plugin;
    const arrived = await this.#brought(plugin, coming);
    if (this.#stopped.signal.aborted) return;
    try {
      const now = store.execute((state) => {
        const plugin = state.plugins.get(arn);
        if (isApiError(plugin)) return { records: [], answer: null };
        const known: Plugin = isApiError(arrived)
          ? {
              ...plugin,
              state: 'CREATE_FAILED',
              stateInfo: {
                code: isOutOfReach(arrived) ? 'FILE_OUT_OF_REACH' : 'FILE_REFUSED',
                message: arrived.message,
              },
            }
          : { ...plugin, ...arrived };
        return { records: [{ type: 'PluginRecord', plugin: known }], answer: known };
      });
      // It was deleted meanwhile.
      if (now === null) await plugins.remove(uuid);
      else if (now.state === 'CREATING') void loads.load(arn);
    } catch (error) {
      // The store takes nothing now; the next start has the plugin without its file, and begins anew.
      world.log.error('A plugin could not be completed', { arn, error });
    }
  }

  /** What comes of the attempt that is under way, and of those that follow it. */
  async #brought(plugin: Plugin, coming: Promise<Arrived | ApiError>): Promise<Arrived | ApiError> {
    const { store, world } = this.#parts;
    const { arn } = plugin;
    const until = world.clock.monotonic() + PATIENCE_MS;
    const backoff = new Backoff(RETRY);
    const isOver = () =>
      this.#stopped.signal.aborted ||
      world.clock.monotonic() >= until ||
      isApiError(store.state.plugins.get(arn));
    let arrived = await coming.catch((error: unknown) => refusalOf(error));
    while (isOutOfReach(arrived) && !isOver()) {
      if (!backoff.hasFailed)
        world.log.warn('The file of a plugin is asked for again', { arn, why: arrived.message });
      this.#waits.set(arn, arrived.message);
      await sleep(world.clock, backoff.failed(), this.#stopped.signal);
      if (!isOver()) arrived = await this.bring(plugin).catch((error: unknown) => refusalOf(error));
    }
    this.#waits.delete(arn);
    return arrived;
  }
}

/** Whether the bucket did not answer, or not now. */
function isOutOfReach(arrived: Arrived | ApiError): arrived is ApiError {
  return isApiError(arrived) && arrived.error === 'ServiceUnavailableException';
}

function refusalOf(error: unknown): ApiError {
  const why = error instanceof Error ? error.message : String(error);
  return { error: 'InternalServerErrorException', message: `Its file could not be kept: ${why}` };
}
