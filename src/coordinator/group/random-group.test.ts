import { expect, test } from 'vitest';
import { GroupBench, subscribed } from '../../../test/coordinator/group-bench.ts';
import { settle } from '../../../test/coordinator/manual-clock.ts';
import { MemoryLog } from '../../../test/coordinator/memory-log.ts';
import { GuardedClock } from '../../base/guarded-clock.ts';
import { below, Sfc32 } from '../../base/random.ts';
import { emptyImage } from '../../metadata/image.ts';
import { CoordinatorTimer } from '../coordinator-timer.ts';
import { DEFAULT_GROUP_CONFIG } from './group-config.ts';
import { GroupShard } from './group-shard.ts';
import { Patterns } from './patterns.ts';
import { decodeGroupRecord } from './records.ts';

const PARTITIONS = 6;
const CLIENTS = 5;
const STEPS = 250;

interface Client {
  readonly instance: string | null;
  memberId: string;
  generation: number;
  /** The member ids that this client, as leader, has to assign to. */
  assignTo: string[];
}

/**
 * Clients that do anything in any order, against a coordinator whose log commits late, loses what it has not
 * committed, and moves. Whatever happens, what clients were told has to fit together.
 */
class Run {
  readonly seed: number;
  readonly random: Sfc32;
  bench: GroupBench;
  readonly clients: Client[];
  /** By generation: which client was told it owns a partition. */
  readonly owners = new Map<number, Map<string, string>>();
  readonly violations: string[] = [];
  syncedGeneration = 0;
  lastAcked = -1;
  attempted = 0;
  synced = 0;
  reads = 0;

  constructor(seed: number, bench: GroupBench) {
    this.seed = seed;
    this.random = new Sfc32(seed);
    this.bench = bench;
    this.clients = Array.from({ length: CLIENTS }, (_, i) => ({
      instance: i === 0 ? 'static' : null,
      memberId: '',
      generation: -1,
      assignTo: [],
    }));
  }

  async step(): Promise<void> {
    const client = this.clients[below(this.random, CLIENTS)];
    if (!client) return;
    switch (below(this.random, 19)) {
      case 0:
      case 1:
      case 2:
      case 3:
        this.join(client);
        break;
      case 4:
      case 5:
      case 6:
      case 7:
        this.sync(client);
        break;
      case 8:
        if (client.memberId) void this.bench.heartbeat(client.memberId, client.generation, client.instance);
        break;
      case 9:
        if (client.memberId && below(this.random, 3) === 0) {
          void this.bench.leave({ memberId: client.memberId });
          client.memberId = '';
        }
        break;
      case 10:
        client.memberId = '';
        break;
      case 11:
        this.commit(client);
        break;
      case 12:
        this.read();
        break;
      case 13:
        await this.bench.clock.advance([1, 3000, 20_000][below(this.random, 3)] ?? 1);
        break;
      case 14:
        this.bench.log.held = below(this.random, 3) === 0;
        if (!this.bench.log.held) this.bench.log.commit();
        break;
      case 15:
        if (below(this.random, 4) === 0) this.bench.log.lose();
        break;
      case 16:
        if (below(this.random, 4) === 0) await this.bench.failOver();
        break;
      default:
        await this.rebalance();
    }
    if (below(this.random, 2) === 0) await settle();
  }

  /** Everyone does what a client should, for once, so that generations are completed. */
  async rebalance(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      for (const client of this.clients) this.join(client);
      await settle();
    }
    await this.bench.clock.advance(10_000);
    for (const client of this.clients) this.sync(client);
    await settle();
  }

  join(client: Client): void {
    const asked = client.memberId;
    const metadata = subscribed(below(this.random, 8) === 0 ? 'other' : 'orders');
    const { done } = this.bench.join({
      memberId: asked,
      instance: client.instance,
      sessionTimeoutMs: 15_000,
      rebalanceTimeoutMs: 10_000,
      protocols: [{ name: 'range', metadata }],
    });
    void done.then((answer) => {
      if (client.memberId !== asked) return;
      if (answer.error === 'UNKNOWN_MEMBER_ID' || answer.error === 'FENCED_INSTANCE_ID') client.memberId = '';
      if (answer.error === 'MEMBER_ID_REQUIRED') client.memberId = answer.memberId;
      if (answer.error !== 'NONE') return;
      client.memberId = answer.memberId;
      client.generation = answer.generationId ?? -1;
      client.assignTo = answer.members.map(({ memberId }) => memberId);
    });
  }

  sync(client: Client): void {
    const { memberId, generation, assignTo } = client;
    if (!memberId) return;
    const assignments: Record<string, string> = {};
    for (let partition = 0; partition < PARTITIONS && assignTo.length > 0; partition++) {
      const to = assignTo[(partition + generation) % assignTo.length] ?? '';
      assignments[to] = `${assignments[to] ?? ''}${partition} `;
    }
    const { done } = this.bench.sync(memberId, generation, assignments, { instance: client.instance });
    void done.then(({ error, assignment }) => {
      if (error !== 'NONE') return;
      this.synced += 1;
      // A static member keeps what it owns under a new id.
      const owner = client.instance ?? memberId;
      const owners = this.owners.get(generation) ?? new Map<string, string>();
      this.owners.set(generation, owners);
      for (const partition of Buffer.from(assignment).toString().split(' ').filter(Boolean)) {
        expect(
          [undefined, owner],
          `seed ${this.seed}: two owners of ${partition} in ${generation}`,
        ).toContain(owners.get(partition));
        owners.set(partition, owner);
      }
      if (generation < this.syncedGeneration - 1) {
        this.violations.push(`generation ${generation} was completed after ${this.syncedGeneration}`);
      }
      this.syncedGeneration = Math.max(this.syncedGeneration, generation);
    });
  }

  commit(client: Client): void {
    const value = this.attempted++;
    const { memberId, generation, instance } = client;
    void this.bench.commit(value, { memberId, generation, instance }).then((error) => {
      if (error === 'NONE') this.lastAcked = Math.max(this.lastAcked, value);
    });
  }

  read(): void {
    const atLeast = this.lastAcked;
    void this.bench.committed().then((offset) => {
      if (typeof offset !== 'number') return;
      this.reads += 1;
      if (offset < atLeast || offset >= this.attempted) {
        this.violations.push(`read ${offset} after ${atLeast} was acknowledged`);
      }
    });
  }

  /** The log alone makes the same group as the decisions did: everything that is not known to it is soft. */
  async equalsItsLog(): Promise<void> {
    this.bench.log.commit();
    await settle();
    const live = await this.bench.describe();
    if (live.groupState !== 'Stable' && live.groupState !== 'Empty') return;
    const shard = new GroupShard(
      this.bench.world,
      {
        config: DEFAULT_GROUP_CONFIG,
        guardedClock: new GuardedClock(this.bench.clock),
        patterns: new Patterns(),
        initializeShare: () => {},
        image: () => emptyImage,
      },
      new CoordinatorTimer(this.bench.clock, () => true),
    );
    for (const { key, value, offset } of this.bench.log.entries) {
      const record = decodeGroupRecord({ key, value });
      if (record) shard.replay(record, { offset });
    }
    const sorted = ({ members, ...rest }: typeof live) => ({
      ...rest,
      members: [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1)),
    });
    expect(sorted(shard.describe('app', 5)), `seed ${this.seed}`).toEqual(sorted(live));
  }
}

test('a partition has one owner per generation, and acknowledged commits are read back, whatever happens', async () => {
  let synced = 0;
  let reads = 0;
  let generations = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const bench = await GroupBench.elected({ offsetsRetentionMs: 1e12 }, seed);
    const run = new Run(seed, bench);
    for (let step = 0; step < STEPS; step++) await run.step();
    expect(run.violations, `seed ${seed}`).toEqual([]);
    await run.equalsItsLog();
    synced += run.synced;
    reads += run.reads;
    generations += run.owners.size;
  }
  // The run is worth something only if groups did come together in it.
  expect({ synced: synced > 1000, reads: reads > 500, generations: generations > 300 }).toEqual({
    synced: true,
    reads: true,
    generations: true,
  });
});

test('the run finds a coordinator that answers before it has committed', async () => {
  let found = false;
  for (let seed = 1; seed <= 60 && !found; seed++) {
    const bench = await GroupBench.elected({ offsetsRetentionMs: 1e12 }, seed);
    // A log that calls everything committed at once, and loses it all the same.
    bench.log = new (class extends MemoryLog {
      override get committedOffset(): number {
        return Number.MAX_SAFE_INTEGER;
      }
    })();
    await bench.elect();
    const run = new Run(seed, bench);
    for (let step = 0; step < STEPS && !found; step++) {
      await run.step();
      run.read();
      found = run.violations.length > 0;
    }
  }
  expect(found).toBe(true);
});
