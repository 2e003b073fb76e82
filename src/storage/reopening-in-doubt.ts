import type { Uuid } from '../base/brand.ts';
import type { TopicPartition } from '../base/topic-partition.ts';
import type { World } from '../base/world.ts';
import type { LogOffsets } from './log-checkpoints.ts';
import type { NotStored } from './not-stored.ts';
import { folderName } from './partition-folder.ts';
import { rewriteInTurns } from './rewrite-from.ts';
import { settleSwaps } from './segment-swap.ts';
import { StorageError } from './storage-error.ts';
import type { StoredLog } from './stored-logs.ts';
import type { SyncMarks } from './sync-marks.ts';

type Create = (of: TopicPartition, topicId: Uuid) => StoredLog | NotStored;

/**
 * Logs in doubt that are opened anew while the broker serves its others. What an earlier sync may have left
 * in the page cache alone, up to a segment and more, is written anew before, a piece in each turn of the
 * loop: nobody has the log open meanwhile. At the start of a broker, which serves nothing, logs do so while
 * they are opened.
 */
export class ReopeningInDoubt {
  readonly #world: World;
  readonly #folder: { readonly path: string; readonly syncMarks: SyncMarks };
  readonly #create: Create;
  readonly #underWay = new Map<string, Promise<void>>();
  /** Folders that were written anew, and are opened next. */
  readonly #rewritten = new Set<string>();
  #stopped = false;

  /** `create`: as `LogDirectory.create`; of a log that was written anew, it opens that. */
  constructor(
    world: World,
    folder: { readonly path: string; readonly syncMarks: SyncMarks },
    create: Create,
  ) {
    this.#world = world;
    this.#folder = folder;
    this.#create = create;
  }

  /**
   * Null when the log is in no doubt, or is to be opened now. Else it resolves when the log is open and
   * settled, or its folder has gone; it rejects when its device refuses. Concurrent calls share.
   */
  begin(of: TopicPartition, topicId: Uuid, { recoveryPoint = 0 }: LogOffsets): Promise<void> | null {
    const name = folderName(of);
    if (this.#rewritten.has(name) || !this.#folder.syncMarks.of(name).isInDoubt) return null;
    const known = this.#underWay.get(name);
    if (known) return known;
    const reopened = this.#reopen(of, topicId, recoveryPoint).finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, reopened);
    // Whoever is not told of it here asks again.
    reopened.catch(() => {});
    return reopened;
  }

  /** Whether the folder was written anew for the opening that begins now, which is the only one. */
  takeRewritten(name: string): boolean {
    return this.#rewritten.delete(name);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #reopen(of: TopicPartition, topicId: Uuid, offset: number): Promise<void> {
    const name = folderName(of);
    const { path, syncMarks } = this.#folder;
    const directory = `${path}/${name}`;
    // The folder has another one as soon as it has another name.
    const mark = syncMarks.of(name);
    const goesOn = () => !this.#stopped && syncMarks.of(name) === mark;
    settleSwaps(this.#world.disk, directory);
    // Its folder went meanwhile, or the process stops: nothing has failed.
    if (!(await rewriteInTurns(this.#world, directory, { offset, goesOn }))) return;
    this.#rewritten.add(name);
    try {
      const made = this.#create(of, topicId);
      if (!('error' in made)) return;
      if (made.error !== 'NOT_READY')
        throw new StorageError('open', directory, { cause: new Error(made.message) });
      await made.ready;
    } finally {
      this.#rewritten.delete(name);
    }
  }
}
