import type { RecordPosition } from '../shard.ts';
import type { OffsetCommitValue, OffsetKey } from './group-record.ts';
import { type CommittedOffset, OffsetMap } from './offset-map.ts';

/**
 * What groups have committed. An offset that is committed inside a transaction is pending until the
 * transaction ends: then it counts, unless a later commit does, or it is forgotten.
 */
export class Offsets {
  readonly #committed = new OffsetMap();
  readonly #pending = new Map<number, OffsetMap>();
  /** The producers whose open transactions hold offsets of a group. */
  readonly #transactions = new Map<string, Set<number>>();

  replay({ group, topic, partition }: OffsetKey, value: OffsetCommitValue | null, at: RecordPosition): void {
    if (value === null) {
      this.#committed.delete(group, topic, partition);
      for (const producerId of this.#transactions.get(group) ?? []) {
        this.#pending.get(producerId)?.delete(group, topic, partition);
      }
      return;
    }
    const offset: CommittedOffset = { ...value, recordOffset: at.offset };
    if (!at.transaction) {
      this.#committed.set(group, topic, partition, offset);
      return;
    }
    const { producerId } = at.transaction;
    const pending = this.#pending.get(producerId) ?? new OffsetMap();
    this.#pending.set(producerId, pending);
    pending.set(group, topic, partition, offset);
    const producers = this.#transactions.get(group);
    if (producers) producers.add(producerId);
    else this.#transactions.set(group, new Set([producerId]));
  }

  replayMarker(producerId: number, committed: boolean): void {
    const pending = this.#pending.get(producerId);
    if (!pending) return;
    this.#pending.delete(producerId);
    for (const [group, producers] of this.#transactions) {
      producers.delete(producerId);
      if (producers.size === 0) this.#transactions.delete(group);
    }
    if (!committed) return;
    for (const group of pending.groups()) {
      for (const { topic, partition, offset } of pending.entries(group)) {
        const current = this.#committed.get(group, topic, partition);
        if (current && current.recordOffset > offset.recordOffset) continue;
        this.#committed.set(group, topic, partition, offset);
      }
    }
  }

  committed(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#committed.get(group, topic, partition);
  }

  committedByTopic(group: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.#committed.topics(group);
  }

  isPending(group: string, topic: string, partition: number): boolean {
    for (const producerId of this.#transactions.get(group) ?? []) {
      if (this.#pending.get(producerId)?.get(group, topic, partition)) return true;
    }
    return false;
  }

  hasTransactions(group: string): boolean {
    return this.#transactions.has(group);
  }

  hasAny(group: string): boolean {
    return this.#committed.has(group);
  }

  /** Every partition that a group has an offset for, final or pending, once each. */
  keysOf(group: string): OffsetKey[] {
    const keys = new Map<string, OffsetKey>();
    const add = ({ topic, partition }: { topic: string; partition: number }) =>
      keys.set(`${partition} ${topic}`, { group, topic, partition });
    for (const entry of this.#committed.entries(group)) add(entry);
    for (const producerId of this.#transactions.get(group) ?? [])
      for (const entry of this.#pending.get(producerId)?.entries(group) ?? []) add(entry);
    return [...keys.values()];
  }

  /** Groups with an offset, final or pending. */
  groups(): Set<string> {
    return new Set([...this.#committed.groups(), ...this.#transactions.keys()]);
  }
}
