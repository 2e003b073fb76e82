import { describe, expect, test } from 'vitest';
import { ClassicConsumer } from '../../../../../test/coordinator/classic-consumer.ts';
import { BenchConsumer } from '../../../../../test/coordinator/consumer-bench.ts';
import { GroupBench, subscribed } from '../../../../../test/coordinator/group-bench.ts';
import { below, Sfc32 } from '../../../../base/random.ts';
import { DEFAULT_GROUP_CONFIG } from '../../group-config.ts';

const PARTITIONS = 6;
const HEARTBEAT_MS = 5000;
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => `orders ${partition}`);

interface Client {
  readonly protocol: 'classic' | 'consumer';
  readonly owned: readonly string[];
  /** And waits for no answer. */
  readonly isMember: boolean;
  poll(): Promise<unknown>;
  leave(): Promise<unknown>;
}

const classicClient = (on: GroupBench, eager: boolean): Client => {
  const consumer = new ClassicConsumer(on, { topics: ['orders'], eager, partitionsOf: () => PARTITIONS });
  return {
    protocol: 'classic',
    get owned() {
      return [...consumer.owned];
    },
    get isMember() {
      return consumer.generation >= 0 && !consumer.isJoining;
    },
    poll: () => consumer.poll(),
    leave: () => consumer.leave(),
  };
};

const consumerClient = (on: GroupBench, id: string): Client => {
  const consumer = new BenchConsumer(on, id);
  return {
    protocol: 'consumer',
    get owned() {
      return consumer.owned.map((place) => place.replace('-', ' '));
    },
    get isMember() {
      return consumer.epoch > 0;
    },
    poll: async () => {
      const error = consumer.epoch === 0 ? await consumer.join() : await consumer.heartbeat();
      if (error === 'NONE') return;
      consumer.epoch = 0;
      consumer.owned = [];
    },
    leave: () => consumer.leave(),
  };
};

async function rounds(on: GroupBench, count: number, clients: readonly Client[]): Promise<void> {
  for (let round = 0; round < count; round++) {
    await on.clock.advance(HEARTBEAT_MS);
    for (const client of clients) {
      await client.poll();
      expectOneOwner(clients);
    }
  }
}

function expectOneOwner(clients: readonly Client[], context = ''): void {
  const owned = clients.flatMap((client) => client.owned);
  expect(
    owned.filter((place, i) => owned.indexOf(place) !== i),
    context,
  ).toEqual([]);
}

const described = async (on: GroupBench) => {
  const { groups } = await on.coordinator.descriptions.list({ statesFilter: [], typesFilter: [] });
  return { type: groups[0]?.groupType, state: groups[0]?.groupState };
};

const typeOf = async (on: GroupBench): Promise<string | undefined> =>
  (await on.coordinator.descriptions.list({ statesFilter: [], typesFilter: [] })).groups[0]?.groupType;

async function describedMembers(on: GroupBench): Promise<string[]> {
  const [group] = await on.coordinator.descriptions.consumer(['app']);
  return (group?.members ?? []).map(({ memberId }) => memberId);
}

async function shop(config = {}): Promise<GroupBench> {
  const on = await GroupBench.elected(config);
  on.createTopic('orders', PARTITIONS);
  return on;
}

for (const eager of [true, false])
  test(`clients change from the classic protocol (${eager ? 'eager' : 'cooperative'}) to the consumer protocol one by one, and back`, async () => {
    const on = await shop();
    let clients: Client[] = [classicClient(on, eager), classicClient(on, eager)];
    await rounds(on, 4, clients);
    expect(await typeOf(on)).toBe('classic');
    expect(clients.flatMap((client) => client.owned).sort()).toEqual(ALL);
    for (const [i, id] of ['a', 'b'].entries()) {
      await clients[i]?.leave();
      clients = clients.with(i, consumerClient(on, id));
      await rounds(on, 8, clients);
      expect(await typeOf(on)).toBe('consumer');
      expect(clients.flatMap((client) => client.owned).sort()).toEqual(ALL);
      expect(clients.every(({ owned }) => owned.length === PARTITIONS / 2)).toBe(true);
    }
    for (const i of [0, 1]) {
      await clients[i]?.leave();
      clients = clients.with(i, classicClient(on, eager));
      await rounds(on, 8, clients);
      expect(clients.flatMap((client) => client.owned).sort()).toEqual(ALL);
    }
    expect(await typeOf(on)).toBe('classic');
  });

test('a consumer group that becomes a classic one begins its rebalance at once, as in Kafka', async () => {
  const on = await shop();
  const [staying, leaving] = [classicClient(on, true), consumerClient(on, 'a')];
  await rounds(on, 10, [staying, leaving]);
  expect(await typeOf(on)).toBe('consumer');
  await leaving.leave();
  expect((await on.describe()).groupState).toBe('PreparingRebalance');
  await rounds(on, 8, [staying]);
  expect((await on.describe()).groupState).toBe('Stable');
  expect([...staying.owned].sort()).toEqual(ALL);
});

test('who waits for others to join is told to join again when the group changes its kind', async () => {
  const on = await shop();
  const waiting = classicClient(on, true);
  await waiting.poll();
  expect(waiting.isMember).toBe(false);
  const other = consumerClient(on, 'a');
  await other.poll();
  await rounds(on, 6, [waiting, other]);
  expect([waiting.owned.length, other.owned.length]).toEqual([PARTITIONS / 2, PARTITIONS / 2]);
});

test('a change of kind that the log refused has changed nothing: who is gone is removed when its session ends', async () => {
  const on = await shop();
  const [staying, dying] = [classicClient(on, true), classicClient(on, true)];
  const leaving = consumerClient(on, 'a');
  await rounds(on, 10, [staying, dying, leaving]);
  expect([staying, dying, leaving].map(({ owned }) => owned.length)).toEqual([2, 2, 2]);
  on.log.refusal = 'NOT_ENOUGH_REPLICAS';
  await leaving.leave();
  expect(await typeOf(on)).toBe('consumer');
  await rounds(on, 20, [staying]);
  expect(await typeOf(on)).toBe('classic');
  expect([...staying.owned].sort()).toEqual(ALL);
});

test('who waits for others to join goes on waiting when the log refused that the group changes its kind', async () => {
  const on = await shop();
  const waiting = classicClient(on, true);
  await waiting.poll();
  on.log.refusal = 'NOT_ENOUGH_REPLICAS';
  expect(await new BenchConsumer(on, 'a').join()).toBe('COORDINATOR_NOT_AVAILABLE');
  await on.clock.advance(HEARTBEAT_MS);
  expect(waiting.isMember).toBe(true);
  expect([...waiting.owned].sort()).toEqual(ALL);
});

test('a member whose JoinGroup the log refused is not asked for the SyncGroup that would follow', async () => {
  const on = await shop();
  const member = classicClient(on, true);
  const other = consumerClient(on, 'a');
  await rounds(on, 10, [member, other]);
  const [memberId = ''] = (await describedMembers(on)).filter((id) => id !== 'a');
  on.log.refusal = 'NOT_ENOUGH_REPLICAS';
  const refused = await on.join({
    memberId,
    rebalanceTimeoutMs: 10_000,
    protocols: [{ name: 'range', metadata: subscribed('orders', 'others') }],
  }).done;
  expect(refused.error).toBe('COORDINATOR_NOT_AVAILABLE');
  await rounds(on, 20, [member, other]);
  expect(await describedMembers(on)).toContain(memberId);
});

test('group.consumer.migration.policy says which way a group may change', async () => {
  const disabled = { ...DEFAULT_GROUP_CONFIG.consumer, migration: { upgrade: false, downgrade: false } };
  const on = await shop({ consumer: disabled });
  const classic = classicClient(on, true);
  await rounds(on, 4, [classic]);
  expect(await new BenchConsumer(on, 'a').join()).toBe('GROUP_ID_NOT_FOUND');
  expect(await typeOf(on)).toBe('classic');
  await classic.leave();
  // A consumer group takes no classic member at all, whoever it is, and names none that it would take.
  const consumer = consumerClient(on, 'b');
  await rounds(on, 4, [consumer]);
  const protocols = [{ name: 'range', metadata: subscribed('orders') }];
  for (const instance of [null, 'one'])
    for (const memberId of ['', 'b', 'other'])
      expect(await on.join({ memberId, instance, protocols }).done).toMatchObject({
        error: 'INCONSISTENT_GROUP_PROTOCOL',
        memberId: '',
      });
  expect([...consumer.owned].sort()).toEqual(ALL);
  await consumer.leave();
  // Without members it is no consumer group any more.
  const late = classicClient(on, true);
  await rounds(on, 4, [late]);
  expect(await typeOf(on)).toBe('classic');
  expect([...late.owned].sort()).toEqual(ALL);
});

test('whatever the order in which clients of both protocols come, go and fail, no partition has two owners, and in the end each has one', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = new Sfc32(seed);
    const on = await GroupBench.elected({}, seed);
    on.createTopic('orders', PARTITIONS);
    const eager = below(random, 2) === 0;
    let ids = 0;
    const made = (): Client =>
      below(random, 2) === 0 ? classicClient(on, eager) : consumerClient(on, `m${ids++}`);
    let clients = [made(), made(), made()];
    for (let step = 0; step < 80; step++) {
      const i = below(random, clients.length);
      switch (below(random, 10)) {
        case 0:
          await clients[i]?.leave();
          clients = clients.with(i, made());
          break;
        case 1:
          // It dies, and its session ends before others are looked at: until then its partitions are
          // nobody's.
          clients = clients.with(i, made());
          break;
        case 2:
          if (below(random, 2) === 0) await on.failOver();
          break;
        case 3:
          await on.clock.advance(HEARTBEAT_MS);
          for (const client of clients) await client.poll();
          break;
        default:
          await clients[i]?.poll();
          if (below(random, 2) === 0) await on.clock.advance(1000);
      }
      expectOneOwner(clients, `seed ${seed}, step ${step}`);
    }
    for (let round = 0; round < 40; round++) {
      await on.clock.advance(HEARTBEAT_MS);
      for (const client of clients) await client.poll();
      expectOneOwner(clients, `seed ${seed}, round ${round}`);
    }
    expect(clients.flatMap((client) => client.owned).sort(), `seed ${seed}`).toEqual(ALL);
    expect(
      clients.map(({ isMember }) => isMember),
      `seed ${seed}`,
    ).toEqual([true, true, true]);
    const protocols = new Set(clients.map(({ protocol }) => protocol));
    const [only = ''] = protocols;
    expect(await typeOf(on), `seed ${seed}`).toBe(protocols.size === 1 ? only : 'consumer');
  }
});

test('a classic client that the consumer group does not take is named no member', async () => {
  const on = await shop();
  await rounds(on, 2, [consumerClient(on, 'a')]);
  expect(await on.join({ memberId: 'other', protocolType: 'connect' }).done).toMatchObject({
    error: 'INCONSISTENT_GROUP_PROTOCOL',
    memberId: '',
  });
});

test('a classic client is told its id before its subscription is read, which it may tell only with the id', async () => {
  const on = await shop();
  await rounds(on, 2, [consumerClient(on, 'a')]);
  const protocols = [{ name: 'range', metadata: Buffer.alloc(0) }];
  const first = await on.join({ memberId: '', protocols }).done;
  expect(first).toMatchObject({ error: 'MEMBER_ID_REQUIRED', memberId: expect.stringMatching(/./) });
  const { memberId } = first;
  expect(await on.join({ memberId, protocols }).done).toMatchObject({ error: 'INCONSISTENT_GROUP_PROTOCOL' });
  const told = [{ name: 'range', metadata: subscribed('orders') }];
  expect(await on.join({ memberId, protocols: told }).done).toMatchObject({ error: 'NONE', memberId });
});

test('a classic client that joins within the assignment interval works without partitions until that is over', async () => {
  const on = await shop();
  expect(await new BenchConsumer(on, 'a').join()).toBe('NONE');
  const late = new ClassicConsumer(on, { topics: ['orders'], eager: true, partitionsOf: () => PARTITIONS });
  await late.poll();
  expect([late.isJoining, late.owned.size, await late.poll()]).toEqual([false, 0, 'NONE']);
  await on.clock.advance(1000);
  expect(await late.poll()).toBe('REBALANCE_IN_PROGRESS');
});

describe('a static member that comes back with the classic protocol, the last of its group that had the other', () => {
  /** A group of a classic client and of a static consumer, which ended and did not say so. */
  async function left(): Promise<{
    readonly on: GroupBench;
    readonly other: Client;
    readonly owned: string[];
  }> {
    const on = await shop();
    const other = classicClient(on, false);
    const consumer = new BenchConsumer(on, 'a', { instance: 'i' });
    await rounds(on, 2, [other]);
    expect(await consumer.join()).toBe('NONE');
    for (let round = 0; round < 8; round++) {
      await rounds(on, 1, [other]);
      expect(await consumer.heartbeat()).toBe('NONE');
    }
    return { on, other, owned: consumer.owned.map((place) => place.replace('-', ' ')).sort() };
  }
  const returned = (on: GroupBench, topics: readonly string[]) =>
    new ClassicConsumer(on, { topics, eager: false, instance: 'i', partitionsOf: () => PARTITIONS });

  test('goes on with what it had, and nobody joins again', async () => {
    const { on, other, owned } = await left();
    const before = [...other.owned].sort();
    expect([before.length, owned.length]).toEqual([PARTITIONS / 2, PARTITIONS / 2]);
    const back = returned(on, ['orders']);
    await back.poll();
    expect([...back.owned].sort()).toEqual(owned);
    expect(await described(on)).toEqual({ type: 'classic', state: 'Stable' });
    await on.clock.advance(HEARTBEAT_MS);
    expect([await other.poll(), await back.poll()]).toEqual(['NONE', 'NONE']);
    expect([...other.owned].sort()).toEqual(before);
    // Their sessions are those of a classic group now.
    await on.clock.advance(50_000);
    expect(await described(on)).toEqual({ type: 'classic', state: 'Empty' });
  });

  test('makes all join again when it is subscribed to other topics than before', async () => {
    const { on, other } = await left();
    const back = returned(on, ['orders', 'returns']);
    await back.poll();
    await on.clock.advance(0);
    expect(await described(on)).toEqual({ type: 'classic', state: 'PreparingRebalance' });
    for (let round = 0; round < 6; round++) {
      await on.clock.advance(HEARTBEAT_MS);
      for (const client of [other, back]) await client.poll();
    }
    expect([...other.owned, ...back.owned].filter((place) => place.startsWith('orders')).sort()).toEqual(ALL);
  });
});
