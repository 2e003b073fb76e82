import { sleep } from '../../src/base/clock.ts';
import { below, randomUuid } from '../../src/base/random.ts';
import type { KafkaConnection } from '../../src/client/connection.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { offsetCommit } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../src/protocol/messages/09-offset-fetch.ts';
import { consumerGroupHeartbeat } from '../../src/protocol/messages/68-consumer-group-heartbeat.ts';
import { chance } from '../chance.ts';
import type { CommittedOffsetsNeverFall } from '../checkers/committed-offsets-never-fall.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';
import type { StaticPlace } from './static-place.ts';

const REBALANCE_MS = 3_000;
const HEARTBEAT_MS = 200;
const JOINING = 0;
const LEAVING = -1;
/** A static member that leaves like that keeps its partitions until its session ends. */
const LEAVING_FOR_A_WHILE = -2;

export interface ConsumerMemberOptions {
  readonly group: string;
  readonly topic: string;
  /** It is a static member (KIP-345) with this place. */
  readonly place?: StaticPlace | undefined;
  readonly committed: CommittedOffsetsNeverFall;
  readonly isOver: () => boolean;
}

interface Membership {
  readonly connection: KafkaConnection;
  readonly memberId: string;
  readonly topicId: string;
  memberEpoch: number;
  /** The partitions that it owns, each with the offset that it has reached. */
  positions: Map<number, number>;
}

/**
 * A member of a group of the consumer protocol (KIP-848): owns the partitions that the coordinator gives it,
 * gives back those it is asked for, and commits ever higher offsets. After a lost answer it begins anew as
 * another member.
 */
export class ConsumerMember {
  readonly #client: ClusterClient;
  readonly #options: ConsumerMemberOptions;
  #commits = 0;

  constructor(client: ClusterClient, options: ConsumerMemberOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** The number of rounds in which the heartbeat and the commits succeeded, with at least one partition. */
  get commits(): number {
    return this.#commits;
  }

  /** One membership, until an answer is an error or the member leaves. Rejects if an answer does not come. */
  async live(connection: KafkaConnection): Promise<void> {
    let topicId = '';
    const member: Membership = {
      connection,
      memberId: randomUuid(this.#client.random),
      get topicId() {
        return topicId;
      },
      memberEpoch: JOINING,
      positions: new Map(),
    };
    const { place } = this.#options;
    let rounds = 0;
    while (!this.#options.isOver()) {
      const assigned = { generation: member.memberEpoch, partitions: [...member.positions.keys()] };
      if (place?.restarts(rounds, assigned)) return this.#leave(member);
      const beat = await this.#beat(member);
      if (beat.errorCode !== 0) return;
      rounds = beat.memberEpoch === member.memberEpoch ? rounds + 1 : 0;
      member.memberEpoch = beat.memberEpoch;
      for (const topic of beat.assignment?.topicPartitions ?? []) topicId = topic.topicId;
      if (beat.assignment) {
        const owned = beat.assignment.topicPartitions.flatMap(({ partitions }) => partitions);
        if (!(await this.#own(member, owned))) return;
      }
      for (const [partition, position] of member.positions) {
        // Work takes time, in which the coordinator may give others what this member still owns.
        await sleep(this.#client.world.clock, below(this.#client.random, HEARTBEAT_MS));
        if (!(await this.#commit(member, partition, position + 1 + below(this.#client.random, 5)))) return;
      }
      if (member.positions.size > 0) this.#commits++;
      await sleep(this.#client.world.clock, below(this.#client.random, HEARTBEAT_MS));
      if (below(this.#client.random, 60) === 0) return this.#leave(member);
    }
  }

  /** Leaves; a static member for a while, or without a word. */
  async #leave(member: Membership): Promise<void> {
    const { place } = this.#options;
    if (place && !place.isRestarting && chance(this.#client.random, 0.3)) return;
    place?.releases(member.memberId);
    member.memberEpoch = place ? LEAVING_FOR_A_WHILE : LEAVING;
    await this.#heartbeat(member);
  }

  /** A heartbeat, whose answer is held against the place of a static member. */
  async #beat(member: Membership) {
    const { place } = this.#options;
    const { connection, memberId } = member;
    const isJoining = member.memberEpoch === JOINING;
    const asking = isJoining ? place?.asks({ memberId, connection }) : undefined;
    const heard = place?.heartbeat(memberId, connection, this.#client.world.clock.monotonic());
    const beat = await this.#heartbeat(member);
    if (beat.errorCode !== 0) return beat;
    heard?.();
    if (asking) {
      place?.givenUnreleased(asking, memberId, connection);
      place?.took(asking, memberId);
      const partitions = beat.assignment?.topicPartitions.flatMap((topic) => topic.partitions) ?? [];
      place?.cameBack({ generation: beat.memberEpoch, partitions });
    }
    return beat;
  }

  #heartbeat({ connection, memberId, memberEpoch, topicId, positions }: Membership) {
    const isJoining = memberEpoch === JOINING;
    return connection.send(
      consumerGroupHeartbeat,
      {
        groupId: this.#options.group,
        memberId,
        memberEpoch,
        instanceId: this.#options.place?.instanceId ?? null,
        rebalanceTimeoutMs: isJoining ? REBALANCE_MS : -1,
        subscribedTopicNames: isJoining ? [this.#options.topic] : null,
        topicPartitions: positions.size > 0 ? [{ topicId, partitions: [...positions.keys()] }] : [],
      },
      { version: 1, timeoutMs: REQUEST_MS },
    );
  }

  /**
   * Stops with partitions that it does not own any more, and begins new ones at their committed offsets;
   * false if it cannot.
   */
  async #own(member: Membership, owned: readonly number[]): Promise<boolean> {
    const { topic, committed } = this.#options;
    const kept = new Map([...member.positions].filter(([partition]) => owned.includes(partition)));
    const gained = owned.filter((partition) => !kept.has(partition));
    member.positions = kept;
    if (gained.length === 0) return true;
    const before = gained.map((partition) => committed.before(this.#nameOf(partition)));
    const { memberId, memberEpoch } = member;
    const answer = await member.connection.send(
      offsetFetch,
      {
        groups: [
          {
            groupId: this.#options.group,
            memberId,
            memberEpoch,
            topics: [{ name: topic, partitionIndexes: gained }],
          },
        ],
      },
      { version: 9, timeoutMs: REQUEST_MS },
    );
    const group = answer.groups[0];
    if (group?.errorCode !== 0) return false;
    for (const [i, partition] of gained.entries()) {
      const found = group.topics[0]?.partitions.find((one) => one.partitionIndex === partition);
      if (found?.errorCode !== 0) return false;
      const offset = Number(found.committedOffset);
      committed.fetched(this.#nameOf(partition), offset, before[i] ?? -1);
      member.positions.set(partition, Math.max(0, offset));
    }
    return true;
  }

  async #commit(member: Membership, partition: number, offset: number): Promise<boolean> {
    const { topic, committed, place } = this.#options;
    const before = committed.before(this.#nameOf(partition));
    const taken = place?.commit(member.memberId, member.connection);
    const answer = await member.connection.send(
      offsetCommit,
      {
        groupId: this.#options.group,
        generationIdOrMemberEpoch: member.memberEpoch,
        memberId: member.memberId,
        groupInstanceId: place?.instanceId ?? null,
        topics: [
          {
            name: topic,
            partitions: [{ partitionIndex: partition, committedOffset: offset, committedMetadata: null }],
          },
        ],
      },
      { version: 9, timeoutMs: REQUEST_MS },
    );
    if (errorName(answer.topics[0]?.partitions[0]?.errorCode ?? -1) !== 'NONE') return false;
    taken?.();
    member.positions.set(partition, offset);
    committed.committed(this.#nameOf(partition), offset, before);
    return true;
  }

  /** The name by which the checker knows the group's offset of a partition. */
  #nameOf(partition: number): string {
    return `${this.#options.group} ${this.#options.topic}-${partition}`;
  }
}
