import { sleep } from '../../src/base/clock.ts';
import { below } from '../../src/base/random.ts';
import type { KafkaConnection } from '../../src/client/connection.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../src/protocol/consumer-protocol.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { offsetCommit } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../src/protocol/messages/09-offset-fetch.ts';
import { joinGroup } from '../../src/protocol/messages/11-join-group.ts';
import { heartbeat } from '../../src/protocol/messages/12-heartbeat.ts';
import { leaveGroup } from '../../src/protocol/messages/13-leave-group.ts';
import { syncGroup } from '../../src/protocol/messages/14-sync-group.ts';
import { chance } from '../chance.ts';
import type { CommittedOffsetsNeverFall } from '../checkers/committed-offsets-never-fall.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';
import type { StaticPlace } from './static-place.ts';

const SESSION_MS = 2_000;
const REBALANCE_MS = 2_500;
/** A join is answered only after all other members have joined. */
const JOIN_REQUEST_MS = REBALANCE_MS + REQUEST_MS;
const HEARTBEAT_MS = 200;

export interface ClassicMemberOptions {
  readonly group: string;
  readonly topic: string;
  readonly partitions: number;
  /**
   * True: it gives every partition back before it joins again. False: it keeps those that it is not asked for
   * (KIP-429).
   */
  readonly isEager: boolean;
  /** It is a static member (KIP-345) with this place. */
  readonly place?: StaticPlace | undefined;
  readonly committed: CommittedOffsetsNeverFall;
  readonly isOver: () => boolean;
}

/** One membership, from one generation to the next. */
interface Membership {
  readonly connection: KafkaConnection;
  memberId: string;
  generationId: number;
  /** The partitions that it owns, each with the offset that it has reached. */
  positions: Map<number, number>;
}

/**
 * A consumer of the classic protocol as Kafka's clients speak it. Subscriptions and assignments are those of
 * the consumer protocol, so that the group may have members of both protocols (KIP-848). Commits ever higher
 * offsets.
 */
export class ClassicMember {
  readonly #client: ClusterClient;
  readonly #options: ClassicMemberOptions;
  #commits = 0;

  constructor(client: ClusterClient, options: ClassicMemberOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** The number of rounds in which the heartbeat and the commits succeeded, with at least one partition. */
  get commits(): number {
    return this.#commits;
  }

  /**
   * One membership, until it is no member any more. Rejects with a ConnectionError if an answer does not
   * come.
   */
  async live(connection: KafkaConnection): Promise<void> {
    const { isEager, isOver } = this.#options;
    const member: Membership = { connection, memberId: '', generationId: -1, positions: new Map() };
    while (!isOver()) {
      if (isEager) member.positions = new Map();
      const joined = await this.#join(member);
      if (joined === 'again') continue;
      if (joined === 'lost') return;
      if (!(await this.#own(member, joined))) return;
      if (!(await this.#work(member))) return;
    }
  }

  /**
   * Resolves with the partitions that it is assigned; `again`: it must join once more; `lost`: it is no
   * member.
   */
  async #join(member: Membership): Promise<readonly number[] | 'again' | 'lost'> {
    const { group, isEager, place } = this.#options;
    const { connection } = member;
    const asking = place?.asks();
    const joined = await connection.send(
      joinGroup,
      {
        groupId: group,
        sessionTimeoutMs: SESSION_MS,
        rebalanceTimeoutMs: REBALANCE_MS,
        memberId: member.memberId,
        groupInstanceId: this.#instanceId,
        protocolType: 'consumer',
        protocols: [{ name: isEager ? 'range' : 'cooperative-sticky', metadata: this.#subscription(member) }],
      },
      { version: 7, timeoutMs: JOIN_REQUEST_MS },
    );
    const error = errorName(joined.errorCode);
    if (error === 'MEMBER_ID_REQUIRED') member.memberId = joined.memberId;
    if (error === 'MEMBER_ID_REQUIRED' || error === 'REBALANCE_IN_PROGRESS') return 'again';
    if (error !== 'NONE') return 'lost';
    member.memberId = joined.memberId;
    member.generationId = joined.generationId;
    const synced = await connection.send(
      syncGroup,
      {
        groupId: group,
        generationId: member.generationId,
        memberId: member.memberId,
        groupInstanceId: this.#instanceId,
        protocolType: 'consumer',
        protocolName: joined.protocolName,
        assignments: joined.leader === joined.memberId ? this.#assign(joined.members) : [],
      },
      { timeoutMs: JOIN_REQUEST_MS },
    );
    if (errorName(synced.errorCode) === 'REBALANCE_IN_PROGRESS') return 'again';
    if (synced.errorCode !== 0) return 'lost';
    const { assignedPartitions } = decodeAssignment(Buffer.from(synced.assignment));
    const partitions = assignedPartitions.flatMap((assigned) => assigned.partitions);
    if (asking) place?.took(asking, member.memberId);
    place?.assigned(member.generationId, partitions);
    place?.cameBack({ generation: member.generationId, partitions });
    return partitions;
  }

  get #instanceId(): string | null {
    return this.#options.place?.instanceId ?? null;
  }

  #subscription({ positions }: Membership): Buffer {
    const { topic } = this.#options;
    const ownedPartitions = positions.size > 0 ? [{ topic, partitions: [...positions.keys()] }] : [];
    return encodeSubscription({ topics: [topic], userData: null, ownedPartitions });
  }

  /**
   * Every member keeps what it has, up to its share. Partitions of nobody go to the members that have least.
   * A partition that a member has too many of stays with nobody in this generation.
   */
  #assign(members: readonly { readonly memberId: string; readonly metadata: Buffer }[]) {
    const { topic, partitions } = this.#options;
    const most = Math.ceil(partitions / members.length);
    const claimed = new Set<number>();
    const shares = members.map(({ memberId, metadata }) => {
      const { ownedPartitions } = decodeSubscription(Buffer.from(metadata));
      const owned = (ownedPartitions ?? []).flatMap((place) => place.partitions);
      const kept = owned.filter((partition) => !claimed.has(partition)).slice(0, most);
      for (const partition of owned) claimed.add(partition);
      return { memberId, kept };
    });
    for (let partition = 0; partition < partitions; partition++)
      if (!claimed.has(partition))
        shares.toSorted((a, b) => a.kept.length - b.kept.length)[0]?.kept.push(partition);
    return shares.map(({ memberId, kept }) => ({
      memberId,
      assignment: encodeAssignment({ assignedPartitions: [{ topic, partitions: kept }], userData: null }),
    }));
  }

  /** Begins new partitions at their committed offsets; false if it cannot. */
  async #own(member: Membership, owned: readonly number[]): Promise<boolean> {
    const { group, topic, committed } = this.#options;
    const kept = new Map([...member.positions].filter(([partition]) => owned.includes(partition)));
    const gained = owned.filter((partition) => !kept.has(partition));
    member.positions = kept;
    if (gained.length === 0) return true;
    const before = gained.map((partition) => committed.before(this.#nameOf(partition)));
    const answer = await member.connection.send(
      offsetFetch,
      { groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes: gained }] }] },
      { version: 8, timeoutMs: REQUEST_MS },
    );
    const found = answer.groups[0];
    if (found?.errorCode !== 0) return false;
    for (const [i, partition] of gained.entries()) {
      const place = found.topics[0]?.partitions.find((one) => one.partitionIndex === partition);
      if (place?.errorCode !== 0) return false;
      const offset = Number(place.committedOffset);
      committed.fetched(this.#nameOf(partition), offset, before[i] ?? -1);
      member.positions.set(partition, Math.max(0, offset));
    }
    return true;
  }

  /** Resolves with true if it must join again as the same member. */
  async #work(member: Membership): Promise<boolean> {
    const { isOver, group, place } = this.#options;
    const { random, world } = this.#client;
    const { connection, memberId, generationId } = member;
    for (let rounds = 0; !isOver(); rounds++) {
      const assigned = { generation: generationId, partitions: [...member.positions.keys()] };
      if (place?.restarts(rounds, assigned)) return false;
      const beat = await connection.send(
        heartbeat,
        { groupId: group, generationId, memberId, groupInstanceId: this.#instanceId },
        { timeoutMs: REQUEST_MS },
      );
      const error = errorName(beat.errorCode);
      if (error === 'REBALANCE_IN_PROGRESS') return true;
      if (error !== 'NONE') return false;
      for (const [partition, position] of member.positions) {
        await sleep(world.clock, below(random, HEARTBEAT_MS));
        const commit = await this.#commit(member, partition, position + 1 + below(random, 5));
        if (commit === 'REBALANCE_IN_PROGRESS') return true;
        if (commit !== 'NONE') return false;
      }
      if (member.positions.size > 0) this.#commits++;
      await sleep(world.clock, below(random, HEARTBEAT_MS));
      if (below(random, 30) > 0) continue;
      // Otherwise it dies without a word: then only the end of its session tells the coordinator. Static
      // members never leave.
      if (place === undefined && chance(random, 0.7))
        await connection.send(
          leaveGroup,
          { groupId: group, members: [{ memberId }] },
          { timeoutMs: REQUEST_MS },
        );
      return false;
    }
    return false;
  }

  async #commit(member: Membership, partition: number, offset: number): Promise<string> {
    const { group, topic, committed, place } = this.#options;
    const before = committed.before(this.#nameOf(partition));
    const taken = place?.commit(member.memberId, member.connection);
    const answer = await member.connection.send(
      offsetCommit,
      {
        groupId: group,
        generationIdOrMemberEpoch: member.generationId,
        memberId: member.memberId,
        groupInstanceId: this.#instanceId,
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
    taken?.();
    member.positions.set(partition, offset);
    committed.committed(this.#nameOf(partition), offset, before);
    return error;
  }

  /** The name by which the checker knows the group's offset of a partition. */
  #nameOf(partition: number): string {
    return `${this.#options.group} ${this.#options.topic}-${partition}`;
  }
}
