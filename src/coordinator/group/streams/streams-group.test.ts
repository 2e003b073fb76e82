import { describe, expect, test } from 'vitest';
import { GroupBench } from '../../../../test/coordinator/group-bench.ts';
import {
  BenchThread,
  internalTopic,
  subtopology,
  type ThreadOptions,
  WORD_COUNT,
} from '../../../../test/coordinator/streams-bench.ts';
import { DEFAULT_GROUP_CONFIG, type StreamsGroupConfig } from '../group-config.ts';

const SESSION_MS = 45_000;
const HEARTBEAT_MS = 5000;
const INITIAL_DELAY_MS = 3000;

async function bench(config: Partial<StreamsGroupConfig> = {}, maxSize = 100): Promise<GroupBench> {
  const own = { ...DEFAULT_GROUP_CONFIG.streams.of('app'), ...config };
  const on = await GroupBench.elected({ streams: { maxSize, of: () => own } });
  on.createTopic('lines', 2);
  return on;
}

async function joined(on: GroupBench, memberId: string, options: ThreadOptions = {}): Promise<BenchThread> {
  const thread = new BenchThread(on, memberId, options);
  expect(await thread.join()).toBe('NONE');
  thread.makeTopics();
  return thread;
}

async function rounds(on: GroupBench, threads: readonly BenchThread[], count = 4): Promise<void> {
  for (let round = 0; round < count; round++) {
    await on.clock.advance(HEARTBEAT_MS);
    for (const thread of threads) expect(await thread.heartbeat()).toBe('NONE');
  }
}

/** A group of these members, in which all have what they are to have. */
async function settled(on: GroupBench, ...names: string[]): Promise<BenchThread[]> {
  const threads: BenchThread[] = [];
  for (const name of names) threads.push(await joined(on, name));
  await rounds(on, threads);
  return threads;
}

async function described(on: GroupBench) {
  const [group] = await on.coordinator.descriptions.streams(['app']);
  if (!group) throw new Error('not described');
  return group;
}

const ALL = ['0_0', '0_1', '1_0', '1_1'];

describe('joining', () => {
  test('the first member brings the topology, and hears what topics are missing', async () => {
    const on = await bench();
    const a = new BenchThread(on, 'a');
    expect(await a.join()).toBe('NONE');
    expect(a.last?.missing).toEqual([
      { ...internalTopic('app-words-repartition'), partitions: 2 },
      { ...internalTopic('app-counts-changelog'), partitions: 2 },
    ]);
    expect(a.statuses).toEqual([
      '5 Assignment delayed due to the configured initial rebalance delay.',
      '3 Internal topics are missing: app-words-repartition, app-counts-changelog',
    ]);
    expect(a.last?.response).toMatchObject({ memberEpoch: 1, heartbeatIntervalMs: 5000, activeTasks: [] });
    expect((await described(on)).groupState).toBe('NotReady');
  });

  test('it gets every task once the topics are there', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    expect(a?.active).toEqual(ALL);
    expect(a?.statuses).toEqual([]);
    expect(await described(on)).toMatchObject({
      groupState: 'Stable',
      topology: {
        epoch: 0,
        subtopologies: [
          { subtopologyId: '0', sourceTopics: ['lines'], repartitionSinkTopics: ['app-words-repartition'] },
          { subtopologyId: '1', stateChangelogTopics: [{ name: 'app-counts-changelog', partitions: 2 }] },
        ],
      },
      members: [
        { memberId: 'a', processId: 'a', clientHost: '/10.0.0.1', assignment: { activeTasks: [{}, {}] } },
      ],
    });
  });

  test('where all topics are there, the first targets come when the initial delay is over', async () => {
    const on = await bench();
    on.createTopic('app-words-repartition', 2);
    on.createTopic('app-counts-changelog', 2);
    const a = await joined(on, 'a');
    expect(a.active).toEqual([]);
    await on.clock.advance(INITIAL_DELAY_MS - 1);
    const b = await joined(on, 'b');
    expect(b.statuses).toEqual(['5 Assignment delayed due to the configured initial rebalance delay.']);
    await on.clock.advance(1);
    for (const thread of [a, b]) expect(await thread.heartbeat()).toBe('NONE');
    expect([...a.active, ...b.active].sort()).toEqual(ALL);
    expect(a.active).toHaveLength(2);
  });

  test('without an initial delay they come with the first heartbeat', async () => {
    const on = await bench({ initialRebalanceDelayMs: 0 });
    on.createTopic('app-words-repartition', 2);
    on.createTopic('app-counts-changelog', 2);
    expect((await joined(on, 'a')).active).toEqual(ALL);
  });

  test('source topics that are missing are named', async () => {
    const on = await bench();
    const sourceTopics = ['d', 'b', 'a', 'c'];
    const a = await joined(on, 'a', {
      topology: { epoch: 0, subtopologies: [subtopology('0', { sourceTopics })] },
    });
    expect(a.statuses[1]).toBe('1 Source topics a, b, c and 1 additional topics are missing.');
    for (const name of sourceTopics) on.createTopic(name, 1);
    await rounds(on, [a]);
    expect([a.statuses, a.active]).toEqual([[], ['0_0']]);
  });

  test('a topology that is another is refused, an older one is told that it is stale', async () => {
    const on = await bench();
    await settled(on, 'a');
    const other = { epoch: 0, subtopologies: WORD_COUNT.subtopologies.slice(0, 1) };
    const b = new BenchThread(on, 'b', { topology: other });
    expect(await b.join()).toBe('INVALID_REQUEST');
    expect(b.last?.response.errorMessage).toBe('Topology updates are not supported yet.');
    expect((await described(on)).members).toHaveLength(1);
  });

  test('a member that the group has no room for is refused', async () => {
    const on = await bench({}, 1);
    await joined(on, 'a');
    expect(await new BenchThread(on, 'b').join()).toBe('GROUP_MAX_SIZE_REACHED');
  });

  test('it takes the place of an empty classic group, and of no other', async () => {
    const on = await bench();
    expect(await on.commit(5, { topic: 'lines' })).toBe('NONE');
    await settled(on, 'a');
    expect(await on.committed('lines')).toBe(5);
    // With another error a consumer would try again for ever.
    for (const memberId of ['', 'x'])
      expect((await on.join({ memberId }).done).error).toBe('INCONSISTENT_GROUP_PROTOCOL');
  });
});

describe('changing hands', () => {
  test('a second member gets tasks once the first has given them back', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    if (!a) throw new Error('no member');
    const b = await joined(on, 'b');
    expect(b.active).toEqual([]);
    // It is asked to give two back, and still has them.
    expect(await a.heartbeat()).toBe('NONE');
    expect(a.active).toHaveLength(2);
    expect(await b.heartbeat()).toBe('NONE');
    expect(b.active).toEqual([]);
    await rounds(on, [a, b], 2);
    expect([...a.active, ...b.active].sort()).toEqual(ALL);
    expect([a.active.length, b.active.length]).toEqual([2, 2]);
    expect((await described(on)).groupState).toBe('Stable');
  });

  test('who leaves gives its tasks to the others', async () => {
    const on = await bench();
    const [a, b] = await settled(on, 'a', 'b');
    if (!a || !b) throw new Error('no members');
    expect(await b.leave()).toBe('NONE');
    expect(b.last?.response).toMatchObject({ memberId: 'b', memberEpoch: -1 });
    await rounds(on, [a]);
    expect(a.active).toEqual(ALL);
    expect(await b.heartbeat()).toBe('UNKNOWN_MEMBER_ID');
  });

  test('a member is removed when its session ends', async () => {
    const on = await bench();
    const [a, b] = await settled(on, 'a', 'b');
    if (!a || !b) throw new Error('no members');
    await rounds(on, [a], SESSION_MS / HEARTBEAT_MS + 2);
    expect(a.active).toEqual(ALL);
    expect((await described(on)).members).toHaveLength(1);
  });

  test('a member whose leave the log refused is removed when its session ends', async () => {
    const on = await bench();
    const [a, b] = await settled(on, 'a', 'b');
    if (!a || !b) throw new Error('no members');
    on.log.refusal = 'NOT_ENOUGH_REPLICAS';
    expect(await b.leave()).toBe('COORDINATOR_NOT_AVAILABLE');
    await rounds(on, [a], SESSION_MS / HEARTBEAT_MS + 2);
    expect(a.active).toEqual(ALL);
  });

  test('a member that does not give tasks back in time is removed', async () => {
    const on = await bench();
    const a = await joined(on, 'a', { rebalanceTimeoutMs: 20_000 });
    await rounds(on, [a]);
    const b = await joined(on, 'b');
    for (let i = 0; i < 5; i++) {
      await on.clock.advance(HEARTBEAT_MS);
      expect(await b.heartbeat()).toBe('NONE');
      // It does not say what it has.
      await a.send({});
    }
    expect(await a.send({})).toBe('UNKNOWN_MEMBER_ID');
    await rounds(on, [b]);
    expect(b.active).toEqual(ALL);
  });

  test('targets are not made again within the assignment interval', async () => {
    const on = await bench({ assignmentIntervalMs: 60_000 });
    const [a] = await settled(on, 'a');
    if (!a) throw new Error('no member');
    const b = await joined(on, 'b');
    expect(b.statuses).toEqual(['5 Assignment delayed due to the configured assignment interval.']);
    expect((await described(on)).groupState).toBe('Assigning');
    await rounds(on, [a, b], 15);
    expect([a.active.length, b.active.length]).toEqual([2, 2]);
  });

  test('a source topic with more partitions has changelogs that do not go with it, which everybody is told', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    on.createTopic('lines', 3);
    expect(await a?.heartbeat()).toBe('NONE');
    expect(a?.statuses).toEqual([
      '2 Existing topic app-words-repartition has different number of partitions: expected 3, found 2',
    ]);
    expect((await described(on)).groupState).toBe('NotReady');
  });
});

describe('answers that get lost', () => {
  test('a member that says it lacks tasks is told again that it has them', async () => {
    const on = await bench();
    const [a, b] = await settled(on, 'a', 'b');
    if (!a || !b) throw new Error('no members');
    await b.leave();
    const { epoch, active } = a;
    expect(await a.heartbeat()).toBe('NONE');
    expect(a.active).toEqual(ALL);
    // As if it had not heard: once with the epoch before, then with the new one.
    for (const heard of [epoch, a.epoch]) {
      Object.assign(a, { epoch: heard, active });
      expect(await a.heartbeat()).toBe('NONE');
      expect(a.active).toEqual(ALL);
    }
  });

  test('one that says it has more is told again what it is to keep', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    if (!a) throw new Error('no member');
    const b = await joined(on, 'b');
    await a.heartbeat();
    expect(a.active).toHaveLength(2);
    a.active = ALL;
    expect(await a.heartbeat()).toBe('NONE');
    expect(a.active).toHaveLength(2);
    await rounds(on, [a, b], 2);
    expect([...a.active, ...b.active].sort()).toEqual(ALL);
  });

  test('one that says what it is to have, or nothing, is told nothing', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    await a?.heartbeat();
    expect(a?.last?.response.activeTasks).toBeUndefined();
    await a?.send({});
    expect(a?.last?.response.activeTasks).toBeUndefined();
  });
});

describe('standbys', () => {
  test('copies of tasks with state are in other processes', async () => {
    const on = await bench({ standbyReplicas: 1 });
    const [a, b] = await settled(on, 'a', 'b');
    if (!a || !b) throw new Error('no members');
    expect([...a.active, ...b.active].sort()).toEqual(ALL);
    expect([...a.standby, ...b.standby].sort()).toEqual(['1_0', '1_1']);
    for (const { active, standby } of [a, b])
      expect(standby.filter((task) => active.includes(task))).toEqual([]);
  });

  test('a task goes where its copy is', async () => {
    const on = await bench({ standbyReplicas: 1 });
    on.createTopic('solo', 1);
    const stateful = subtopology('0', {
      sourceTopics: ['solo'],
      stateChangelogTopics: [internalTopic('app-store-changelog')],
    });
    const topology = { epoch: 0, subtopologies: [stateful] };
    const threads: BenchThread[] = [];
    for (const name of ['a', 'b', 'c']) threads.push(await joined(on, name, { topology }));
    await rounds(on, threads);
    const owner = threads.find(({ active }) => active.length > 0);
    const copy = threads.find(({ standby }) => standby.length > 0);
    await owner?.leave();
    await rounds(
      on,
      threads.filter((thread) => thread !== owner),
    );
    expect(copy?.active).toEqual(['0_0']);
  });

  test('a config that changes makes new targets', async () => {
    let standbyReplicas = 0;
    const of = () => ({ ...DEFAULT_GROUP_CONFIG.streams.of('app'), standbyReplicas });
    const on = await GroupBench.elected({ streams: { maxSize: 100, of } });
    on.createTopic('lines', 2);
    const threads = await settled(on, 'a', 'b');
    expect(threads.flatMap(({ standby }) => standby)).toEqual([]);
    standbyReplicas = 1;
    await rounds(on, threads);
    expect(threads.flatMap(({ standby }) => standby).sort()).toEqual(['1_0', '1_1']);
  });
});

describe('epochs', () => {
  test('a member with an epoch that is not its own is fenced', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    if (!a) throw new Error('no member');
    const { epoch } = a;
    a.epoch = epoch + 1;
    expect(await a.heartbeat()).toBe('FENCED_MEMBER_EPOCH');
    expect(a.last?.response.errorMessage).toBe(
      `The streams group member has a greater member epoch (${epoch + 1}) than the one known by the group coordinator (${epoch}). The member must abandon all its partitions and rejoin.`,
    );
    // It has not heard of its newest epoch: that is well if it has nothing that is not its.
    a.epoch = 1;
    expect(await a.send({})).toBe('FENCED_MEMBER_EPOCH');
    expect(await a.heartbeat()).toBe('NONE');
    expect(await a.join()).toBe('NONE');
    expect(a.active).toEqual(ALL);
  });

  test('a commit counts for tasks that the member had already in the epoch it knows', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    if (!a) throw new Error('no member');
    const first = a.epoch;
    const b = await joined(on, 'b');
    await rounds(on, [a, b], 3);
    expect(a.epoch).toBeGreaterThan(first);
    const [mine = ''] = a.active.filter((task) => task.startsWith('0_'));
    const [other = ''] = b.active.filter((task) => task.startsWith('0_'));
    const partition = Number(mine.slice(2));
    expect(await a.commit(1, { partition })).toBe('NONE');
    expect(await a.commit(2, { partition, epoch: first })).toBe('NONE');
    expect(await a.commit(3, { partition: Number(other.slice(2)), epoch: first })).toBe('STALE_MEMBER_EPOCH');
    expect(await b.commit(4, { partition: Number(other.slice(2)), epoch: first })).toBe('STALE_MEMBER_EPOCH');
    expect(await a.commit(5, { partition, epoch: a.epoch + 1 })).toBe('STALE_MEMBER_EPOCH');
    expect(await on.commit(6, { topic: 'lines' })).toBe('UNKNOWN_MEMBER_ID');
    const member = { memberId: a.memberId, topic: 'lines', partition };
    expect(await on.commitInTransaction(7, { ...member, generation: a.epoch + 1 })).toBe(
      'ILLEGAL_GENERATION',
    );
    expect(await on.commitInTransaction(7, { ...member, generation: a.epoch })).toBe('NONE');
  });

  test('what the member says that it has must exist', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    const none = { standbyTasks: [], warmupTasks: [] };
    expect(await a?.heartbeat({ activeTasks: [{ subtopologyId: '7', partitions: [0] }], ...none })).toBe(
      'INVALID_REQUEST',
    );
    expect(await a?.heartbeat({ activeTasks: [{ subtopologyId: '0', partitions: [2] }], ...none })).toBe(
      'INVALID_REQUEST',
    );
    expect(a?.last?.response.errorMessage).toBe(
      'Task 2 for subtopology 0 is invalid. Number of tasks for this subtopology: 2',
    );
  });
});

describe('what members are told of each other', () => {
  test('where queries are answered, and for which partitions', async () => {
    const on = await bench();
    const a = await joined(on, 'a', { endpoint: { host: 'one', port: 1 } });
    await rounds(on, [a]);
    const endpointEpoch = a.last?.response.endpointInformationEpoch ?? 0;
    expect(endpointEpoch).toBeGreaterThan(0);
    expect(a.last?.response.partitionsByUserEndpoint).toEqual([
      {
        userEndpoint: { host: 'one', port: 1 },
        activePartitions: [
          { topic: 'lines', partitions: [0, 1] },
          { topic: 'app-words-repartition', partitions: [0, 1] },
        ],
        standbyPartitions: [],
      },
    ]);
    await a.heartbeat({ endpointInformationEpoch: endpointEpoch });
    expect(a.last?.response.partitionsByUserEndpoint).toBeUndefined();
  });

  test('one asks all to end, until all have', async () => {
    const on = await bench();
    const [a, b] = await settled(on, 'a', 'b');
    if (!a || !b) throw new Error('no members');
    await a.heartbeat({ shutdownApplication: true });
    await b.heartbeat();
    expect(b.statuses).toEqual([
      '4 Streams group member a encountered a fatal error and requested a shutdown for the entire application.',
    ]);
    await a.leave();
    await b.leave();
    const again = await joined(on, 'c');
    expect(again.statuses.filter((status) => status.startsWith('4'))).toEqual([]);
  });
});

describe('the end', () => {
  test('an empty group can be deleted, and lets another topology in', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    const remove = async () => (await on.coordinator.deleteGroups(['app']))[0]?.errorCode;
    expect(await remove()).toBe(68);
    await a?.leave();
    expect(
      await on.coordinator.descriptions.list({ statesFilter: [], typesFilter: ['Streams'] }),
    ).toMatchObject({
      groups: [{ groupId: 'app', protocolType: 'streams', groupType: 'streams', groupState: 'Empty' }],
    });
    expect(await remove()).toBe(0);
    const other = { epoch: 0, subtopologies: [subtopology('0', { sourceTopics: ['lines'] })] };
    const b = await joined(on, 'b', { topology: other });
    await rounds(on, [b]);
    expect(b.active).toEqual(['0_0', '0_1']);
  });

  test('a classic group takes the name of an empty one', async () => {
    const on = await bench();
    const [a] = await settled(on, 'a');
    await a?.leave();
    await on.enter();
    expect((await on.describe()).groupState).not.toBe('Dead');
  });

  test('another broker goes on with what the log has', async () => {
    const on = await bench();
    const threads = await settled(on, 'a', 'b');
    const before = await described(on);
    await on.failOver();
    expect(await described(on)).toEqual(before);
    await rounds(on, threads);
    expect(threads.flatMap(({ active }) => active).sort()).toEqual(ALL);
    expect((await described(on)).groupEpoch).toBe(before.groupEpoch);
  });
});

describe('what is refused whatever the group', () => {
  const none = { activeTasks: [], standbyTasks: [], warmupTasks: [] };
  const first = { rebalanceTimeoutMs: 1000, topology: WORD_COUNT, ...none };
  test.each([
    ['Static membership is not yet supported.', { ...first, instanceId: 'i' }],
    ['TaskOffsets are not supported yet.', { ...first, taskOffsets: [] }],
    ['TaskEndOffsets are not supported yet.', { ...first, taskEndOffsets: [] }],
    [
      'WarmupTasks are not supported yet.',
      { ...first, warmupTasks: [{ subtopologyId: '0', partitions: [0] }] },
    ],
    ["MemberId can't be empty.", { ...first, memberId: ' ' }],
    ["GroupId can't be empty.", { ...first, groupId: '' }],
    ["RackId can't be empty.", { ...first, rackId: '' }],
    ['RebalanceTimeoutMs must be provided in first request.', { ...first, rebalanceTimeoutMs: -1 }],
    ['ActiveTasks must be empty when (re-)joining.', { ...first, activeTasks: null }],
    ['Topology must be non-null when (re-)joining.', { ...first, topology: null }],
    ["InstanceId can't be null.", { memberEpoch: -2 }],
    ['MemberEpoch is -3, but must be greater than or equal to -2.', { memberEpoch: -3 }],
    ['If one task-type is non-null, all must be non-null.', { memberEpoch: 1, activeTasks: [] }],
    ['Topology can only be provided when (re-)joining.', { memberEpoch: 1, topology: WORD_COUNT }],
  ])('%s', async (message, request) => {
    const thread = new BenchThread(await bench(), 'a');
    expect(await thread.send(request)).toBe('INVALID_REQUEST');
    expect(thread.last?.response.errorMessage).toBe(message);
  });

  test.each([
    ['Streams group app not found.', 3],
    ['Group app not found.', -1],
  ])('%s', async (message, memberEpoch) => {
    const thread = new BenchThread(await bench(), 'a');
    expect(await thread.send({ memberEpoch })).toBe('GROUP_ID_NOT_FOUND');
    expect(thread.last?.response.errorMessage).toBe(message);
  });
});
