import type { Violations } from './violations.ts';

interface Write {
  readonly n: number;
  readonly value: string | null;
  acknowledged: boolean;
}

/**
 * A compacted topic has the last acknowledged value of each key, or a later one; a deleted key stays deleted.
 * Each key has one producer, which writes in order.
 */
export class KeysKeepTheirLastValue {
  readonly #violations: Violations;
  /** The writes of each partition and key, in the order in which they were sent. */
  readonly #writes = new Map<string, Write[]>();
  #count = 0;

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  /** The number of acknowledged writes. */
  get count(): number {
    return this.#count;
  }

  sent(partition: string, key: string, value: string | null): void {
    const writes = this.#of(partition, key);
    writes.push({ n: writes.length, value, acknowledged: false });
  }

  /** The oldest unacknowledged write of this key and value is acknowledged. */
  acknowledged(partition: string, key: string, value: string | null): void {
    const write = this.#of(partition, key).find((one) => !one.acknowledged && one.value === value);
    if (!write) return;
    write.acknowledged = true;
    this.#count++;
  }

  /** What a reading that begins now must find. */
  expected(partition: string): ReadonlyMap<string, number> {
    const expected = new Map<string, number>();
    for (const [place, writes] of this.#writes) {
      const [of, key] = place.split('\n');
      const last = writes.findLast((write) => write.acknowledged);
      if (of === partition && key !== undefined && last) expected.set(key, last.n);
    }
    return expected;
  }

  /**
   * `records`: all that a reader found, in order. `since`: the result of `expected` when the reading began.
   * `seesTombstones`: the reader was fast enough to reach every tombstone before it may go
   * (delete.retention.ms).
   */
  read(
    partition: string,
    options: {
      readonly who: string;
      readonly records: Iterable<{ readonly key: string; readonly value: string | null }>;
      readonly since: ReadonlyMap<string, number>;
      readonly seesTombstones: boolean;
    },
  ): void {
    const found = new Map<string, string | null>();
    for (const { key, value } of options.records) found.set(key, value);
    for (const [key, n] of options.since) this.#checkKey(partition, { ...options, key, n, found });
    for (const [key, value] of found) {
      if (this.#of(partition, key).some((write) => write.value === value)) continue;
      this.#complain(`${options.who} holds ${key}=${value} in ${partition}, which nobody wrote`);
    }
  }

  #checkKey(
    partition: string,
    read: {
      readonly who: string;
      readonly key: string;
      readonly n: number;
      readonly found: ReadonlyMap<string, string | null>;
      readonly seesTombstones: boolean;
    },
  ): void {
    const writes = this.#of(partition, read.key);
    const later = writes.filter(({ n }) => n >= read.n);
    const value = read.found.get(read.key) ?? null;
    if (later.some((write) => write.value === value)) return;
    if (!read.seesTombstones && later.some((write) => write.value === null)) return;
    const last = writes[read.n]?.value ?? 'a deletion';
    this.#complain(
      `${last} of key ${read.key} was acknowledged in ${partition}, and ${read.who} holds ${value ?? 'nothing'}`,
    );
  }

  #of(partition: string, key: string): Write[] {
    const place = `${partition}\n${key}`;
    const known = this.#writes.get(place) ?? [];
    this.#writes.set(place, known);
    return known;
  }

  #complain(message: string): void {
    this.#violations.add('KeysKeepTheirLastValue', message);
  }
}
