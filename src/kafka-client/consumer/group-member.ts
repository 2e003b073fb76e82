import type { Timer } from '../../base/clock.ts';
import { supervise } from '../../base/programmer-error.ts';
import { byTopic, type TopicPartition } from '../../base/topic-partition.ts';
import type { DecodedResponse } from '../../protocol/api.ts';
import { decodeAssignment, encodeSubscription } from '../../protocol/consumer-protocol.ts';
import { joinGroup } from '../../protocol/messages/11-join-group.ts';
import { heartbeat } from '../../protocol/messages/12-heartbeat.ts';
import { leaveGroup } from '../../protocol/messages/13-leave-group.ts';
import { syncGroup } from '../../protocol/messages/14-sync-group.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { GroupPosition } from '../group-offsets.ts';
import { checkAnswer, KafkaClientError } from '../kafka-client-error.ts';
import type { AssignorName, ConsumerOptions } from './consumer-options.ts';
import { LeaderAssignment } from './leader-assignment.ts';

const PROTOCOL_TYPE = 'consumer';
const SESSION_TIMEOUT_MS = 45_000;
const HEARTBEAT_MS = 3000;
const POLL_TIMEOUT_MS = 300_000;
/** A broker answers a join a little after the time that it waits for others. */
const ANSWER_MARGIN_MS = 5000;
/** Answers that say that the member is not one any more: what it had belongs to others. */
const LOST = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION']);
const MEMBERSHIP = new Set([...LOST, 'REBALANCE_IN_PROGRESS', 'FENCED_INSTANCE_ID']);

/**
 * A member of a group by the classic protocol: joins, assigns when it leads, and keeps up its membership by
 * heartbeats for as long as the application polls.
 */
export class GroupMember {
  readonly groupId: string;
  readonly instanceId: string | null;
  /** Whether the member keeps its partitions while the group rebalances. */
  readonly isCooperative: boolean;
  #topics: readonly string[];
  readonly #cluster: ClusterBrokers;
  /** Of its own, because the coordinator answers a join when the other members have joined, too. */
  readonly #lane: string;
  readonly #assignors: readonly AssignorName[];
  readonly #sessionTimeoutMs: number;
  readonly #heartbeatMs: number;
  readonly #pollTimeoutMs: number;
  readonly #changed: () => void;
  readonly #leading: LeaderAssignment;
  #memberId = '';
  #generation = -1;
  /** As it last joined; null before. */
  #position: GroupPosition | null = null;
  #needsJoin = true;
  /** It had partitions, and others have them now. */
  #isLost = false;
  #failure: KafkaClientError | null = null;
  #timer: Timer | null = null;
  #polledAt: number;
  #heardAt = 0;
  #isEnded = false;
  #isJoining = false;
  /** `changed` runs when the application has to do something. */
  constructor(
    cluster: ClusterBrokers,
    options: ConsumerOptions & { readonly groupId: string },
    topics: readonly string[],
    lane: string,
    changed: () => void,
  ) {
    this.#cluster = cluster;
    this.groupId = options.groupId;
    this.instanceId = options.instanceId ?? null;
    this.#topics = topics;
    this.#lane = lane;
    this.#assignors = options.assignors ?? ['range', 'cooperative-sticky'];
    this.isCooperative = !this.#assignors.includes('range');
    this.#sessionTimeoutMs = options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
    this.#heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
    this.#pollTimeoutMs = options.pollTimeoutMs ?? POLL_TIMEOUT_MS;
    this.#changed = changed;
    this.#leading = new LeaderAssignment(cluster, options.groupId);
    this.#polledAt = cluster.world.clock.monotonic();
  }

  get topics(): readonly string[] {
    return this.#topics;
  }

  /** It joins again, for these. */
  subscribe(topics: readonly string[]): void {
    this.#topics = topics;
    this.rejoin();
  }

  /**
   * Who commits: the member as it last joined, also when it is out of the group since. Without a member id
   * and a generation a coordinator would take its offsets from anybody, and those of a transaction always.
   */
  get position(): GroupPosition {
    return this.#position ?? { groupId: this.groupId };
  }

  /** Whether the group may still count it as the member that has this position. */
  isAt({ generation }: GroupPosition): boolean {
    return generation === this.#generation;
  }

  get needsJoin(): boolean {
    return this.#needsJoin;
  }

  /** Whether the partitions it had are others' now; asked once. */
  takeLost(): boolean {
    const isLost = this.#isLost;
    this.#isLost = false;
    return isLost;
  }

  get failure(): KafkaClientError | null {
    return this.#failure;
  }

  polled(): void {
    this.#polledAt = this.#cluster.world.clock.monotonic();
  }

  /**
   * One attempt: resolves with the partitions that are this member's now, or rejects; then it is to be tried
   * again, if it can be.
   */
  async join(owned: readonly TopicPartition[]): Promise<readonly TopicPartition[]> {
    this.#timer?.cancel();
    this.#needsJoin = true;
    this.#isJoining = true;
    const { topics } = this;
    try {
      const joined = await this.#sendJoin(owned);
      this.#memberId = joined.memberId;
      this.#generation = joined.generationId;
      const assignment = await this.#sync(joined);
      const { groupId, instanceId } = this;
      const { memberId, generationId: generation } = joined;
      this.#position = { groupId, generation, memberId, instanceId };
      // Others were asked for meanwhile.
      this.#needsJoin = topics !== this.topics;
      this.#heardAt = this.#cluster.world.clock.monotonic();
      this.#beatLater();
      return assignment;
    } catch (error) {
      if (error instanceof KafkaClientError) this.refused(error);
      throw error;
    } finally {
      this.#isJoining = false;
    }
  }

  rejoin(): void {
    this.#needsJoin = true;
    this.#changed();
  }

  /** What the answer to a commit says about the member; what else is wrong with it is the caller's alone. */
  commitRefused(error: KafkaClientError): void {
    if (MEMBERSHIP.has(error.code)) this.refused(error);
  }

  /** What an answer to a request with the member's generation says about it. */
  refused(error: KafkaClientError): void {
    if (error.code === 'REBALANCE_IN_PROGRESS') this.rejoin();
    else if (LOST.has(error.code)) this.#lose();
    else if (!error.retriable && error.code !== 'MEMBER_ID_REQUIRED') {
      this.#failure = error;
      this.#changed();
    }
  }

  /** Static members stay until their session ends, so that they can come back, unless they leave for good. */
  async leave(forGood = false): Promise<void> {
    this.#isEnded = true;
    this.#timer?.cancel();
    if (this.#memberId === '' || (this.instanceId !== null && !forGood)) return;
    const memberId = this.#memberId;
    await this.#cluster
      .askCoordinatorOnce(
        'group',
        this.groupId,
        leaveGroup,
        {
          groupId: this.groupId,
          members: [{ memberId, groupInstanceId: this.instanceId, reason: 'the consumer was closed' }],
        },
        () => {},
      )
      .catch((error: unknown) => {
        // Its session ends by itself.
        if (!(error instanceof KafkaClientError)) throw error;
      });
    this.#memberId = '';
  }

  async #sendJoin(owned: readonly TopicPartition[]): Promise<DecodedResponse<typeof joinGroup>> {
    const metadata = encodeSubscription({
      topics: [...this.topics],
      ownedPartitions: [...byTopic(owned)].map(([topic, own]) => ({
        topic,
        partitions: own.map(({ partition }) => partition),
      })),
      generationId: this.#generation,
    });
    let memberId = this.#memberId;
    const join = (): Promise<DecodedResponse<typeof joinGroup>> =>
      this.#cluster.askCoordinatorOnce(
        'group',
        this.groupId,
        joinGroup,
        {
          groupId: this.groupId,
          sessionTimeoutMs: this.#sessionTimeoutMs,
          rebalanceTimeoutMs: this.#pollTimeoutMs,
          memberId,
          groupInstanceId: this.instanceId,
          protocolType: PROTOCOL_TYPE,
          protocols: this.#assignors.map((name) => ({ name, metadata })),
        },
        (answer) => {
          if (answer.errorCode !== 0) memberId = answer.memberId;
          checkAnswer(`JoinGroup of ${this.groupId}`, answer.errorCode);
        },
        { lane: this.#lane, timeoutMs: this.#pollTimeoutMs + ANSWER_MARGIN_MS },
      );
    try {
      return await join();
    } catch (error) {
      // KIP-394: the broker gives an id, and wants to see it again before it counts the member.
      if (error instanceof KafkaClientError && error.code === 'MEMBER_ID_REQUIRED') return join();
      throw error;
    }
  }

  async #sync(joined: DecodedResponse<typeof joinGroup>): Promise<readonly TopicPartition[]> {
    const leads = joined.leader === joined.memberId && !joined.skipAssignment;
    this.#leading.forget();
    const assignments = leads ? await this.#leading.make(joined) : [];
    const { assignment } = await this.#cluster.askCoordinatorOnce(
      'group',
      this.groupId,
      syncGroup,
      {
        groupId: this.groupId,
        generationId: joined.generationId,
        memberId: joined.memberId,
        groupInstanceId: this.instanceId,
        protocolType: PROTOCOL_TYPE,
        protocolName: joined.protocolName,
        assignments,
      },
      ({ errorCode }) => checkAnswer(`SyncGroup of ${this.groupId}`, errorCode),
      { lane: this.#lane, timeoutMs: this.#pollTimeoutMs + ANSWER_MARGIN_MS },
    );
    return decodeAssignment(assignment).assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
  }

  #beatLater(): void {
    this.#timer?.cancel();
    if (this.#isEnded) return;
    this.#timer = this.#cluster.world.clock.after(this.#heartbeatMs, () =>
      supervise(this.#cluster.world, this.#beat()),
    );
  }

  async #beat(): Promise<void> {
    const { clock } = this.#cluster.world;
    if (clock.monotonic() - this.#polledAt > this.#pollTimeoutMs) {
      // The others need not wait for an application that has stopped reading.
      await this.leave();
      this.#isEnded = false;
      this.#lose();
      return;
    }
    const generation = this.#generation;
    try {
      await this.#cluster.askCoordinatorOnce(
        'group',
        this.groupId,
        heartbeat,
        {
          groupId: this.groupId,
          generationId: generation,
          memberId: this.#memberId,
          groupInstanceId: this.instanceId,
        },
        ({ errorCode }) => checkAnswer(`Heartbeat of ${this.groupId}`, errorCode),
        { lane: this.#lane, timeoutMs: this.#sessionTimeoutMs },
      );
      this.#heardAt = clock.monotonic();
      const isOutdated = await this.#leading.isOutdated(this.topics);
      if (isOutdated && !this.#needsJoin) this.rejoin();
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      if (generation !== this.#generation || this.#isEnded || this.#isJoining) return;
      this.refused(error);
      // Without its coordinator nobody knows whether the others have its partitions already.
      if (clock.monotonic() - this.#heardAt > this.#sessionTimeoutMs) this.#lose();
    }
    // Also until the application lets it join again: the group waits for it, and counts it meanwhile.
    if (generation === this.#generation && !this.#isJoining && !this.#failure) this.#beatLater();
  }

  #lose(): void {
    this.#memberId = '';
    this.#generation = -1;
    this.#isLost = true;
    this.rejoin();
  }
}
