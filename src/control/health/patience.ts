import type { Clock } from '../../base/clock.ts';
import { partitionKey } from '../../base/topic-partition.ts';
import type { ClusterAccess } from '../access/cluster-access.ts';
import type { LaggingPartition } from './lagging.ts';

/**
 * A change that needs the replicas in sync gives up when nothing has come nearer to that for so long. What
 * passes by itself does so sooner: a hung broker is replaced after half a minute, one that died starts again
 * within 15 s and may recover its logs for two minutes.
 */
export const STALLED_MS = 300_000;
/** Moves wait longer: a broker that is away for maintenance takes part in them when it is back. */
export const MOVES_STALLED_MS = 900_000;
/** How often the sizes of replicas that catch up are looked at. */
const SIZES_MS = 5_000;

/** Whether there is hope for a step that waits: it lasts as long as something moves, however slowly. */
export class Patience {
  readonly #clock: Clock;
  readonly #stalledMs: number;
  #movedAt: number;
  #state = '';
  #lookedAt: number;
  #fewest = Number.POSITIVE_INFINITY;
  /** Bytes of each replica that was behind at the last look. */
  #sizes: ReadonlyMap<string, number> = new Map();

  constructor(clock: Clock, stalledMs = STALLED_MS) {
    this.#clock = clock;
    this.#stalledMs = stalledMs;
    this.#movedAt = clock.monotonic();
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  }

  get isOver(): boolean {
    return this.#clock.monotonic() - this.#movedAt >= this.#stalledMs;
  }

  /** A part of the step is done; what comes next has all the time again. */
  renew(): void {
    this.#movedAt = this.#clock.monotonic();
    this.#fewest = Number.POSITIVE_INFINITY;
    this.#sizes = new Map();
  }

  /** Another state than at the last look is movement. */
  saw(state: string): void {
    if (state !== this.#state) this.#movedAt = this.#clock.monotonic();
    this.#state = state;
  }

  /** Fewer replicas behind than ever, or more bytes in one of them than at the last look, is movement. */
  async watch(access: ClusterAccess, lagging: readonly LaggingPartition[]): Promise<void> {
    const count = lagging.reduce((sum, { isLed, brokers }) => sum + brokers.length + (isLed ? 0 : 1), 0);
    if (count < this.#fewest) {
      // The first look is no movement: what is tried again and again must not begin anew each time.
      if (this.#fewest !== Number.POSITIVE_INFINITY) this.#movedAt = this.#clock.monotonic();
      this.#fewest = count;
    }
    if (this.#clock.monotonic() - this.#lookedAt < SIZES_MS) return;
    this.#lookedAt = this.#clock.monotonic();
    const before = this.#sizes;
    this.#sizes = await sizesOf(access, lagging);
    const grew = [...this.#sizes].some(([key, size]) => size > (before.get(key) ?? Number.POSITIVE_INFINITY));
    if (grew) this.#movedAt = this.#clock.monotonic();
  }
}

async function sizesOf(
  access: ClusterAccess,
  lagging: readonly LaggingPartition[],
): Promise<Map<string, number>> {
  const brokers = [...new Set(lagging.flatMap((one) => one.brokers))];
  const wanted = new Set(
    lagging.flatMap((one) => one.brokers.map((broker) => `${partitionKey(one)}@${broker}`)),
  );
  const { sizes } = await access.logSizes(brokers, lagging);
  return new Map(
    sizes
      .map((one): [string, number] => [`${partitionKey(one)}@${one.broker}`, one.sizeInBytes])
      .filter(([key]) => wanted.has(key)),
  );
}
