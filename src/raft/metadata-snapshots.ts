import type { Offset } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import { DamagedSnapshotError, listSnapshots, readSnapshot, type Snapshot } from './snapshot-file.ts';
import { type SnapshotId, snapshotFileName } from './snapshot-id.ts';
import type { Voter } from './voters.ts';

/**
 * The newest snapshot, and the one before it: whoever is a little behind goes on with the log, not a
 * snapshot.
 */
const SNAPSHOTS_KEPT = 2;

/** The snapshots beside a copy of the metadata log. */
export class MetadataSnapshots {
  readonly #world: World;
  readonly #directory: string;
  /** Oldest first. */
  #ids: readonly SnapshotId[];
  /** The newest that was found sound at the start, or was made since. */
  #latest: { readonly id: SnapshotId; readonly voters: readonly Voter[] } | null;
  /** The content of the latest, while it is kept to be replayed at the start. */
  #loaded: Snapshot | null;

  /** Reads the newest one that is sound. Throws DiskError when the folder cannot be read. */
  constructor(world: World, directory: string) {
    this.#world = world;
    this.#directory = directory;
    this.#ids = listSnapshots(world, directory);
    let latest: Snapshot | null = null;
    for (const id of [...this.#ids].reverse()) {
      latest = soundSnapshot(world, directory, id);
      if (latest) break;
    }
    this.#loaded = latest;
    this.#latest = latest && {
      id: { endOffset: latest.endOffset, epoch: latest.epoch },
      voters: latest.voters,
    };
  }

  get earliestId(): SnapshotId | null {
    return this.#ids[0] ?? null;
  }

  get latestId(): SnapshotId | null {
    return this.#latest?.id ?? null;
  }

  /** Those that the latest names; empty when there is none. */
  get latestVoters(): readonly Voter[] {
    return this.#latest?.voters ?? [];
  }

  /** The content of the latest; null when there is none. Throws DamagedSnapshotError. */
  readLatest(): Snapshot | null {
    const loaded = this.#loaded;
    this.#loaded = null;
    if (loaded) return loaded;
    return this.#latest && readSnapshot(this.#world, this.#directory, this.#latest.id);
  }

  /** A new one is whole in the folder, made or fetched: it is the latest. */
  add({ id, voters }: { readonly id: SnapshotId; readonly voters: readonly Voter[] }): void {
    this.#latest = { id, voters };
    this.#loaded = null;
    this.#ids = listSnapshots(this.#world, this.#directory);
  }

  /** The bytes of a snapshot's file from a position on; null when there is no such snapshot. */
  readBytes(
    id: SnapshotId,
    position: number,
    maxBytes: number,
  ): { readonly size: number; readonly bytes: Buffer } | null {
    if (!this.#ids.some((known) => known.endOffset === id.endOffset && known.epoch === id.epoch)) return null;
    const file = this.#world.disk.open(`${this.#directory}/${snapshotFileName(id)}`, 'read');
    try {
      const size = file.size();
      if (position < 0 || position >= size) return { size, bytes: Buffer.alloc(0) };
      const bytes = Buffer.alloc(Math.max(Math.min(maxBytes, size - position), 0));
      return { size, bytes: bytes.subarray(0, file.readNow(position, bytes)) };
    } finally {
      file.close();
    }
  }

  /** Removes old ones, once `trimLog` has cut the log's start to the end of the oldest that stays. */
  removeOld(trimLog: (startOffset: Offset) => void): void {
    const gone = this.#ids.slice(0, -SNAPSHOTS_KEPT);
    this.#ids = this.#ids.slice(-SNAPSHOTS_KEPT);
    // The log first: a start offset is always the end of a snapshot that is there.
    trimLog(this.#ids[0]?.endOffset ?? 0);
    for (const id of gone) this.#world.disk.remove(`${this.#directory}/${snapshotFileName(id)}`);
  }
}

function soundSnapshot(world: World, directory: string, id: SnapshotId): Snapshot | null {
  try {
    return readSnapshot(world, directory, id);
  } catch (error) {
    // The one before it and the log from there on say the same.
    if (!(error instanceof DamagedSnapshotError)) throw error;
    world.log.error('a snapshot of the metadata log is damaged', { error });
    return null;
  }
}
