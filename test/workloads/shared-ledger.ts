/** A record's place: partition and offset. */
type Place = string;

/** The state of one record, as its consumers reported it. */
interface Shared {
  /** By consumer: the time in milliseconds when it was last given the record. */
  readonly givenAtMs: Map<string, number>;
  /** The consumer that was first told that its acceptance counts. */
  acceptedBy: string | null;
}

/**
 * What consumers of a share group report of a topic's records, and what its producers were told. Every
 * acknowledged record is given to some consumer, and only one consumer is told that it has accepted it.
 */
export class SharedLedger {
  readonly #lockDurationMs: number;
  readonly #produced = new Set<Place>();
  readonly #shared = new Map<Place, Shared>();
  readonly #violations: string[] = [];
  #accepted = 0;

  /** `lockDurationMs`: how long a record is locked for one consumer. */
  constructor(lockDurationMs: number) {
    this.#lockDurationMs = lockDurationMs;
  }

  /** The number of records that consumers accepted. */
  get accepted(): number {
    return this.#accepted;
  }

  produced(partition: number, offset: number): void {
    this.#produced.add(placeOf(partition, offset));
  }

  /** A leader that has not heard of its successor may also give accepted records. */
  given(consumer: string, partition: number, offset: number, atMs: number): void {
    this.#of(placeOf(partition, offset)).givenAtMs.set(consumer, atMs);
  }

  /** The consumer was told that its acceptance counts. */
  accepts(consumer: string, partition: number, offset: number, atMs: number): void {
    const place = placeOf(partition, offset);
    const shared = this.#of(place);
    const givenAtMs = shared.givenAtMs.get(consumer);
    if (givenAtMs === undefined)
      this.#violations.push(`${place} was accepted by ${consumer}, which was never given it`);
    // An acceptance that comes after the record is done is answered as if it counted.
    else if (shared.acceptedBy !== null && atMs - givenAtMs < this.#lockDurationMs)
      this.#violations.push(`${place} was accepted by ${shared.acceptedBy} and by ${consumer}`);
    if (shared.acceptedBy === null) this.#accepted++;
    shared.acceptedBy ??= consumer;
  }

  /** The acknowledged records that no consumer was given. */
  missing(): Place[] {
    return [...this.#produced].filter((place) => !this.#shared.has(place));
  }

  violations(): string[] {
    return [...this.#violations, ...this.missing().map((place) => `${place} was given to nobody`)];
  }

  #of(place: Place): Shared {
    const known = this.#shared.get(place) ?? { givenAtMs: new Map(), acceptedBy: null };
    this.#shared.set(place, known);
    return known;
  }
}

function placeOf(partition: number, offset: number): Place {
  return `${partition}/${offset}`;
}
