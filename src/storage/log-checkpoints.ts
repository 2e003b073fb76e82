import type { World } from '../base/world.ts';
import type { CheckpointedOffset } from './checkpoint-file.ts';
import { OffsetsFile } from './offsets-file.ts';

/** What the files keep of every log of a data folder. */
export const checkpointFiles = {
  /** Below it everything was synced: recovery begins there. */
  recoveryPoint: 'recovery-point-offset-checkpoint',
  /** Where a log begins that does not begin with its first segment. */
  logStartOffset: 'log-start-offset-checkpoint',
  highWatermark: 'replication-offset-checkpoint',
  /** Where compaction goes on. */
  cleanedUpTo: 'cleaner-offset-checkpoint',
} as const;

export type CheckpointName = keyof typeof checkpointFiles;

/** What the files say of one log. */
export type LogOffsets = { readonly [name in CheckpointName]?: number | undefined };

/** In this order: what is clean is believed up to the recovery point, so the cleaner's file goes first. */
const NAMES = ['cleanedUpTo', 'recoveryPoint', 'logStartOffset', 'highWatermark'] as const;

/** The checkpoint files of one data folder. */
export class LogCheckpoints {
  readonly #files: Readonly<Record<CheckpointName, OffsetsFile>>;

  /** Reads the files that are there. Throws DiskError. */
  constructor(
    world: World,
    folder: string,
    entries: (name: CheckpointName) => readonly CheckpointedOffset[],
  ) {
    const file = (name: CheckpointName) =>
      new OffsetsFile(world, `${folder}/${checkpointFiles[name]}`, () => entries(name));
    this.#files = {
      recoveryPoint: file('recoveryPoint'),
      logStartOffset: file('logStartOffset'),
      highWatermark: file('highWatermark'),
      cleanedUpTo: file('cleanedUpTo'),
    };
  }

  /** What a start finds of the log in this folder. */
  onDevice(folder: string): LogOffsets {
    return {
      recoveryPoint: this.#files.recoveryPoint.onDevice(folder),
      logStartOffset: this.#files.logStartOffset.onDevice(folder),
      highWatermark: this.#files.highWatermark.onDevice(folder),
      cleanedUpTo: this.#files.cleanedUpTo.onDevice(folder),
    };
  }

  /** Resolves when the file has what holds now. Rejects with DiskError. */
  save(name: CheckpointName): Promise<void> {
    return this.#files[name].save();
  }

  /**
   * Before the folder begins a new life, when no entry of it is given any more: resolves when no file on the
   * device has one of an earlier life. Null when none has. Many at once share the writes.
   */
  forgotten(folder: string): Promise<void> | null {
    const stale = NAMES.filter((name) => this.#files[name].onDevice(folder) !== undefined);
    return stale.length === 0 ? null : this.#saveAll(stale);
  }

  /** After a log was cut: resolves when no file on the device says more than this. */
  async lowered(folder: string, to: LogOffsets): Promise<void> {
    const higher = NAMES.filter((name) => (this.#files[name].onDevice(folder) ?? -1) > (to[name] ?? -1));
    await this.#saveAll(higher);
  }

  async #saveAll(names: readonly CheckpointName[]): Promise<void> {
    for (const name of names) await this.save(name);
  }
}
