import type { Consumed } from './consumed.ts';

/**
 * What a producer knows of one record: `acknowledged` with its place, or unknown (sent, but no answer that
 * counts).
 */
export interface Sent {
  readonly producer: string;
  readonly sequence: number;
  readonly acknowledged: boolean;
  readonly partition?: number;
  readonly offset?: number;
  /** When the answer came, by the client's clock, in milliseconds. */
  readonly atMs: number;
}

/** One record as it was read at the end. */
export interface Read {
  readonly partition: number;
  readonly offset: number;
  readonly producer: string;
  readonly sequence: number;
}

export interface Violations {
  /** Acknowledged and not there. */
  readonly lost: string[];
  /** There, and sent by nobody. */
  readonly invented: string[];
  /** Twice there, from a producer that is idempotent. */
  readonly duplicated: string[];
  /** After a later one of the same producer in the same partition. */
  readonly disordered: string[];
  /** Acknowledged at one offset and read at another. */
  readonly moved: string[];
  /** Read by a consumer while faults went on, and not there in the end, or something else is. */
  readonly unread: string[];
  /** There in the end, and not polled by a consumer that had time to. */
  readonly unseen: string[];
  /** A poll that goes back or skips, a commit that goes back, an offset with two values. */
  readonly polls: string[];
  /** What else had been promised for a fault. */
  readonly promises: string[];
  /** What a workload did not find as it must be. */
  readonly workloads: string[];
}

/**
 * The analyses of Jepsen's Kafka workload that need no transactions: lost writes, invented reads, duplicates
 * under idempotence, order within a partition, and offsets that never change their record.
 */
export function check(
  sent: readonly Sent[],
  read: readonly Read[],
  consumers: readonly Pick<Consumed, 'who' | 'values' | 'violations'>[] = [],
): Violations {
  const violations = noViolations();
  const values: string[][] = [];
  const places = new Map<string, Read>();
  const last = new Map<string, number>();
  for (const record of [...read].sort((a, b) => a.partition - b.partition || a.offset - b.offset)) {
    const id = name(record);
    values[record.partition] ??= [];
    const ofPartition = values[record.partition] ?? [];
    ofPartition[record.offset] = id;
    const earlier = places.get(id);
    if (earlier) violations.duplicated.push(`${id} at ${place(earlier)} and ${place(record)}`);
    else places.set(id, record);
    const stream = `${record.producer}/${record.partition}`;
    const before = last.get(stream);
    if (before !== undefined && record.sequence < before)
      violations.disordered.push(`${id} after ${before} at ${place(record)}`);
    last.set(stream, Math.max(before ?? -1, record.sequence));
  }
  const known = new Set<string>();
  for (const record of sent) {
    const id = name(record);
    known.add(id);
    if (!record.acknowledged) continue;
    const found = places.get(id);
    if (!found) violations.lost.push(`${id}, acknowledged at ${record.partition}/${record.offset}`);
    else if (
      record.offset !== undefined &&
      (found.partition !== record.partition || found.offset !== record.offset)
    )
      violations.moved.push(
        `${id}: acknowledged at ${record.partition}/${record.offset}, read at ${place(found)}`,
      );
  }
  for (const [id, record] of places)
    if (!known.has(id)) violations.invented.push(`${id} at ${place(record)}`);
  for (const consumed of consumers) {
    violations.polls.push(...consumed.violations);
    consumed.values.forEach((ofPartition, partition) => {
      ofPartition.forEach((value, offset) => {
        const now = values[partition]?.[offset];
        if (now !== value)
          violations.unread.push(`${partition}/${offset} was read as ${value} and is ${now ?? 'not there'}`);
      });
    });
    const unseen = read.filter((record) => !hasSeen(consumed, record));
    const [first] = unseen;
    if (first)
      violations.unseen.push(
        `${consumed.who} polled ${read.length - unseen.length} of ${read.length} records, not ${name(first)} at ${place(first)}`,
      );
  }
  return violations;
}

export function noViolations(): Violations {
  return {
    lost: [],
    invented: [],
    duplicated: [],
    disordered: [],
    moved: [],
    unread: [],
    unseen: [],
    polls: [],
    promises: [],
    workloads: [],
  };
}

/**
 * Both consumers begin with the first record and miss none: what is in the topic when all is over has come
 * by.
 */
export function hasSeen(consumed: Pick<Consumed, 'values'>, { partition, offset }: Read): boolean {
  return consumed.values[partition]?.[offset] !== undefined;
}

/**
 * The longest time, in milliseconds, in which a partition acknowledged nothing, of each partition that
 * acknowledged anything. With
 * `fromMs` that time counts from there on, as if everything had been acknowledged then.
 */
export function longestGapsMs(sent: readonly Sent[], fromMs?: number): number[] {
  const times = new Map<number, number[]>();
  for (const { acknowledged, partition, atMs } of sent) {
    if (!acknowledged || partition === undefined || atMs < (fromMs ?? 0)) continue;
    const ofPartition = times.get(partition);
    if (ofPartition) ofPartition.push(atMs);
    else times.set(partition, fromMs === undefined ? [atMs] : [fromMs, atMs]);
  }
  return [...times.values()].map((ofPartition) => {
    ofPartition.sort((a, b) => a - b);
    let longest = 0;
    for (let i = 1; i < ofPartition.length; i++)
      longest = Math.max(longest, (ofPartition[i] ?? 0) - (ofPartition[i - 1] ?? 0));
    return longest;
  });
}

const name = (record: { producer: string; sequence: number }) => `${record.producer}.${record.sequence}`;
const place = (record: Read) => `${record.partition}/${record.offset}`;
