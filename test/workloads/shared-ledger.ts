/** A record's place: partition and offset. */
type Place = string;

/** Of one record, as its consumers told. */
interface Shared {
  /** When each consumer was given it last, in ms. */
  readonly givenAtMs: Map<string, number>;
  /** Who was told first that its acceptance counts. */
  acceptedBy: string | null;
}

/**
 * What consumers of a share group told of the records of a topic, and what its producers were told: every
 * record that was acknowledged is given to some consumer, and only one is told that it has accepted it.
 */
export class SharedLedger {
  readonly #lockDurationMs: number;
  readonly #produced = new Set<Place>();
  readonly #shared = new Map<Place, Shared>();
  readonly #violations: string[] = [];
  #accepted = 0;

  /** `lockDurationMs`: for how long a record is one consumer's. */
  constructor(lockDurationMs: number) {
    this.#lockDurationMs = lockDurationMs;
  }

  /** Records that consumers accepted. */
  get accepted(): number {
    return this.#accepted;
  }

  produced(partition: number, offset: number): void {
    this.#produced.add(placeOf(partition, offset));
  }

  /** Also what is accepted may be given by a leader that has not heard of the next one. */
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
    // An acceptance that comes when all is done is answered as if it counted.
    else if (shared.acceptedBy !== null && atMs - givenAtMs < this.#lockDurationMs)
      this.#violations.push(`${place} was accepted by ${shared.acceptedBy} and by ${consumer}`);
    if (shared.acceptedBy === null) this.#accepted++;
    shared.acceptedBy ??= consumer;
  }

  /** Records that were acknowledged and not given to anybody. */
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
