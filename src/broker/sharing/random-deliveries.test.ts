import { expect, test } from 'vitest';
import { below, Sfc32 } from '../../base/random.ts';
import type { StateBatch } from '../../coordinator/share/records.ts';
import { combineBatches } from '../../coordinator/share/state-batches.ts';
import { Deliveries } from './deliveries.ts';
import type { Change, DeliveryState } from './delivery.ts';

const SEEDS = 30;
const STEPS = 400;
const LIMITS = { deliveryCount: 3, recordLocks: 60 };
const MEMBERS = ['a', 'b', 'c'];
const LOCK_MS = 10;

/**
 * One record as the test knows it: who has it until when, how often it was delivered, and what became of it.
 */
interface Known {
  state: DeliveryState;
  count: number;
  owner: string;
  until: number;
  /** Decided, and on its way to the share coordinator. */
  pending: { change: Change; to: DeliveryState; count: number } | null;
}

/**
 * Members that acquire, acknowledge, leave and are late in any order, a share coordinator that keeps changes
 * late or not at all, leaders that die, and a log whose start moves; against a list that says of each record
 * what is right.
 */
class Run {
  readonly random: Sfc32;
  now = 0;
  readonly log: { baseOffset: number; lastOffset: number }[] = [];
  logEnd = 0;
  logStart = 0;
  readonly records: Known[] = [];
  deliveries = new Deliveries(0);
  /** What the share coordinator has. */
  keptStart = 0;
  kept: StateBatch[] = [];
  changes: Change[] = [];
  readonly accepted = new Set<number>();

  constructor(seed: number) {
    this.random = new Sfc32(seed);
  }

  step(): void {
    this.now += below(this.random, 3);
    const dice = below(this.random, 12);
    if (dice < 2) this.#append();
    else if (dice < 5) this.#acquire();
    else if (dice < 7) this.#acknowledge();
    else if (dice < 9) this.#settle();
    else if (dice < 10) this.#expire();
    else if (dice < 11) this.#leave();
    else if (below(this.random, 8) === 0) this.#die();
    else this.#retain();
  }

  check(): void {
    const { startOffset, nextOffset } = this.deliveries;
    expect(startOffset).toBeGreaterThanOrEqual(this.logStart);
    for (let offset = this.logStart; offset < startOffset; offset++) {
      const state = this.records[offset]?.state;
      if (state !== 'acknowledged' && state !== 'archived') throw new Error(`${offset} is lost as ${state}`);
    }
    for (let offset = startOffset; offset < nextOffset; offset++) {
      const { state, count } = this.records[offset] ?? fresh();
      const found = this.deliveries.stateOf(offset);
      // How often what is done was delivered matters to nobody.
      const isDone = state === 'acknowledged' || state === 'archived';
      if (found?.state !== state || (!isDone && found.deliveryCount !== count))
        throw new Error(`${offset} is ${JSON.stringify(found)} and not ${state} ${count}`);
    }
    expect(this.deliveries.size).toBeLessThanOrEqual(nextOffset - startOffset);
  }

  #append(): void {
    const size = 1 + below(this.random, 8);
    this.log.push({ baseOffset: this.logEnd, lastOffset: this.logEnd + size - 1 });
    for (let i = 0; i < size; i++) this.records.push(fresh());
    this.logEnd += size;
  }

  #acquire(): void {
    const fetchOffset = this.deliveries.fetchOffset(LIMITS);
    if (fetchOffset === null || fetchOffset >= this.logEnd) return;
    const from = this.log.findIndex(({ lastOffset }) => lastOffset >= fetchOffset);
    const batches = this.log.slice(from, from + 1 + below(this.random, 4));
    const memberId = this.#member();
    const maxRecords = 1 + below(this.random, 20);
    const isStrict = below(this.random, 2) === 0;
    const acquired = this.deliveries.acquire({
      memberId,
      batches,
      fetchOffset,
      maxRecords,
      batchSize: 1 + below(this.random, 10),
      isStrict,
      lockedUntil: this.now + LOCK_MS,
      limits: LIMITS,
    });
    expect(acquired.length).toBeGreaterThan(0);
    let total = 0;
    for (const { firstOffset, lastOffset, deliveryCount } of acquired)
      for (let offset = firstOffset; offset <= lastOffset; offset++) {
        const known = this.records[offset] ?? fresh();
        // Nobody else has it, it is not done, and nothing of it is on its way.
        expect([offset, known.state, known.pending]).toEqual([offset, 'available', null]);
        Object.assign(known, {
          state: 'acquired',
          count: known.count + 1,
          owner: memberId,
          until: this.now + LOCK_MS,
        });
        expect(deliveryCount).toBe(known.count);
        expect(known.count).toBeLessThanOrEqual(LIMITS.deliveryCount);
        total += 1;
      }
    if (isStrict) expect(total).toBeLessThanOrEqual(maxRecords);
  }

  #acknowledge(): void {
    const { startOffset, nextOffset } = this.deliveries;
    if (nextOffset === startOffset) return;
    const isSound = below(this.random, 4) > 0;
    const own = (offset: number, memberId: string) => {
      const known = this.records[offset];
      return known?.state === 'acquired' && known.owner === memberId && !known.pending;
    };
    const firstOffset = startOffset + below(this.random, nextOffset - startOffset);
    const memberId = isSound ? (this.records[firstOffset]?.owner ?? '') : this.#member();
    let lastOffset = Math.min(nextOffset - 1, firstOffset + below(this.random, 6));
    while (isSound && lastOffset > firstOffset && !own(lastOffset, memberId)) lastOffset -= 1;
    const types = Array.from({ length: lastOffset - firstOffset + 1 }, () => this.#type());
    const isAllowed = types.every((_, i) => {
      const known = this.records[firstOffset + i];
      return known?.state === 'acquired' && known.owner === memberId && !known.pending;
    });
    const result = this.deliveries.acknowledge(
      memberId,
      [{ firstOffset, lastOffset, acknowledgeTypes: types }],
      { lockedUntil: this.now + LOCK_MS, limits: LIMITS },
    );
    expect(result !== null && 'error' in result).toBe(!isAllowed);
    if (!isAllowed || (result !== null && 'error' in result)) return;
    for (const [i, type] of types.entries()) {
      const known = this.records[firstOffset + i];
      if (!known) continue;
      if (type === 4) known.until = this.now + LOCK_MS;
      else if (result) known.pending = { change: result, to: becomes(type, known.count), count: known.count };
    }
    if (result) this.changes.push(result);
  }

  /** The share coordinator has a change, in the order in which they were made, or refuses it. */
  #settle(): void {
    const change = this.changes.shift();
    if (!change) return;
    const isKept = below(this.random, 4) > 0;
    if (isKept) {
      this.#keep(change.batches);
      this.deliveries.commit(change);
    } else this.deliveries.rollBack(change);
    for (const [offset, known] of this.records.entries()) {
      if (known.pending?.change !== change) continue;
      if (isKept) {
        if (known.pending.to === 'acknowledged') {
          expect(this.accepted.has(offset)).toBe(false);
          this.accepted.add(offset);
        }
        Object.assign(known, { state: known.pending.to, count: known.pending.count });
      }
      known.pending = null;
    }
  }

  #expire(): void {
    this.#keep(this.deliveries.expire(this.now, LIMITS));
    for (const known of this.records)
      if (known.state === 'acquired' && !known.pending && known.until <= this.now)
        known.state = becomes(2, known.count);
  }

  #leave(): void {
    if (below(this.random, 3) > 0) return;
    const memberId = this.#member();
    const change = this.deliveries.release(memberId, LIMITS);
    if (!change) return;
    for (const [offset, known] of this.records.entries())
      if (offset >= this.logStart && known.state === 'acquired' && known.owner === memberId && !known.pending)
        known.pending = { change, to: becomes(2, known.count), count: known.count };
    this.changes.push(change);
  }

  #retain(): void {
    if (below(this.random, 6) > 0 || this.log.length < 4) return;
    this.logStart = this.log[1]?.baseOffset ?? 0;
    this.log.shift();
    this.deliveries.moveStart(this.logStart);
  }

  /**
   * The leader dies: what was kept is all that there is. No record that was accepted comes again, and none is
   * lost.
   */
  #die(): void {
    for (const known of this.records) known.pending = null;
    this.changes = [];
    const keptStart = Math.max(this.keptStart, this.logStart);
    for (const [offset, known] of this.records.entries()) {
      if (offset < keptStart) continue;
      const batch = this.kept.find(
        ({ firstOffset, lastOffset }) => firstOffset <= offset && offset <= lastOffset,
      );
      const state =
        batch?.deliveryState === 2 ? 'acknowledged' : batch?.deliveryState === 4 ? 'archived' : 'available';
      expect(this.accepted.has(offset)).toBe(state === 'acknowledged');
      Object.assign(known, { state, count: batch?.deliveryCount ?? 0 });
    }
    this.deliveries = new Deliveries(this.keptStart, this.kept);
    this.deliveries.moveStart(this.logStart);
  }

  #keep(batches: readonly StateBatch[]): void {
    if (batches.length === 0) return;
    this.keptStart = Math.max(this.keptStart, this.deliveries.startOffset);
    this.kept = combineBatches(
      this.kept,
      batches.toSorted((a, b) => a.firstOffset - b.firstOffset),
      this.keptStart,
    );
  }

  /** Most are accepted. */
  #type(): number {
    return below(this.random, 2) === 0 ? 1 : below(this.random, 5);
  }

  #member(): string {
    return MEMBERS[below(this.random, MEMBERS.length)] ?? '';
  }
}

function fresh(): Known {
  return { state: 'available', count: 0, owner: '', until: 0, pending: null };
}

function becomes(type: number, count: number): DeliveryState {
  if (type === 1) return 'acknowledged';
  return type === 2 && count < LIMITS.deliveryCount ? 'available' : 'archived';
}

test('whatever members, share coordinator and leaders do, a record is one member’s at a time, and done once', () => {
  let accepted = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = new Run(seed);
    try {
      for (let step = 0; step < STEPS; step++) {
        run.step();
        run.check();
      }
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
    accepted += run.accepted.size;
  }
  // The runs did something.
  expect(accepted).toBeGreaterThan(SEEDS * 10);
});
