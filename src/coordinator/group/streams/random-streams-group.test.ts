import { afterEach, expect, test, vi } from 'vitest';
import { GroupBench } from '../../../../test/coordinator/group-bench.ts';
import { settle } from '../../../../test/coordinator/manual-clock.ts';
import { idsOf, namesOf, WORD_COUNT } from '../../../../test/coordinator/streams-bench.ts';
import { GuardedClock } from '../../../base/guarded-clock.ts';
import { below, Sfc32 } from '../../../base/random.ts';
import { errorName } from '../../../protocol/errors.ts';
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../../protocol/messages/88-streams-group-heartbeat.ts';
import { CoordinatorTimer } from '../../coordinator-timer.ts';
import { DEFAULT_GROUP_CONFIG } from '../group-config.ts';
import { GroupShard } from '../group-shard.ts';
import { Patterns } from '../patterns.ts';
import { decodeGroupRecord } from '../records.ts';
import { StreamsGroup } from './streams-group.ts';

const PARTITIONS = 3;
const STEPS = 150;
const SEEDS = 20;
const SESSION_MS = 45_000;
/** Two threads in each of two processes, and one alone. */
const PROCESSES = ['one', 'one', 'two', 'two', 'three'];

/** What a thread of an application believes; it does at once what it is told, when it is told. */
interface Thread {
  readonly processId: string;
  memberId: string;
  epoch: number;
  /** As `1_0`. */
  active: Set<string>;
  standby: Set<string>;
  /** When it sent the last heartbeat that was obeyed, as far as anybody knows. */
  lastObeyedMs: number;
  /** None was for its session, so it may be no member any more, and has not heard that it is. */
  silent: boolean;
}

/**
 * Threads that do anything in any order, against a coordinator whose answers get lost, whose log commits late
 * and loses what it has not committed, and which moves. Whatever happens, no task is two threads' at once,
 * and no process has a task in two roles.
 */
class Run {
  readonly seed: number;
  readonly random: Sfc32;
  readonly bench: GroupBench;
  readonly threads: Thread[];
  readonly violations: string[] = [];
  readonly standby: { replicas: number };
  assigned = 0;
  commits = 0;
  #ids = 0;

  constructor(seed: number, bench: GroupBench, standby: { replicas: number }) {
    this.seed = seed;
    this.random = new Sfc32(seed);
    this.bench = bench;
    this.standby = standby;
    this.threads = PROCESSES.map((processId) => ({
      processId,
      memberId: '',
      epoch: 0,
      active: new Set(),
      standby: new Set(),
      lastObeyedMs: 0,
      silent: false,
    }));
    bench.createTopic('lines', PARTITIONS);
  }

  async step(): Promise<void> {
    const thread = this.threads[below(this.random, this.threads.length)];
    if (!thread) return;
    switch (below(this.random, 20)) {
      case 0:
        this.leave(thread);
        break;
      case 1:
        // It dies, and another one takes its place.
        restart(thread);
        break;
      case 2:
      case 3:
        this.commit(thread);
        break;
      case 4:
        this.standby.replicas = below(this.random, 3);
        break;
      case 5:
        await this.bench.clock.advance([1000, 5000, 20_000][below(this.random, 3)] ?? 1000);
        break;
      case 6:
        this.bench.log.held = below(this.random, 3) === 0;
        if (!this.bench.log.held) this.bench.log.commit();
        break;
      case 7:
        if (below(this.random, 4) === 0) this.bench.log.lose();
        break;
      case 8:
        if (below(this.random, 4) === 0) await this.bench.failOver();
        break;
      case 9:
        if (below(this.random, 4) === 0) this.bench.log.refusal = 'NOT_ENOUGH_REPLICAS';
        break;
      case 10:
      case 11:
        await this.round();
        break;
      default:
        this.heartbeat(thread, below(this.random, 8) === 0);
    }
    if (below(this.random, 2) === 0) await settle();
  }

  /** Everyone does what a client should, for once. */
  async round(): Promise<void> {
    await this.bench.clock.advance(5000);
    for (const thread of this.threads) {
      this.heartbeat(thread);
      await settle();
    }
  }

  heartbeat(thread: Thread, answerIsLost = false): void {
    if (thread.memberId === '') thread.memberId = `m${this.#ids++}`;
    const { memberId, epoch } = thread;
    if (epoch === 0) {
      thread.active.clear();
      thread.standby.clear();
    }
    const now = this.bench.clock.monotonic();
    if (now - thread.lastObeyedMs >= SESSION_MS) thread.silent = true;
    void this.#send(thread, {
      memberEpoch: epoch,
      rebalanceTimeoutMs: epoch === 0 ? 2_000_000_000 : -1,
      topology: epoch === 0 ? WORD_COUNT : null,
      processId: epoch === 0 ? thread.processId : null,
      activeTasks: idsOf(thread.active),
      standbyTasks: idsOf(thread.standby),
      warmupTasks: [],
    }).then((answer) => {
      // The thread that asked may be gone, or have joined again meanwhile.
      if (thread.memberId !== memberId || thread.epoch !== epoch) return;
      if (answer.errorCode === 0) thread.lastObeyedMs = now;
      if (!answerIsLost) this.#obey(thread, answer);
    });
  }

  leave(thread: Thread): void {
    if (thread.memberId === '' || thread.epoch === 0) return;
    const left = { ...thread };
    restart(thread);
    void this.#send(left, { memberEpoch: -1 });
  }

  commit(thread: Thread): void {
    const [task] = [...thread.active].filter((name) => name.startsWith('0_'));
    if (task === undefined || thread.memberId === '') return;
    const { memberId, epoch } = thread;
    // Decided here and now; only the answer comes later.
    const others = this.#owners(task).filter((owner) => owner !== thread);
    void this.bench
      .commit(1, { memberId, generation: epoch, topic: 'lines', partition: Number(task.slice(2)) })
      .then((error) => {
        if (error !== 'NONE') return;
        this.commits += 1;
        if (others.length > 0) this.violations.push(`${memberId} committed for ${task} of another`);
      });
  }

  /**
   * When nothing goes wrong any more, every task has one owner, who knows it, and as many copies as there are
   * other processes for them.
   */
  async comesToRest(): Promise<void> {
    this.bench.log.held = false;
    this.bench.log.commit();
    this.bench.log.refusal = null;
    // Whoever lives is heard of all the time: it is to find its way without joining again.
    for (let round = 0; round < 24; round++) await this.round();
    const group = await this.#described();
    expect(group.groupState, `seed ${this.seed}`).toBe('Stable');
    const tasks = ['0', '1'].flatMap((id) => Array.from({ length: PARTITIONS }, (_, i) => `${id}_${i}`));
    const active = this.threads.flatMap((thread) => [...thread.active]);
    expect(active.sort(), `seed ${this.seed}`).toEqual(tasks);
    const standby = this.threads.flatMap((thread) => [...thread.standby]);
    const copies = tasks.filter((task) => task.startsWith('1_'));
    expect(standby.sort(), `seed ${this.seed}`).toEqual(
      copies.flatMap((task) => Array<string>(this.standby.replicas).fill(task)),
    );
    const most = Math.max(...this.threads.map((thread) => thread.active.size));
    expect(most, `seed ${this.seed}`).toBe(Math.ceil(tasks.length / this.threads.length));
    this.assigned += active.length;
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
    expect(shard.streams.describe('app'), `seed ${this.seed}`).toEqual(live);
  }

  #obey(thread: Thread, answer: StreamsGroupHeartbeatResponse): void {
    switch (errorName(answer.errorCode)) {
      case 'NONE':
        break;
      case 'UNKNOWN_MEMBER_ID':
      case 'FENCED_MEMBER_EPOCH':
      case 'GROUP_ID_NOT_FOUND':
        restart(thread);
        return;
      default:
        return;
    }
    thread.epoch = answer.memberEpoch;
    thread.silent = false;
    if (answer.activeTasks) thread.active = new Set(namesOf(answer.activeTasks));
    if (answer.standbyTasks) thread.standby = new Set(namesOf(answer.standbyTasks));
    for (const task of thread.active) {
      const owners = this.#owners(task);
      if (owners.length > 1)
        this.violations.push(`${task} is owned by ${owners.map(({ memberId }) => memberId).join(' and ')}`);
    }
    const ofProcess = this.#alive().filter(({ processId }) => processId === thread.processId);
    const roles = ofProcess.flatMap(({ active, standby }) => [...active, ...standby]);
    if (new Set(roles).size < roles.length)
      this.violations.push(`process ${thread.processId} has a task twice: ${roles.sort().join(' ')}`);
  }

  #owners(task: string): Thread[] {
    return this.#alive().filter(({ active }) => active.has(task));
  }

  /** Who is silent for its session is not a member any more, whatever it believes. */
  #alive(): Thread[] {
    const now = this.bench.clock.monotonic();
    return this.threads.filter(({ silent, lastObeyedMs }) => !silent && now - lastObeyedMs < SESSION_MS);
  }

  async #described() {
    const [group] = await this.bench.coordinator.descriptions.streams(['app']);
    if (!group) throw new Error('not described');
    return group;
  }

  async #send(
    { memberId }: Pick<Thread, 'memberId'>,
    request: Partial<StreamsGroupHeartbeatRequest>,
  ): Promise<StreamsGroupHeartbeatResponse> {
    const { response, missing } = await this.bench.coordinator.streamsHeartbeat(
      { apiVersion: 0, clientId: 'client', clientHost: '10.0.0.1' },
      {
        groupId: 'app',
        memberId,
        memberEpoch: 0,
        endpointInformationEpoch: 0,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: -1,
        topology: null,
        activeTasks: null,
        standbyTasks: null,
        warmupTasks: null,
        processId: null,
        userEndpoint: null,
        clientTags: null,
        taskOffsets: null,
        taskEndOffsets: null,
        shutdownApplication: false,
        ...request,
      },
    );
    for (const { name, partitions } of missing) this.bench.createTopic(name, partitions);
    return response;
  }
}

/** As another thread: it knows nothing, and has nothing. */
function restart(thread: Thread): void {
  thread.memberId = '';
  thread.epoch = 0;
  thread.active = new Set();
  thread.standby = new Set();
  thread.silent = false;
}

async function runOf(seed: number): Promise<Run> {
  const standby = { replicas: seed % 3 };
  const of = () => ({ ...DEFAULT_GROUP_CONFIG.streams.of('app'), standbyReplicas: standby.replicas });
  const bench = await GroupBench.elected({ offsetsRetentionMs: 1e12, streams: { maxSize: 100, of } }, seed);
  return new Run(seed, bench, standby);
}

afterEach(() => vi.restoreAllMocks());

test('no task is two threads’ at once, and in the end each has one owner and its copies, whatever happens', async () => {
  let assigned = 0;
  let commits = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = await runOf(seed);
    for (let step = 0; step < STEPS; step++) await run.step();
    await run.comesToRest();
    expect(run.violations, `seed ${seed}`).toEqual([]);
    await run.equalsItsLog();
    assigned += run.assigned;
    commits += run.commits;
  }
  // The run is worth something only if members did work in it.
  expect({ assigned, commits: commits > 25 }).toEqual({ assigned: SEEDS * 2 * PARTITIONS, commits: true });
});

test.each(['isIdle', 'hasCopy'] as const)(
  'the run finds a coordinator that does not ask %s',
  async (question) => {
    vi.spyOn(StreamsGroup.prototype, question).mockReturnValue(question === 'isIdle');
    let found = false;
    for (let seed = 1; seed <= SEEDS && !found; seed++) {
      const run = await runOf(seed);
      for (let step = 0; step < STEPS && !found; step++) {
        await run.step();
        found = run.violations.length > 0;
      }
    }
    expect(found).toBe(true);
  },
);
