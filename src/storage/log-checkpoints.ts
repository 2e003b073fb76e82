import { readWhole } from '../base/disk.ts';
import type { World } from '../base/world.ts';
import { formatOffsets, type PartitionOffset, parseOffsets } from './checkpoint-file.ts';
import { folderName, type TopicPartition } from './partition-folder.ts';
import { SavedFile } from './saved-file.ts';

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

/** The checkpoint files of one data folder. */
export class LogCheckpoints {
  readonly #files: Readonly<Record<CheckpointName, SavedFile>>;

  constructor(world: World, folder: string, entries: (name: CheckpointName) => PartitionOffset[]) {
    const file = (name: CheckpointName) =>
      new SavedFile(world, `${folder}/${checkpointFiles[name]}`, () => formatOffsets(entries(name)));
    this.#files = {
      recoveryPoint: file('recoveryPoint'),
      logStartOffset: file('logStartOffset'),
      highWatermark: file('highWatermark'),
      cleanedUpTo: file('cleanedUpTo'),
    };
  }

  /** Resolves when the file has what holds now. Rejects with DiskError. */
  save(name: CheckpointName): Promise<void> {
    this.#files[name].changed();
    return this.#files[name].saved();
  }
}

/** Offsets by folder name; empty when the file is missing or damaged, which only makes the start slower. */
export function readCheckpoint(
  world: World,
  folder: string,
  name: CheckpointName,
): (of: TopicPartition) => number | undefined {
  const path = `${folder}/${checkpointFiles[name]}`;
  const text = readWhole(world.disk, path)?.toString('utf8');
  const entries = text === undefined ? [] : parseOffsets(text);
  if (entries === null) world.log.warn('a checkpoint cannot be read and is not believed', { path });
  const offsets = new Map((entries ?? []).map((entry) => [folderName(entry), entry.offset]));
  return (of) => offsets.get(folderName(of));
}
