import { GuardedClock } from '../base/guarded-clock.ts';
import type { World } from '../base/world.ts';
import { OpenFiles } from './open-files.ts';
import { ReadBuffers } from './read-buffers.ts';
import { ReadGate } from './read-gate.ts';
import { SharedSync } from './shared-sync.ts';
import { DEFAULT_TAIL_BYTES, TailMemory } from './tail-memory.ts';

/** Open log files; the rest of a process's descriptors (1024 by default) are for connections. */
const DEFAULT_OPEN_FILES = 400;
/**
 * Appended and not written yet, over all logs; beyond it an append writes at once instead of at the turn's
 * end.
 */
const UNWRITTEN_BYTES = 16 * 1024 * 1024;

/** A log that has something to write at the end of the loop's turn. */
export interface DueWriter {
  writeNow(): void;
}

/** What the logs of one process share, so that its cost does not grow with their number. */
export class SharedStorage {
  readonly files: OpenFiles;
  readonly tail: TailMemory;
  readonly readBuffers: ReadBuffers;
  readonly readGate = new ReadGate();
  /** The clock by which it is told what is old enough to be deleted. */
  readonly guardedClock: GuardedClock;
  readonly #world: World;
  readonly #due = new Set<DueWriter>();
  readonly #folders = new Map<string, SharedSync>();
  #unwrittenBytes = 0;

  constructor(
    world: World,
    limits: { readonly openFiles?: number; readonly tailBytes?: number } = {},
    guardedClock: GuardedClock = new GuardedClock(world.clock),
  ) {
    this.#world = world;
    this.files = new OpenFiles(world.disk, limits.openFiles ?? DEFAULT_OPEN_FILES);
    this.tail = new TailMemory(limits.tailBytes ?? DEFAULT_TAIL_BYTES);
    this.readBuffers = new ReadBuffers();
    this.guardedClock = guardedClock;
  }

  /** Before an append: when too much waits already, it is written first. */
  makeRoom(bytes: number): void {
    if (this.#unwrittenBytes > 0 && this.#unwrittenBytes + bytes > UNWRITTEN_BYTES) this.#writeDue();
  }

  /**
   * The writer writes once when this turn of the loop has handled its input: one gathered write for all of
   * it.
   */
  writeSoon(writer: DueWriter, bytes: number): void {
    this.#unwrittenBytes += bytes;
    if (this.#due.size === 0) this.#world.clock.soon(() => this.#writeDue());
    this.#due.add(writer);
  }

  written(writer: DueWriter, bytes: number): void {
    this.#unwrittenBytes -= bytes;
    this.#due.delete(writer);
  }

  /** Makes names in a folder last that many logs have their folders in. Rejects with DiskError. */
  syncFolder(path: string): Promise<void> {
    const known = this.#folders.get(path);
    const folder = known ?? new SharedSync(() => this.#world.disk.syncDirectory(path));
    if (!known) this.#folders.set(path, folder);
    return folder.sync();
  }

  #writeDue(): void {
    const due = [...this.#due];
    this.#due.clear();
    for (const writer of due) writer.writeNow();
  }
}
