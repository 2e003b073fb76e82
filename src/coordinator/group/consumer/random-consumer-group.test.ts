import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { GroupBench } from '../../../../test/coordinator/group-bench.ts';
import { settle } from '../../../../test/coordinator/manual-clock.ts';
import { GuardedClock } from '../../../base/guarded-clock.ts';
import { linearPattern } from '../../../base/linear-pattern.ts';
import { below, Sfc32 } from '../../../base/random.ts';
import { errorName } from '../../../protocol/errors.ts';
import type { ConsumerGroupHeartbeatResponse } from '../../../protocol/messages/68-consumer-group-heartbeat.ts';
import { CoordinatorTimer } from '../../coordinator-timer.ts';
import { DEFAULT_GROUP_CONFIG } from '../group-config.ts';
import { GroupShard } from '../group-shard.ts';
import { Patterns } from '../patterns.ts';
import { decodeGroupRecord } from '../records.ts';
import { ConsumerGroup } from './consumer-group.ts';

const CLIENTS = 4;
const STEPS = 200;
const SESSION_MS = 45_000;
const TOPICS = ['orders', 'returns'];
/** By names, by an expression, or by both. */
const SUBSCRIPTIONS: readonly Subscription[] = [
  { topics: TOPICS, expression: '' },
  { topics: ['orders'], expression: '' },
  { topics: ['returns'], expression: '' },
  { topics: [], expression: 'orders' },
  { topics: [], expression: '(orders|returns|invoices)' },
  { topics: ['orders'], expression: 'r.*' },
];

interface Subscription {
  readonly topics: readonly string[];
  readonly expression: string;
}

/** What a client believes; it does at once what it is told, when it is told. */
interface Client {
  readonly instance: string | null;
  memberId: string;
  epoch: number;
  subscription: Subscription;
  /** As `orders 0`. */
  owned: Set<string>;
  /** The last answer did not come, so the next heartbeat tells everything. */
  uncertain: boolean;
  /** How many heartbeats it has sent. */
  sent: number;
  /**
   * When it sent the last heartbeat that was obeyed, as far as anybody knows: one that is refused does not
   * renew its session.
   */
  lastObeyedMs: number;
  /** None was for its session, so it may be no member any more, and has not heard that it is. */
  silent: boolean;
}

/**
 * Clients that do anything in any order, against a coordinator whose answers get lost, whose log commits late
 * and loses what it has not committed, and which moves. Whatever happens, no partition is two clients' at
 * once.
 */
class Run {
  readonly seed: number;
  readonly random: Sfc32;
  readonly bench: GroupBench;
  readonly clients: Client[];
  readonly violations: string[] = [];
  readonly partitions = new Map(TOPICS.map((topic) => [topic, 3]));
  lastAcked = -1;
  attempted = 0;
  assigned = 0;
  commits = 0;
  #ids = 0;

  constructor(seed: number, bench: GroupBench) {
    this.seed = seed;
    this.random = new Sfc32(seed);
    this.bench = bench;
    this.clients = Array.from({ length: CLIENTS }, (_, i) => ({
      instance: i === 0 ? 'static' : null,
      memberId: '',
      epoch: 0,
      subscription: { topics: TOPICS, expression: '' },
      owned: new Set<string>(),
      uncertain: false,
      sent: 0,
      lastObeyedMs: 0,
      silent: false,
    }));
    for (const [topic, count] of this.partitions) bench.createTopic(topic, count);
  }

  async step(): Promise<void> {
    const client = this.clients[below(this.random, CLIENTS)];
    if (!client) return;
    switch (below(this.random, 20)) {
      case 0:
        this.leave(client);
        break;
      case 1:
        // It dies, and another process takes its place.
        if (below(this.random, 2) === 0) restart(client);
        break;
      case 2:
      case 3:
        this.commit(client);
        break;
      case 4:
        this.read();
        break;
      case 5:
        client.subscription = SUBSCRIPTIONS[below(this.random, SUBSCRIPTIONS.length)] ?? client.subscription;
        client.uncertain = true;
        break;
      case 6:
        this.grow();
        break;
      case 7:
        await this.bench.clock.advance([1000, 5000, 20_000][below(this.random, 3)] ?? 1000);
        break;
      case 8:
        this.bench.log.held = below(this.random, 3) === 0;
        if (!this.bench.log.held) this.bench.log.commit();
        break;
      case 9:
        if (below(this.random, 4) === 0) this.bench.log.lose();
        break;
      case 10:
        if (below(this.random, 4) === 0) await this.bench.failOver();
        break;
      case 11:
        await this.round();
        break;
      default:
        this.heartbeat(client, below(this.random, 8) === 0);
    }
    if (below(this.random, 2) === 0) await settle();
  }

  /** Everyone does what a client should, for once. */
  async round(): Promise<void> {
    await this.bench.clock.advance(5000);
    for (const client of this.clients) {
      this.heartbeat(client);
      await settle();
    }
  }

  heartbeat(client: Client, answerIsLost = false): void {
    if (client.memberId === '') client.memberId = `m${this.#ids++}`;
    const { memberId, epoch } = client;
    const tellsAll = client.uncertain || epoch === 0;
    if (epoch === 0) client.owned.clear();
    client.uncertain = true;
    client.sent += 1;
    const { sent } = client;
    const now = this.bench.clock.monotonic();
    if (now - client.lastObeyedMs >= SESSION_MS) client.silent = true;
    void this.#send(client, {
      memberEpoch: epoch,
      rebalanceTimeoutMs: tellsAll ? 2_000_000_000 : -1,
      subscribedTopicNames: tellsAll ? [...client.subscription.topics] : null,
      subscribedTopicRegex: tellsAll ? client.subscription.expression : null,
      topicPartitions: this.#topicPartitions(client.owned),
    }).then((answer) => {
      // The client that asked may be gone, or have joined again meanwhile.
      if (client.memberId !== memberId || client.epoch !== epoch) return;
      if (answer.errorCode === 0) client.lastObeyedMs = now;
      if (answerIsLost) return;
      this.#obey(client, answer);
      // Its newest request may have changed what this answer tells.
      if (answer.errorCode === 0 && client.sent === sent) client.uncertain = false;
    });
  }

  leave(client: Client): void {
    if (client.memberId === '' || client.epoch === 0) return;
    const leavesForAWhile = client.instance !== null && below(this.random, 2) === 0;
    const left = { ...client };
    restart(client);
    void this.#send(left, { memberEpoch: leavesForAWhile ? -2 : -1 });
  }

  commit(client: Client): void {
    const [place] = client.owned;
    if (place === undefined || client.memberId === '') return;
    const [topic = '', partition = ''] = place.split(' ');
    const value = this.attempted++;
    const { memberId, epoch, instance } = client;
    // Decided here and now; only the answer comes later.
    const alsoOwnedBy = this.#owners(place).filter((owner) => owner !== client);
    void this.bench
      .commit(value, {
        memberId,
        generation: epoch,
        instance,
        topic,
        partition: Number(partition),
        topicId: this.bench.topicId(topic),
      })
      .then((error) => {
        if (error !== 'NONE') return;
        this.commits += 1;
        if (alsoOwnedBy.length > 0) this.violations.push(`${memberId} committed for ${place} of another`);
        if (place === 'orders 0') this.lastAcked = Math.max(this.lastAcked, value);
      });
  }

  read(): void {
    const atLeast = this.lastAcked;
    void this.bench.committed('orders', 0).then((offset) => {
      if (typeof offset !== 'number') return;
      if (offset < atLeast || offset >= this.attempted)
        this.violations.push(`read ${offset} after ${atLeast} was acknowledged`);
    });
  }

  grow(): void {
    const topic = TOPICS[below(this.random, TOPICS.length)] ?? '';
    const count = (this.partitions.get(topic) ?? 0) + 1;
    if (count > 6) return;
    this.partitions.set(topic, count);
    this.bench.createTopic(topic, count);
  }

  /** When nothing goes wrong any more, every partition that somebody wants has one owner, who knows it. */
  async comesToRest(): Promise<void> {
    this.bench.log.held = false;
    this.bench.log.commit();
    // Whoever lives is heard of all the time: it is to find its way without joining again.
    for (let round = 0; round < 18; round++) await this.round();
    await this.bench.clock.advance(1000);
    for (let round = 0; round < 2; round++) await this.round();
    const group = await this.#described();
    expect(group.groupState, `seed ${this.seed}`).toBe('Stable');
    const wanted = [...this.partitions].flatMap(([topic, count]) =>
      this.clients.some(({ subscription }) => wants(subscription, topic))
        ? Array.from({ length: count }, (_, partition) => `${topic} ${partition}`)
        : [],
    );
    const owned = this.clients.flatMap((client) => [...client.owned]);
    expect(owned.sort(), `seed ${this.seed}`).toEqual(wanted.sort());
    this.assigned += owned.length;
  }

  /** The log alone makes the same group as the decisions did. */
  async equalsItsLog(): Promise<void> {
    const live = await this.#described();
    const shard = new GroupShard(
      this.bench.world,
      {
        config: DEFAULT_GROUP_CONFIG,
        guardedClock: new GuardedClock(this.bench.clock),
        patterns: new Patterns(),
        initializeShare: () => {},
        image: () => this.bench.image,
      },
      new CoordinatorTimer(this.bench.clock, () => true),
    );
    for (const { key, value, offset } of this.bench.log.entries) {
      const record = decodeGroupRecord({ key, value });
      if (record) shard.replay(record, { offset });
    }
    expect(shard.consumer.describe('app'), `seed ${this.seed}`).toEqual(live);
  }

  #obey(client: Client, { errorCode, memberEpoch, assignment }: ConsumerGroupHeartbeatResponse): void {
    switch (errorName(errorCode)) {
      case 'NONE':
        break;
      case 'UNKNOWN_MEMBER_ID':
      case 'FENCED_MEMBER_EPOCH':
      case 'FENCED_INSTANCE_ID':
        restart(client);
        return;
      case 'GROUP_ID_NOT_FOUND':
        restart(client);
        return;
      default:
        return;
    }
    client.epoch = memberEpoch;
    client.silent = false;
    if (!assignment) return;
    client.owned = new Set(
      assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
        partitions.map((partition) => `${this.#topicOf(topicId)} ${partition}`),
      ),
    );
    for (const place of client.owned) {
      const owners = this.#owners(place);
      if (owners.length > 1)
        this.violations.push(`${place} is owned by ${owners.map(({ memberId }) => memberId).join(' and ')}`);
    }
  }

  /** Who is silent for its session is not a member any more, whatever it believes. */
  #owners(place: string): Client[] {
    const now = this.bench.clock.monotonic();
    return this.clients.filter(
      ({ owned, silent, lastObeyedMs }) => owned.has(place) && !silent && now - lastObeyedMs < SESSION_MS,
    );
  }

  async #described() {
    const [group] = await this.bench.coordinator.descriptions.consumer(['app']);
    if (!group) throw new Error('not described');
    return group;
  }

  #send(
    { memberId, instance }: Pick<Client, 'memberId' | 'instance'>,
    request: {
      readonly memberEpoch: number;
      readonly rebalanceTimeoutMs?: number;
      readonly subscribedTopicNames?: string[] | null;
      readonly subscribedTopicRegex?: string | null;
      readonly topicPartitions?: { topicId: string; partitions: number[] }[];
    },
  ): Promise<ConsumerGroupHeartbeatResponse> {
    return this.bench.coordinator.consumerHeartbeat(
      { apiVersion: 1, clientId: 'client', clientHost: '10.0.0.1', mayDescribe: () => true },
      {
        groupId: 'app',
        memberId,
        instanceId: instance,
        rackId: null,
        rebalanceTimeoutMs: -1,
        subscribedTopicNames: null,
        subscribedTopicRegex: null,
        serverAssignor: null,
        topicPartitions: null,
        ...request,
      },
    );
  }

  #topicPartitions(owned: ReadonlySet<string>): { topicId: string; partitions: number[] }[] {
    return TOPICS.map((topic) => ({
      topicId: this.bench.topicId(topic),
      partitions: [...owned]
        .map((place) => place.split(' '))
        .flatMap(([name, partition]) => (name === topic ? [Number(partition)] : [])),
    })).filter(({ partitions }) => partitions.length > 0);
  }

  #topicOf(topicId: string): string {
    return TOPICS.find((topic) => this.bench.topicId(topic) === topicId) ?? '?';
  }
}

function wants({ topics, expression }: Subscription, topic: string): boolean {
  return topics.includes(topic) || new RegExp(`^(?:${expression})$`).test(topic);
}

/** As another process: it knows nothing, and has nothing. */
function restart(client: Client): void {
  client.memberId = '';
  client.epoch = 0;
  client.owned = new Set();
  client.uncertain = false;
  client.silent = false;
}

async function runOf(seed: number): Promise<Run> {
  return new Run(seed, await GroupBench.elected({ offsetsRetentionMs: 1e12 }, seed));
}

// The matcher is loaded with the first expression, which takes more than a turn.
beforeAll(() => linearPattern('loaded'));
afterEach(() => vi.restoreAllMocks());

test('no partition is two members’ at once, and in the end each has one owner, whatever happens', async () => {
  let assigned = 0;
  let commits = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const run = await runOf(seed);
    for (let step = 0; step < STEPS; step++) await run.step();
    await run.comesToRest();
    expect(run.violations, `seed ${seed}`).toEqual([]);
    await run.equalsItsLog();
    assigned += run.assigned;
    commits += run.commits;
  }
  // The run is worth something only if members did work in it.
  expect({ assigned: assigned > 300, commits: commits > 300 }).toEqual({ assigned: true, commits: true });
});

test('the run finds a coordinator that gives partitions away before they are given back', async () => {
  vi.spyOn(ConsumerGroup.prototype, 'isFree').mockReturnValue(true);
  let found = false;
  for (let seed = 1; seed <= 60 && !found; seed++) {
    const run = await runOf(seed);
    for (let step = 0; step < STEPS && !found; step++) {
      await run.step();
      found = run.violations.length > 0;
    }
  }
  expect(found).toBe(true);
});
