import type { Uuid } from '../base/brand.ts';
import { type Disk, DiskError, readWhole } from '../base/disk.ts';
import { PARTITION_METADATA } from './file-names.ts';

/** Longer names are cut, as the file system would refuse them. */
const MAX_NAME_LENGTH = 255;

export const DELETE_SUFFIX = '-delete';
export const STRAY_SUFFIX = '-stray';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export function folderName(of: TopicPartition): string {
  return `${of.topic}-${of.partition}`;
}

/** What a folder is renamed to before it is emptied: `orders-7.5f0c…-delete`. The id is 32 hex digits. */
export function retiredName(of: TopicPartition, id: string, ending: string): string {
  const tail = `-${of.partition}.${id}${ending}`;
  return of.topic.slice(0, MAX_NAME_LENGTH - tail.length) + tail;
}

/** `partition.metadata`: which topic, of all that had or will have this name, the folder belongs to. */
export function readTopicId(disk: Disk, folder: string): Uuid | null {
  const text = readWhole(disk, `${folder}/${PARTITION_METADATA}`)?.toString('utf8') ?? '';
  const match = /^version: 0\ntopic_id: ([A-Za-z0-9_-]{22})\s*$/.exec(text);
  return match?.[1] ?? null;
}

/** Into the page cache; `syncFolder` makes it last. Throws DiskError. */
export function writeTopicId(disk: Disk, folder: string, topicId: Uuid): void {
  const path = `${folder}/${PARTITION_METADATA}`;
  const bytes = Buffer.from(`version: 0\ntopic_id: ${topicId}`);
  const file = disk.open(path, 'create');
  try {
    file.truncate(0);
    if (file.appendNow([bytes]) !== bytes.length) throw new DiskError('ENOSPC', path, 'write');
  } finally {
    file.close();
  }
}

export async function syncTopicId(disk: Disk, folder: string): Promise<void> {
  const file = disk.open(`${folder}/${PARTITION_METADATA}`, 'write');
  try {
    await file.sync();
  } finally {
    file.close();
  }
  await disk.syncDirectory(folder);
}
