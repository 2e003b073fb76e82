import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../src/protocol/consumer-protocol.ts';
import { type ErrorName, errorName } from '../../src/protocol/errors.ts';
import type { JoinGroupResponse } from '../../src/protocol/messages/11-join-group.ts';
import type { GroupBench } from './group-bench.ts';
import { settle } from './manual-clock.ts';

export interface ClassicConsumerOptions {
  readonly topics: readonly string[];
  /**
   * True: it gives every partition back before it joins again. False: it keeps those that it is not asked for
   * (KIP-429).
   */
  readonly eager: boolean;
  readonly instance?: string | null;
  /** The number of partitions of a topic, for when it leads its group and assigns. */
  readonly partitionsOf: (topic: string) => number;
}

/**
 * A consumer of the classic protocol as its coordinator sees it: a JoinGroup may be in progress while others
 * act.
 */
export class ClassicConsumer {
  readonly #bench: GroupBench;
  readonly #options: ClassicConsumerOptions;
  memberId = '';
  generation = -1;
  /** Its partitions, as `orders 0`. */
  owned = new Set<string>();
  #joining: Promise<void> | null = null;

  constructor(bench: GroupBench, options: ClassicConsumerOptions) {
    this.#bench = bench;
    this.#options = options;
  }

  get isJoining(): boolean {
    return this.#joining !== null;
  }

  /** The next heartbeat of a client, and a join if the answer asks for one. */
  async poll(): Promise<ErrorName> {
    if (this.#joining) return 'NONE';
    if (this.generation < 0) {
      this.#join();
      await settle();
      return 'NONE';
    }
    const { memberId, generation } = this;
    const { errorCode } = await this.#bench.coordinator.heartbeat({
      groupId: 'app',
      memberId,
      generationId: generation,
      groupInstanceId: this.#options.instance ?? null,
    });
    const error = errorName(errorCode ?? 0);
    this.#obey(error);
    if (error === 'REBALANCE_IN_PROGRESS') {
      this.#join();
      await settle();
    }
    return error;
  }

  async leave(): Promise<void> {
    const { memberId } = this;
    this.forget();
    if (memberId === '') return;
    await this.#bench.coordinator.leaveGroup('app', [
      { memberId, groupInstanceId: this.#options.instance ?? null, reason: null },
    ]);
  }

  /** Becomes another process, which knows nothing and owns nothing. */
  forget(): void {
    this.memberId = '';
    this.generation = -1;
    this.owned = new Set();
  }

  #join(): void {
    if (this.#options.eager) this.owned = new Set();
    const joining = this.#joinAndSync().finally(() => {
      if (this.#joining === joining) this.#joining = null;
    });
    this.#joining = joining;
  }

  async #joinAndSync(): Promise<void> {
    const answer = await this.#bench.coordinator.joinGroup(
      { apiVersion: 9, clientId: 'client', clientHost: '10.0.0.1' },
      {
        groupId: 'app',
        memberId: this.memberId,
        groupInstanceId: this.#options.instance ?? null,
        sessionTimeoutMs: 45_000,
        rebalanceTimeoutMs: 60_000,
        protocolType: 'consumer',
        protocols: [
          { name: this.#options.eager ? 'range' : 'cooperative-sticky', metadata: this.#subscription() },
        ],
        reason: null,
      },
    );
    const error = errorName(answer.errorCode ?? 0);
    if (error === 'MEMBER_ID_REQUIRED') {
      this.memberId = answer.memberId;
      return this.#joinAndSync();
    }
    if (error !== 'NONE') return this.#obey(error);
    this.memberId = answer.memberId;
    this.generation = answer.generationId ?? -1;
    const synced = await this.#bench.coordinator.syncGroup({
      groupId: 'app',
      memberId: this.memberId,
      groupInstanceId: this.#options.instance ?? null,
      generationId: this.generation,
      protocolType: 'consumer',
      protocolName: answer.protocolName ?? null,
      assignments: answer.leader === answer.memberId ? this.#assign(answer) : [],
    });
    const failure = errorName(synced.errorCode ?? 0);
    if (failure !== 'NONE') return this.#obey(failure);
    const assigned = placesIn(Buffer.from(synced.assignment));
    const revoked = [...this.owned].filter((place) => !assigned.has(place));
    this.owned = assigned;
    // Partitions that it gave back are free only after it has joined again.
    if (revoked.length > 0 && !this.#options.eager) return this.#joinAndSync();
  }

  #obey(error: ErrorName): void {
    if (error === 'UNKNOWN_MEMBER_ID' || error === 'FENCED_INSTANCE_ID') this.forget();
    else if (error === 'ILLEGAL_GENERATION') {
      this.generation = -1;
      this.owned = new Set();
    } else if (error === 'REBALANCE_IN_PROGRESS')
      this.generation = this.generation < 0 ? -1 : this.generation;
  }

  #subscription(): Buffer {
    const owned = new Map<string, number[]>();
    for (const place of this.owned) {
      const [topic = '', partition] = place.split(' ');
      owned.set(topic, [...(owned.get(topic) ?? []), Number(partition)]);
    }
    return encodeSubscription({
      topics: [...this.#options.topics],
      userData: null,
      ownedPartitions: [...owned].map(([topic, partitions]) => ({ topic, partitions })),
    });
  }

  /**
   * Every member keeps what it has; partitions of nobody go to the member that has least of those that want
   * them.
   */
  #assign({ members }: JoinGroupResponse): { memberId: string; assignment: Buffer }[] {
    const shares = members.map(({ memberId, metadata }) => {
      const { topics, ownedPartitions } = decodeSubscription(Buffer.from(metadata));
      const has = (ownedPartitions ?? []).flatMap(({ topic, partitions }) =>
        partitions.map((partition) => `${topic} ${partition}`),
      );
      return { memberId, topics, places: has.filter((place) => topics.includes(place.split(' ')[0] ?? '')) };
    });
    const taken = new Set(shares.flatMap(({ places }) => places));
    for (const topic of new Set(shares.flatMap(({ topics }) => topics)))
      for (let partition = 0; partition < this.#options.partitionsOf(topic); partition++) {
        if (taken.has(`${topic} ${partition}`)) continue;
        const wanting = shares.filter(({ topics }) => topics.includes(topic));
        wanting.sort((a, b) => a.places.length - b.places.length)[0]?.places.push(`${topic} ${partition}`);
      }
    return shares.map(({ memberId, places }) => ({ memberId, assignment: assignmentOf(places) }));
  }
}

function assignmentOf(places: readonly string[]): Buffer {
  const topics = new Map<string, number[]>();
  for (const place of places) {
    const [topic = '', partition] = place.split(' ');
    topics.set(topic, [...(topics.get(topic) ?? []), Number(partition)]);
  }
  return encodeAssignment({
    assignedPartitions: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    userData: null,
  });
}

function placesIn(assignment: Buffer): Set<string> {
  return new Set(
    decodeAssignment(assignment).assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => `${topic} ${partition}`),
    ),
  );
}
