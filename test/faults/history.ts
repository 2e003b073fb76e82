import type { Consumed } from './consumed.ts';

/**
 * What a producer knows of one record: `acknowledged` with its place, or unknown (sent without an answer that
 * counts).
 */
export interface Sent {
  readonly producer: string;
  readonly sequence: number;
  readonly acknowledged: boolean;
  readonly partition?: number;
  readonly offset?: number;
  /** The time of the answer, by the client's clock, in milliseconds. */
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
  /** Records that were acknowledged and are missing. */
  readonly lost: string[];
  /** Records that are there and were not sent. */
  readonly invented: string[];
  /** Records of an idempotent producer that are there twice. */
  readonly duplicated: string[];
  /** Records that lie after a later one of the same producer in the same partition. */
  readonly disordered: string[];
  /** Records that were acknowledged at one offset and read at another. */
  readonly moved: string[];
  /** Offsets that a consumer read during faults and that are missing or different in the end. */
  readonly unread: string[];
  /** Records that are there in the end and that a consumer with enough time did not poll. */
  readonly unseen: string[];
  /** Polls that go back or skip, commits that go back, offsets with two values. */
  readonly polls: string[];
  /** Broken promises of faults. */
  readonly promises: string[];
  /** What workloads found wrong. */
  readonly workloads: string[];
}

/**
 * The checks of Jepsen's Kafka workload that need no transactions: lost writes, invented reads, duplicates
 * with idempotence, order within a partition, and offsets whose record changes.
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
 * Both consumers begin with the first record and skip none, so each value in the topic must be in what they
 * consumed.
 */
export function hasSeen(consumed: Pick<Consumed, 'values'>, { partition, offset }: Read): boolean {
  return consumed.values[partition]?.[offset] !== undefined;
}

/**
 * For each partition that acknowledged anything: the longest time, in milliseconds, in which it acknowledged
 * nothing. With `fromMs` the time counts from there, as if everything had been acknowledged then.
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
