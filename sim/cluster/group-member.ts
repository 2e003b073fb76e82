import { sleep } from '../../src/base/clock.ts';
import { below } from '../../src/base/random.ts';
import type { KafkaConnection } from '../../src/client/connection.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { offsetCommit } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../src/protocol/messages/09-offset-fetch.ts';
import { joinGroup } from '../../src/protocol/messages/11-join-group.ts';
import { heartbeat } from '../../src/protocol/messages/12-heartbeat.ts';
import { leaveGroup } from '../../src/protocol/messages/13-leave-group.ts';
import { syncGroup } from '../../src/protocol/messages/14-sync-group.ts';
import type { CommittedOffsetsNeverFall } from '../checkers/committed-offsets-never-fall.ts';
import type { OneOwnerPerPartitionAndGeneration } from '../checkers/one-owner-per-partition-and-generation.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';
import { beMembers } from './memberships.ts';

const GROUP = 'readers';
const PROTOCOL = { type: 'consumer', name: 'range' };
const SESSION_MS = 2_000;
const REBALANCE_MS = 2_500;
/** A join is answered only after all other members have joined. */
const JOIN_REQUEST_MS = REBALANCE_MS + REQUEST_MS;
const HEARTBEAT_MS = 200;

export interface GroupMemberOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly committed: CommittedOffsetsNeverFall;
  readonly owners: OneOwnerPerPartitionAndGeneration;
  readonly isOver: () => boolean;
}

interface Membership {
  readonly connection: KafkaConnection;
  readonly memberId: string;
  readonly generationId: number;
  readonly positions: Map<number, number>;
}

/**
 * A member of a group: owns what the group's leader gives it, and commits ever higher offsets. After a commit
 * with an unknown outcome it comes back as another member, so that the old one is fenced.
 */
export class GroupMember {
  readonly #client: ClusterClient;
  readonly #options: GroupMemberOptions;
  #commits = 0;

  constructor(client: ClusterClient, options: GroupMemberOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** The number of rounds in which the heartbeat and the commits succeeded. */
  get commits(): number {
    return this.#commits;
  }

  run(): Promise<void> {
    const { isOver } = this.#options;
    return beMembers(this.#client, {
      group: GROUP,
      isOver,
      live: (connection) => this.#beMember(connection),
    });
  }

  /** Joins again as the same member as long as every answer comes. */
  async #beMember(connection: KafkaConnection): Promise<void> {
    let memberId = '';
    while (!this.#options.isOver()) {
      const joined = await this.#join(connection, memberId);
      if (joined === null) return;
      if (typeof joined === 'string') {
        memberId = joined;
        continue;
      }
      memberId = joined.memberId;
      const positions = await this.#fetchOffsets(connection, joined.owned);
      if (!positions) return;
      const ended = await this.#work({ connection, memberId, generationId: joined.generationId, positions });
      if (ended !== 'REBALANCE_IN_PROGRESS') return;
    }
  }

  /** Resolves with a member id to join with, a membership with its partitions, or null: begin anew. */
  async #join(
    connection: KafkaConnection,
    memberId: string,
  ): Promise<string | null | { memberId: string; generationId: number; owned: number[] }> {
    const joined = await connection.send(
      joinGroup,
      {
        groupId: GROUP,
        sessionTimeoutMs: SESSION_MS,
        rebalanceTimeoutMs: REBALANCE_MS,
        memberId,
        protocolType: PROTOCOL.type,
        protocols: [{ name: PROTOCOL.name, metadata: Buffer.from('') }],
      },
      { version: 7, timeoutMs: JOIN_REQUEST_MS },
    );
    const error = errorName(joined.errorCode);
    if (error === 'MEMBER_ID_REQUIRED') return joined.memberId;
    if (error !== 'NONE') return null;
    const { generationId } = joined;
    const isLeader = joined.leader === joined.memberId;
    const synced = await connection.send(
      syncGroup,
      {
        groupId: GROUP,
        generationId,
        memberId: joined.memberId,
        protocolType: PROTOCOL.type,
        protocolName: PROTOCOL.name,
        assignments: isLeader ? this.#assign(joined.members.map((member) => member.memberId)) : [],
      },
      { timeoutMs: JOIN_REQUEST_MS },
    );
    if (errorName(synced.errorCode) === 'REBALANCE_IN_PROGRESS') return joined.memberId;
    if (synced.errorCode !== 0) return null;
    const text = synced.assignment.toString();
    const owned = text === '' ? [] : text.split(',').map(Number);
    for (const partition of owned)
      this.#options.owners.given(GROUP, generationId, `${this.#options.topic}-${partition}`, joined.memberId);
    return { memberId: joined.memberId, generationId, owned };
  }

  #assign(members: readonly string[]): { memberId: string; assignment: Buffer }[] {
    const first = below(this.#client.random, members.length);
    const partitions = Array.from({ length: this.#options.partitions }, (_, i) => i);
    return members.map((memberId, m) => ({
      memberId,
      assignment: Buffer.from(partitions.filter((p) => (p + first) % members.length === m).join(',')),
    }));
  }

  async #fetchOffsets(
    connection: KafkaConnection,
    owned: readonly number[],
  ): Promise<Map<number, number> | null> {
    const { topic, committed } = this.#options;
    const before = owned.map((partition) => committed.before(`${topic}-${partition}`));
    const answer = await connection.send(
      offsetFetch,
      { groups: [{ groupId: GROUP, topics: [{ name: topic, partitionIndexes: [...owned] }] }] },
      { version: 8, timeoutMs: REQUEST_MS },
    );
    const group = answer.groups[0];
    if (group?.errorCode !== 0) return null;
    const positions = new Map<number, number>();
    for (const [i, partition] of owned.entries()) {
      const found = group.topics[0]?.partitions.find((one) => one.partitionIndex === partition);
      if (found?.errorCode !== 0) return null;
      const offset = Number(found.committedOffset);
      committed.fetched(`${topic}-${partition}`, offset, before[i] ?? -1);
      positions.set(partition, Math.max(0, offset));
    }
    return positions;
  }

  /** Works until an answer says that the membership has changed; resolves with that error. */
  async #work(membership: Membership): Promise<string> {
    const { connection, memberId, generationId } = membership;
    while (!this.#options.isOver()) {
      const beat = await connection.send(
        heartbeat,
        { groupId: GROUP, generationId, memberId },
        { timeoutMs: REQUEST_MS },
      );
      if (beat.errorCode !== 0) return errorName(beat.errorCode);
      for (const [partition, position] of membership.positions) {
        const error = await this.#commit(membership, partition, position + 1 + below(this.#client.random, 5));
        if (error !== 'NONE') return error;
      }
      this.#commits++;
      await sleep(this.#client.world.clock, HEARTBEAT_MS);
      if (below(this.#client.random, 60) === 0) {
        await connection.send(
          leaveGroup,
          { groupId: GROUP, members: [{ memberId }] },
          { timeoutMs: REQUEST_MS },
        );
        return 'left';
      }
    }
    return 'over';
  }

  async #commit(membership: Membership, partition: number, offset: number): Promise<string> {
    const { topic, committed } = this.#options;
    const answer = await membership.connection.send(
      offsetCommit,
      {
        groupId: GROUP,
        generationIdOrMemberEpoch: membership.generationId,
        memberId: membership.memberId,
        topics: [
          {
            name: topic,
            partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: null }],
          },
        ],
      },
      { version: 8, timeoutMs: REQUEST_MS },
    );
    const error = errorName(answer.topics[0]?.partitions[0]?.errorCode ?? -1);
    if (error !== 'NONE') return error;
    membership.positions.set(partition, offset);
    committed.committed(`${topic}-${partition}`, offset);
    return error;
  }
}
