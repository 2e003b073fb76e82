import { assert } from '../base/assert.ts';
import type { Uuid } from '../base/brand.ts';
import type { TopicPartition } from '../base/topic-partition.ts';
import type { CheckpointedOffset } from './checkpoint-file.ts';
import type { CheckpointName, LogOffsets } from './log-checkpoints.ts';
import { folderName } from './partition-folder.ts';
import type { PartitionLog } from './partition-log.ts';

export interface StoredLog extends TopicPartition {
  /** Null when `partition.metadata` was lost, as by a power loss before the first flush. */
  readonly topicId: Uuid | null;
  readonly log: PartitionLog;
}

/** A log that is not open and should be, with what was known of it, which stays in the checkpoint files. */
export interface UnopenedLog extends TopicPartition {
  readonly offsets: LogOffsets;
}

/**
 * Which logs one data folder has, by the names of their folders: open ones, and those that should be open and
 * are not.
 */
export class StoredLogs {
  readonly #open = new Map<string, StoredLog>();
  /** They could not be opened, or not be renamed when they were to go. */
  readonly #unopened = new Map<string, UnopenedLog>();
  #wasIncomplete = false;

  /** One could not be opened: what it held is not here, however the broker stopped or stops. */
  get wasIncomplete(): boolean {
    return this.#wasIncomplete;
  }

  all(): IterableIterator<StoredLog> {
    return this.#open.values();
  }

  /** The logs of `all`, in an array of their own. */
  get logs(): PartitionLog[] {
    return Array.from(this.#open.values(), ({ log }) => log);
  }

  get size(): number {
    return this.#open.size;
  }

  get(name: string): StoredLog | undefined {
    return this.#open.get(name);
  }

  unopened(): IterableIterator<[string, UnopenedLog]> {
    return this.#unopened.entries();
  }

  /** What is known of a folder whose log is not open. */
  unopenedAt(name: string): UnopenedLog | undefined {
    return this.#unopened.get(name);
  }

  opened(stored: StoredLog): void {
    const name = folderName(stored);
    assert(!this.#open.has(name), 'a folder has one open log');
    this.#open.set(name, stored);
    this.#unopened.delete(name);
  }

  /** The log is closed and should be opened again. Nothing is lost by it. */
  shut({ topic, partition, log }: StoredLog): void {
    assert(log.isClosed, 'a log that is opened again was closed');
    const name = folderName({ topic, partition });
    this.#open.delete(name);
    this.#unopened.set(name, { topic, partition, offsets: offsetsOf(log) });
  }

  /** It is not open and should be. Returns whether that is new. */
  failed({ topic, partition }: TopicPartition, offsets: LogOffsets): boolean {
    const name = folderName({ topic, partition });
    const isNew = !this.#unopened.has(name);
    this.#wasIncomplete = true;
    this.#open.delete(name);
    this.#unopened.set(name, { topic, partition, offsets });
    return isNew;
  }

  /**
   * The folder that should be opened is gone, and its checkpoints mean nothing for the next one of this name.
   */
  forgetOffsets({ topic, partition }: TopicPartition): void {
    const name = folderName({ topic, partition });
    if (this.#unopened.has(name)) this.#unopened.set(name, { topic, partition, offsets: {} });
  }

  /** The folder has another name now. */
  left(name: string): void {
    this.#open.delete(name);
    this.#unopened.delete(name);
  }

  /** What a checkpoint file has to say, also of logs that are not open. */
  checkpointed(name: CheckpointName): CheckpointedOffset[] {
    const entries = [];
    for (const { topic, partition, log } of this.#open.values()) {
      const offset = offsetsOf(log)[name];
      const implied = name === 'logStartOffset' && log.logStartOffset <= (log.segmentBaseOffsets[0] ?? 0);
      if (!implied && offset !== undefined) entries.push({ topic, partition, offset });
    }
    for (const { topic, partition, offsets } of this.#unopened.values()) {
      const offset = offsets[name];
      if (offset !== undefined) entries.push({ topic, partition, offset });
    }
    return entries;
  }
}

/** What the checkpoint files should say of this log. */
export function offsetsOf(log: PartitionLog): LogOffsets {
  return {
    recoveryPoint: log.recoveryPoint,
    logStartOffset: log.logStartOffset,
    highWatermark: log.highWatermark,
    cleanedUpTo: log.cleaning.cleanedUpTo ?? undefined,
  };
}
