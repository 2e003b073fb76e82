import type { SinkRecord } from '../kernel/connect-record.ts';

export interface NameStyle {
  /** Above all objects; may be empty. */
  readonly topicsDirectory: string;
  /** Between folders. */
  readonly directoryDelimiter: string;
  /** Within the name of an object. */
  readonly fileDelimiter: string;
  /** Digits of an offset. */
  readonly offsetWidth: number;
  /** With its dot. */
  readonly extension: string;
}

/** The folder that an object is in, with its topic: `topics/orders/partition=0`. */
export function objectFolder(style: NameStyle, topic: string, folder: string): string {
  return [style.topicsDirectory, topic, folder].filter((part) => part !== '').join(style.directoryDelimiter);
}

/** The key of the object whose first record this is: it follows from the record alone. */
export function objectKey(style: NameStyle, folder: string, first: SinkRecord): string {
  return `${folder}${style.directoryDelimiter}${objectStem(style, first.topic, first.originalPartition)}${offsetText(style, first.offset)}${style.extension}`;
}

/** What the names of all objects of a partition begin with. */
export function objectStem({ fileDelimiter }: NameStyle, topic: string, partition: number): string {
  return `${topic}${fileDelimiter}${partition}${fileDelimiter}`;
}

export function offsetText({ offsetWidth }: NameStyle, offset: number): string {
  return String(offset).padStart(offsetWidth, '0');
}
