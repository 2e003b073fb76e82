import { sleep } from '../../src/base/clock.ts';
import { below, randomUuid } from '../../src/base/random.ts';
import type { KafkaConnection } from '../../src/client/connection.ts';
import { type ErrorName, errorName } from '../../src/protocol/errors.ts';
import { offsetCommit } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../src/protocol/messages/09-offset-fetch.ts';
import {
  type StreamsGroupHeartbeatResponse,
  streamsGroupHeartbeat,
} from '../../src/protocol/messages/88-streams-group-heartbeat.ts';
import { chance } from '../chance.ts';
import type { CommittedOffsetsNeverFall } from '../checkers/committed-offsets-never-fall.ts';
import type { OneActiveMemberPerTask } from '../checkers/one-active-member-per-task.ts';
import type { Violations } from '../checkers/violations.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';
import { countingTopology, idsOfTasks, namesOfTasks, SOURCE } from './streams-topology.ts';

/** Longer than a session: a member that sends heartbeats all the time gives tasks back within it. */
const REBALANCE_MS = 10_000;
const HEARTBEAT_MS = 200;
const JOINING = 0;
const LEAVING = -1;

export interface StreamsMemberOptions {
  readonly group: string;
  readonly topic: string;
  /** The id of the process: its threads share one directory for the state of a task. */
  readonly processId: () => string;
  readonly active: OneActiveMemberPerTask;
  readonly committed: CommittedOffsetsNeverFall;
  readonly violations: Violations;
  readonly isOver: () => boolean;
}

interface Membership {
  readonly connection: KafkaConnection;
  readonly memberId: string;
  readonly processId: string;
  memberEpoch: number;
  /** Ids of its active tasks, as `0_1`. */
  active: Set<string>;
  standby: Set<string>;
  /** The partitions of the source topic that it reads, each with the offset that it has reached. */
  positions: Map<number, number>;
  /** The partitions that it read in the current epoch and has given back since. */
  lost: Set<number>;
}

/**
 * A thread of a streams application (KIP-1071): works on the tasks that the coordinator gives it, gives back
 * those it is asked for, and commits ever higher offsets. After a lost answer it begins anew as another
 * member.
 */
export class StreamsMember {
  readonly #client: ClusterClient;
  readonly #options: StreamsMemberOptions;
  #membership: Membership | null = null;
  #rounds = 0;

  constructor(client: ClusterClient, options: StreamsMemberOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** The number of rounds in which the heartbeat and the commits succeeded, with at least one task. */
  get rounds(): number {
    return this.#rounds;
  }

  /** The tasks that it works on now, as `0_1`. */
  get active(): ReadonlySet<string> {
    return this.#membership?.active ?? new Set();
  }

  /** One membership, until an answer is an error or the member leaves. Rejects if an answer does not come. */
  async live(connection: KafkaConnection): Promise<void> {
    const member: Membership = {
      connection,
      memberId: randomUuid(this.#client.random),
      processId: this.#options.processId(),
      memberEpoch: JOINING,
      active: new Set(),
      standby: new Set(),
      positions: new Map(),
      lost: new Set(),
    };
    this.#membership = member;
    try {
      while (!this.#options.isOver() && (await this.#round(member)));
    } finally {
      this.#membership = null;
      this.#options.active.ended(member.memberId);
    }
  }

  /** Resolves with false if it cannot go on as this member. */
  async #round(member: Membership): Promise<boolean> {
    const { clock } = this.#client.world;
    const { random } = this.#client;
    if (!(await this.#heartbeat(member))) return false;
    for (const [partition, position] of member.positions) {
      // Work takes time, in which the coordinator may give others what this member still has.
      await sleep(clock, below(random, HEARTBEAT_MS));
      if ((await this.#commit(member, partition, position + 1 + below(random, 5))) !== 'NONE') return false;
    }
    if (member.active.size > 0) this.#rounds++;
    await sleep(clock, below(random, HEARTBEAT_MS));
    if (below(random, 60) > 0) return true;
    await this.#leave(member);
    return false;
  }

  async #heartbeat(member: Membership): Promise<boolean> {
    const { memberEpoch: before } = member;
    const heardAt = this.#client.world.clock.monotonic();
    const answer = await this.#send(member);
    if (answer.errorCode !== 0) return false;
    member.memberEpoch = answer.memberEpoch;
    if (answer.memberEpoch > before) await this.#tryAsBefore(member, before);
    const had = member.active;
    if (answer.activeTasks) member.active = new Set(namesOfTasks(answer.activeTasks));
    if (answer.standbyTasks) member.standby = new Set(namesOfTasks(answer.standbyTasks));
    this.#options.active.told(member.memberId, { tasks: member.active, heardAt });
    return had === member.active || (await this.#own(member));
  }

  #send(member: Membership): Promise<StreamsGroupHeartbeatResponse> {
    const { group, topic } = this.#options;
    const { memberId, memberEpoch, active, standby } = member;
    const joins = memberEpoch === JOINING;
    return member.connection.send(
      streamsGroupHeartbeat,
      {
        groupId: group,
        memberId,
        memberEpoch,
        endpointInformationEpoch: 0,
        ...(joins && {
          rebalanceTimeoutMs: REBALANCE_MS,
          topology: countingTopology(group, topic),
          processId: member.processId,
        }),
        activeTasks: idsOfTasks(active),
        standbyTasks: idsOfTasks(standby),
        warmupTasks: [],
      },
      { version: 0, timeoutMs: REQUEST_MS },
    );
  }

  /** Leaves the group; a commit after that must be refused. */
  async #leave(member: Membership): Promise<void> {
    const { positions, memberEpoch } = member;
    const [partition] = positions.keys();
    member.memberEpoch = LEAVING;
    // From now on others may be given its tasks, so it works on none while it waits for the answer.
    this.#options.active.ended(member.memberId);
    const answer = await this.#send(member);
    if (answer.errorCode === 0 && partition !== undefined)
      await this.#mustBeRefused(member, partition, memberEpoch);
  }

  /**
   * A partition that it gave back with a heartbeat of an earlier epoch does not belong to it in that epoch
   * any more.
   */
  async #tryAsBefore(member: Membership, epoch: number): Promise<void> {
    const [partition] = member.lost;
    member.lost = new Set();
    if (partition !== undefined && chance(this.#client.random, 0.5))
      await this.#mustBeRefused(member, partition, epoch);
  }

  async #mustBeRefused(member: Membership, partition: number, epoch: number): Promise<void> {
    const error = await this.#sendCommit(member, { partition, offset: 0, epoch });
    if (error !== 'NONE') return;
    this.#options.violations.add(
      'FormerOwnersCommitNothing',
      `${member.memberId} committed for partition ${partition} in epoch ${epoch}, which it had given back`,
    );
  }

  /** Stops with partitions that it does not have any more, and begins new ones at their committed offsets. */
  async #own(member: Membership): Promise<boolean> {
    const { group, topic, committed } = this.#options;
    const owned = [...member.active].flatMap((task) => {
      const [subtopology, partition] = task.split('_');
      return subtopology === SOURCE ? [Number(partition)] : [];
    });
    for (const partition of member.positions.keys())
      if (!owned.includes(partition)) member.lost.add(partition);
    const kept = new Map([...member.positions].filter(([partition]) => owned.includes(partition)));
    const gained = owned.filter((partition) => !kept.has(partition));
    for (const partition of gained) member.lost.delete(partition);
    member.positions = kept;
    if (gained.length === 0) return true;
    const before = gained.map((partition) => committed.before(this.#nameOf(partition)));
    const { memberId, memberEpoch } = member;
    const answer = await member.connection.send(
      offsetFetch,
      {
        groups: [
          { groupId: group, memberId, memberEpoch, topics: [{ name: topic, partitionIndexes: gained }] },
        ],
      },
      { version: 9, timeoutMs: REQUEST_MS },
    );
    const found = answer.groups[0];
    if (found?.errorCode !== 0) return false;
    for (const [i, partition] of gained.entries()) {
      const one = found.topics[0]?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
      if (one?.errorCode !== 0) return false;
      const offset = Number(one.committedOffset);
      committed.fetched(this.#nameOf(partition), offset, before[i] ?? -1);
      member.positions.set(partition, Math.max(0, offset));
    }
    return true;
  }

  async #commit(member: Membership, partition: number, offset: number): Promise<ErrorName> {
    const error = await this.#sendCommit(member, { partition, offset, epoch: member.memberEpoch });
    if (error !== 'NONE') return error;
    member.positions.set(partition, offset);
    this.#options.committed.committed(this.#nameOf(partition), offset);
    return error;
  }

  async #sendCommit(
    { connection, memberId }: Membership,
    { partition, offset, epoch }: { partition: number; offset: number; epoch: number },
  ): Promise<ErrorName> {
    const { group, topic } = this.#options;
    const answer = await connection.send(
      offsetCommit,
      {
        groupId: group,
        generationIdOrMemberEpoch: epoch,
        memberId,
        topics: [
          {
            name: topic,
            partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: null }],
          },
        ],
      },
      { version: 9, timeoutMs: REQUEST_MS },
    );
    return errorName(answer.topics[0]?.partitions[0]?.errorCode ?? -1);
  }

  /** The name by which the checker knows the group's offset of a partition. */
  #nameOf(partition: number): string {
    return `${this.#options.group} ${this.#options.topic}-${partition}`;
  }
}
