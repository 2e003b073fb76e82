import type { Uuid } from '../../src/base/brand.ts';
import { sleep } from '../../src/base/clock.ts';
import { below, randomUuid } from '../../src/base/random.ts';
import { acknowledgeType } from '../../src/broker/sharing/acknowledgements.ts';
import type { KafkaConnection } from '../../src/client/connection.ts';
import { shareGroupHeartbeat } from '../../src/protocol/messages/76-share-group-heartbeat.ts';
import { type ShareFetchResponse, shareFetch } from '../../src/protocol/messages/78-share-fetch.ts';
import { shareAcknowledge } from '../../src/protocol/messages/79-share-acknowledge.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { readRecords } from '../../src/protocol/records/record.ts';
import { chance } from '../chance.ts';
import type { SharedRecordsAreDoneOnce } from '../checkers/shared-records-are-done-once.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';

const ROUND_MS = 200;
const FETCH_WAIT_MS = 100;
const JOINING = 0;
const LEAVING = -1;
const LAST = -1;

export interface ShareMemberOptions {
  readonly group: string;
  readonly topic: string;
  readonly records: Pick<SharedRecordsAreDoneOnce, 'sent' | 'answered'>;
  /** Called before each fetch; the result is called with the value of each record that came of it. */
  readonly reads: () => (value: string) => void;
  /** Whether the record may have been deleted from the topic. */
  readonly mayBeGone: (topicId: Uuid, partition: number, offset: number) => boolean;
  readonly isOver: () => boolean;
  /** While this holds, the member accepts every record at once. */
  readonly isDraining: () => boolean;
}

interface Shared {
  readonly topicId: Uuid;
  readonly partition: number;
}

/** The state of the member at one broker, for as long as the connection lasts. */
interface Session {
  /** The epoch of the next request. */
  epoch: number;
  partitions: readonly Shared[];
  /** Records that the member was given and has not acknowledged. */
  held: Held[];
}

interface Held extends Shared {
  readonly offset: number;
  readonly deliveryCount: number;
  readonly isRecord: boolean;
}

interface Acknowledgement extends Held {
  readonly type: number;
}

interface Membership {
  readonly coordinator: KafkaConnection;
  readonly memberId: string;
  epoch: number;
  assigned: readonly Shared[];
  readonly sessions: Map<KafkaConnection, Session>;
}

/**
 * A member of a share group (KIP-932): reads its partitions from their leaders, and accepts, releases,
 * rejects, renews or forgets the records that it gets, with the next fetch or with a separate request. After
 * a lost answer it begins anew as another member.
 */
export class ShareMember {
  readonly #client: ClusterClient;
  readonly #options: ShareMemberOptions;

  constructor(client: ClusterClient, options: ShareMemberOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** One membership, until an answer is an error or the member leaves. Rejects if an answer does not come. */
  async live(coordinator: KafkaConnection): Promise<void> {
    const { random, world } = this.#client;
    const member: Membership = {
      coordinator,
      memberId: randomUuid(random),
      epoch: JOINING,
      assigned: [],
      sessions: new Map(),
    };
    while (!this.#options.isOver()) {
      if (!(await this.#heartbeat(member))) return;
      for (const [connection, assigned] of await this.#byLeader(member)) {
        const session = member.sessions.get(connection) ?? { epoch: 0, partitions: [], held: [] };
        member.sessions.set(connection, session);
        if (!(await this.#round(member, connection, { session, assigned })))
          member.sessions.delete(connection);
      }
      await sleep(world.clock, below(random, ROUND_MS));
      if (!this.#options.isDraining() && below(random, 40) === 0) return this.#leave(member);
    }
  }

  async #heartbeat(member: Membership): Promise<boolean> {
    const { group, topic } = this.#options;
    const beat = await member.coordinator.send(
      shareGroupHeartbeat,
      {
        groupId: group,
        memberId: member.memberId,
        memberEpoch: member.epoch,
        subscribedTopicNames: member.epoch === JOINING ? [topic] : null,
      },
      { timeoutMs: REQUEST_MS },
    );
    if (beat.errorCode !== 0) return false;
    member.epoch = beat.memberEpoch;
    if (beat.assignment)
      member.assigned = beat.assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
        partitions.map((partition) => ({ topicId, partition })),
      );
    return true;
  }

  /**
   * The partitions that it reads from each leader; an empty list for brokers that it has a session with and
   * reads nothing from any more.
   */
  async #byLeader({ assigned, sessions }: Membership): Promise<Map<KafkaConnection, Shared[]>> {
    const byLeader = new Map<KafkaConnection, Shared[]>([...sessions.keys()].map((known) => [known, []]));
    for (const one of assigned) {
      const leader = await this.#client.leaderOf(this.#options.topic, one.partition);
      if (leader) byLeader.set(leader, [...(byLeader.get(leader) ?? []), one]);
    }
    for (const connection of sessions.keys())
      if (connection.closed) {
        sessions.delete(connection);
        byLeader.delete(connection);
      }
    return byLeader;
  }

  /** One fetch, with acknowledgements in it or before it; resolves with false when the session is over. */
  async #round(
    member: Membership,
    connection: KafkaConnection,
    { session, assigned }: { readonly session: Session; readonly assigned: readonly Shared[] },
  ): Promise<boolean> {
    const { random } = this.#client;
    if (session.epoch > 0 && !(await this.#renew(member, connection, session))) return false;
    const decided = this.#decide(session);
    const isApart = chance(random, 0.5);
    if (isApart && decided.length > 0 && !(await this.#acknowledge(member, connection, session, decided)))
      return false;
    return this.#fetch(member, connection, { session, assigned, decided: isApart ? [] : decided });
  }

  /**
   * Chooses an acknowledgement for each record that it holds. For some it sends none until their locks end.
   */
  #decide(session: Session): Acknowledgement[] {
    const { random } = this.#client;
    const decided: Acknowledgement[] = [];
    const kept: Held[] = [];
    for (const held of session.held) {
      const type = !held.isRecord
        ? acknowledgeType.gap
        : this.#options.isDraining()
          ? acknowledgeType.accept
          : this.#type();
      if (type === null) kept.push(held);
      else decided.push({ ...held, type });
    }
    // The member forgets some records, as an application that failed does.
    session.held = kept.filter(() => !chance(random, 0.1));
    return decided;
  }

  #type(): number | null {
    const dice = below(this.#client.random, 100);
    if (dice < 60) return acknowledgeType.accept;
    if (dice < 80) return acknowledgeType.release;
    return dice < 85 ? acknowledgeType.reject : null;
  }

  /** Sometimes renews the locks of all records that it holds. */
  async #renew(member: Membership, connection: KafkaConnection, session: Session): Promise<boolean> {
    const held = session.held.filter(({ isRecord }) => isRecord);
    if (held.length === 0 || this.#options.isDraining() || !chance(this.#client.random, 0.1)) return true;
    const renewed = held.map((one) => ({ ...one, type: acknowledgeType.renew }));
    return this.#acknowledge(member, connection, session, renewed);
  }

  async #acknowledge(
    { memberId }: Membership,
    connection: KafkaConnection,
    session: Session,
    acknowledged: readonly Acknowledgement[],
  ): Promise<boolean> {
    this.#sent(acknowledged);
    const answer = await connection.send(
      shareAcknowledge,
      {
        groupId: this.#options.group,
        memberId,
        shareSessionEpoch: session.epoch,
        isRenewAck: acknowledged.some(({ type }) => type === acknowledgeType.renew),
        topics: topicsOf([], acknowledged),
      },
      { timeoutMs: REQUEST_MS },
    );
    if (answer.errorCode !== 0) return false;
    session.epoch++;
    for (const { topicId, partitions } of answer.responses)
      for (const { partitionIndex, errorCode } of partitions)
        if (errorCode === 0) this.#counts(memberId, acknowledged, { topicId, partition: partitionIndex });
        else this.#client.forgetLeaders();
    return true;
  }

  async #fetch(
    { memberId }: Membership,
    connection: KafkaConnection,
    options: {
      readonly session: Session;
      readonly assigned: readonly Shared[];
      readonly decided: readonly Acknowledgement[];
    },
  ): Promise<boolean> {
    const { random } = this.#client;
    const { session, assigned, decided } = options;
    const has = (all: readonly Shared[], one: Shared) => all.some((other) => isSame(one, other));
    this.#sent(decided);
    const saw = this.#options.reads();
    const answer = await connection.send(
      shareFetch,
      {
        groupId: this.#options.group,
        memberId,
        shareSessionEpoch: session.epoch,
        maxWaitMs: below(random, FETCH_WAIT_MS),
        minBytes: 1,
        maxBytes: 5000,
        maxRecords: 1 + below(random, 8),
        batchSize: 1 + below(random, 8),
        shareAcquireMode: below(random, 2),
        topics: topicsOf(
          assigned.filter((one) => !has(session.partitions, one)),
          decided,
        ),
        forgottenTopicsData: session.partitions
          .filter((one) => !has(assigned, one))
          .map(({ topicId, partition }) => ({ topicId, partitions: [partition] })),
      },
      { timeoutMs: REQUEST_MS },
    );
    if (answer.errorCode !== 0) return false;
    session.epoch++;
    session.partitions = [...assigned];
    for (const one of answer.responses)
      for (const partition of one.partitions)
        this.#got(memberId, session, { topicId: one.topicId, partition, decided, saw });
    return true;
  }

  #got(
    memberId: string,
    session: Session,
    {
      topicId,
      partition: told,
      decided,
      saw,
    }: {
      readonly topicId: Uuid;
      readonly partition: ShareFetchResponse['responses'][number]['partitions'][number];
      readonly decided: readonly Acknowledgement[];
      readonly saw: (value: string) => void;
    },
  ): void {
    const shared = { topicId, partition: told.partitionIndex };
    if (told.acknowledgeErrorCode === 0) this.#counts(memberId, decided, shared);
    if (told.errorCode !== 0 || told.acknowledgeErrorCode !== 0) this.#client.forgetLeaders();
    const values = valuesOf(Buffer.isBuffer(told.records) ? told.records : Buffer.alloc(0));
    for (const { firstOffset, lastOffset, deliveryCount } of told.acquiredRecords)
      for (let offset = firstOffset; offset <= lastOffset; offset++) {
        const value = values.get(offset);
        session.held.push({ ...shared, offset, deliveryCount, isRecord: value !== undefined });
        if (value !== undefined) saw(value);
      }
  }

  /** Leaves: tells all brokers or the coordinator only, with or without acknowledgements, or tells nobody. */
  async #leave(member: Membership): Promise<void> {
    const { random } = this.#client;
    const { group } = this.#options;
    if (chance(random, 0.3)) return;
    for (const [connection, session] of member.sessions) {
      if (session.epoch === 0 || connection.closed || chance(random, 0.3)) continue;
      const decided = chance(random, 0.5) ? this.#decide(session) : [];
      this.#sent(decided);
      const answer = await connection.send(
        shareAcknowledge,
        {
          groupId: group,
          memberId: member.memberId,
          shareSessionEpoch: LAST,
          topics: topicsOf([], decided),
        },
        { timeoutMs: REQUEST_MS },
      );
      if (answer.errorCode !== 0) continue;
      for (const { topicId, partitions } of answer.responses)
        for (const { partitionIndex: partition, errorCode } of partitions)
          if (errorCode === 0) this.#counts(member.memberId, decided, { topicId, partition });
    }
    member.epoch = LEAVING;
    await this.#heartbeat(member);
  }

  #sent(acknowledged: readonly Acknowledgement[]): void {
    for (const { topicId, partition, offset, type } of acknowledged)
      this.#options.records.sent(`${topicId}-${partition}`, offset, type);
  }

  #counts(memberId: string, acknowledged: readonly Acknowledgement[], of: Shared): void {
    const { records, mayBeGone } = this.#options;
    for (const one of acknowledged) {
      if (!isSame(one, of)) continue;
      const { topicId, partition, offset, deliveryCount, type } = one;
      records.answered(`${topicId}-${partition}`, offset, {
        memberId,
        deliveryCount,
        type,
        mayBeGone: mayBeGone(topicId, partition, offset),
      });
    }
  }
}

function isSame(one: Shared, other: Shared): boolean {
  return one.topicId === other.topicId && one.partition === other.partition;
}

/** By topic: the partitions that are new to the session, and the acknowledgements. */
function topicsOf(added: readonly Shared[], acknowledged: readonly Acknowledgement[]) {
  const places = new Map<string, Shared>();
  for (const { topicId, partition } of [...added, ...acknowledged])
    places.set(`${topicId}-${partition}`, { topicId, partition });
  return [...places.values()].map((place) => ({
    topicId: place.topicId,
    partitions: [
      {
        partitionIndex: place.partition,
        acknowledgementBatches: runsOf(acknowledged.filter((one) => isSame(one, place))),
      },
    ],
  }));
}

/** Consecutive offsets become one batch, with one type for each of them. */
function runsOf(acknowledged: readonly Acknowledgement[]) {
  const runs: { firstOffset: number; lastOffset: number; acknowledgeTypes: number[] }[] = [];
  for (const { offset, type } of acknowledged.toSorted((a, b) => a.offset - b.offset)) {
    const run = runs.at(-1);
    if (run && offset === run.lastOffset + 1) {
      run.lastOffset = offset;
      run.acknowledgeTypes.push(type);
    } else runs.push({ firstOffset: offset, lastOffset: offset, acknowledgeTypes: [type] });
  }
  return runs;
}

function valuesOf(bytes: Buffer): Map<number, string> {
  const values = new Map<number, string>();
  for (const { header, bytes: batch } of batches(bytes))
    if (!header.isControl)
      for (const { offset, value } of readRecords(batch)) values.set(offset, String(value));
  return values;
}
