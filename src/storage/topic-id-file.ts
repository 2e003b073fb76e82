import type { Uuid } from '../base/brand.ts';
import { type Disk, DiskError, readWhole, writeWhole } from '../base/disk.ts';
import { PARTITION_METADATA } from './file-names.ts';

/**
 * `partition.metadata`: which topic, of all that had or will have this name, the folder belongs to. It is in
 * the page cache before the folder has a log, and on the device before a flush of that log has succeeded, so
 * that whatever counts as synced has its topic's id. Records in a folder without an id were never confirmed;
 * whose they are is not known.
 */
export class TopicIdFile {
  readonly topicId: Uuid;
  readonly #disk: Disk;
  readonly #folder: string;
  #synced: Promise<void> | null = null;
  /**
   * The page cache may show what no sync brings to the device: a sync of it failed, in this process or
   * perhaps in one that was killed.
   */
  #isDoubtful: boolean;

  private constructor(disk: Disk, folder: string, topicId: Uuid, isDoubtful: boolean) {
    this.#disk = disk;
    this.#folder = folder;
    this.topicId = topicId;
    this.#isDoubtful = isDoubtful;
  }

  /**
   * `clean`: whoever wrote it stopped in order. Null when there is no id, or none that was written whole.
   * Throws DiskError.
   */
  static read(disk: Disk, folder: string, { clean }: { readonly clean: boolean }): TopicIdFile | null {
    const text = readWhole(disk, pathIn(folder))?.toString('utf8') ?? '';
    const match = /^version: 0\ntopic_id: ([A-Za-z0-9_-]{22})\s*$/.exec(text);
    return match?.[1] ? new TopicIdFile(disk, folder, match[1], !clean) : null;
  }

  /** Into the page cache. Throws DiskError. */
  static write(disk: Disk, folder: string, topicId: Uuid): TopicIdFile {
    const path = pathIn(folder);
    const bytes = content(topicId);
    const file = disk.open(path, 'create');
    try {
      file.truncate(0);
      if (file.appendNow([bytes]) !== bytes.length) throw new DiskError('ENOSPC', path, 'write');
    } finally {
      file.close();
    }
    return new TopicIdFile(disk, folder, topicId, false);
  }

  /**
   * Resolves when the device has the file and its name in the folder; once it has, at once. Rejects with
   * DiskError. After that the kernel may have dropped what was written and tells it once, so the next call
   * writes the file anew; so does the first one after a process that did not stop in order.
   */
  synced(): Promise<void> {
    this.#synced ??= this.#sync().catch((error: unknown) => {
      this.#synced = null;
      this.#isDoubtful = true;
      throw error;
    });
    return this.#synced;
  }

  async #sync(): Promise<void> {
    if (this.#isDoubtful) return writeWhole(this.#disk, pathIn(this.#folder), content(this.topicId));
    const file = this.#disk.open(pathIn(this.#folder), 'write');
    try {
      await file.sync();
    } finally {
      file.close();
    }
    await this.#disk.syncDirectory(this.#folder);
  }
}

/** Nothing was ever stored in the folder: a process ended, or its disk refused, while the folder was made. */
export function isBlank(disk: Disk, folder: string): boolean {
  return disk.list(folder).every((name) => name === PARTITION_METADATA);
}

function pathIn(folder: string): string {
  return `${folder}/${PARTITION_METADATA}`;
}

function content(topicId: Uuid): Buffer {
  return Buffer.from(`version: 0\ntopic_id: ${topicId}`);
}
