import type { TopicPartition } from '../base/topic-partition.ts';
import { partitionInName } from './file-names.ts';

/** Longer names are cut, as the file system would refuse them. */
const MAX_NAME_LENGTH = 255;

/** Lives in the same folder and is opened by those who speak KRaft. */
const METADATA_TOPIC = '__cluster_metadata';

export const DELETE_SUFFIX = '-delete';
export const STRAY_SUFFIX = '-stray';
/** A dot, an id of 32 hex digits, and the ending. */
const FUTURE_TAIL_LENGTH = 1 + 32 + '-future'.length;

export function folderName(of: TopicPartition): string {
  return `${of.topic}-${of.partition}`;
}

/** What a folder is renamed to before it is emptied: `orders-7.5f0c…-delete`. The id is 32 hex digits. */
export function retiredName(of: TopicPartition, id: string, ending: string): string {
  const tail = `-${of.partition}.${id}${ending}`;
  return of.topic.slice(0, MAX_NAME_LENGTH - tail.length) + tail;
}

/** Whether Kafka could name the folder to which it copies a replica: `orders-7.5f0c…-future`, uncut. */
export function leavesRoomForFuture(of: TopicPartition): boolean {
  return folderName(of).length + FUTURE_TAIL_LENGTH <= MAX_NAME_LENGTH;
}

/** The replica of a broker that the folder of this name holds; null for any other file or folder. */
export function replicaInName(name: string): TopicPartition | null {
  const partition = partitionInName(name);
  return partition === null || partition.topic === METADATA_TOPIC ? null : partition;
}
