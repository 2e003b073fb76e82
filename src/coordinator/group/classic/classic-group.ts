import { assert } from '../../../base/assert.ts';
import { ownCopy } from '../../../base/own-copy.ts';
import type { ErrorName } from '../../../protocol/errors.ts';
import type { JoinGroupResponse } from '../../../protocol/messages/11-join-group.ts';
import type { Waiter } from '../../waiter.ts';
import type { CommitRequest, Committer, Group, OffsetReader } from '../group.ts';
import { type GroupMetadataValue, groupTombstone } from '../group-record.ts';
import type { CommittedOffset } from '../offset-map.ts';
import type { GroupRecord } from '../records.ts';
import { refusesClassicCommit } from './commit-check.ts';
import type { ClassicGroupState } from './group-state.ts';
import { type ClassicMember, type MemberProtocol, metadataFor } from './member.ts';
import { classicRetentionStart } from './offset-retention.ts';
import { ProtocolOffers } from './protocol-offers.ts';
import { allSubscribedTopics } from './subscription.ts';

const CONSUMER_PROTOCOL_TYPE = 'consumer';
/** Workers of Kafka Connect. */
const CONNECT_PROTOCOL_TYPE = 'connect';

/**
 * A group of the classic protocol: members join (PreparingRebalance), a leader assigns (CompletingRebalance),
 * all work with the assignment (Stable), until someone comes, goes or changes.
 *
 * Only complete generations are in the log, as in Kafka: `replay` makes a group Stable or Empty. What happens
 * between two of them, joining and waiting, is known to this object alone and ends with it; the members
 * notice and join again.
 */
export class ClassicGroup implements Group {
  readonly type = 'classic';
  readonly groupId: string;
  readonly members = new Map<string, ClassicMember>();
  /** Ids handed out by MEMBER_ID_REQUIRED (KIP-394) that have not joined yet. */
  readonly pendingMembers = new Set<string>();
  /** Who was told this generation and has not asked for its assignment. */
  readonly pendingSync = new Set<string>();
  generation = 0;
  /** Null for a simple group: offsets committed without ever joining. */
  protocolType: string | null = null;
  protocol: string | null = null;
  leader: string | null = null;
  /** Milliseconds since 1970, -1 when the record that made the group did not say. */
  stateTimestamp: number;
  /** While a group that was empty waits for more members to come (group.initial.rebalance.delay.ms). */
  initialDelay: { memberAdded: boolean } | null = null;
  #state: ClassicGroupState = 'Empty';
  #subscribedTopics: ReadonlySet<string> | null = null;
  readonly #staticMembers = new Map<string, string>();
  readonly #offers = new ProtocolOffers();
  #awaitingJoin = 0;

  constructor(groupId: string, stateTimestamp: number) {
    this.groupId = groupId;
    this.stateTimestamp = stateTimestamp;
  }

  get state(): ClassicGroupState {
    return this.#state;
  }

  /**
   * A generation was completed, or the group ended: on the coordinator that decided so, and on one that loads
   * it.
   */
  replay(value: GroupMetadataValue): void {
    this.generation = value.generation;
    this.protocolType = value.protocolType === '' ? null : value.protocolType;
    this.protocol = value.protocol;
    this.stateTimestamp = value.currentStateTimestamp;
    const recorded = new Set(value.members.map(({ memberId }) => memberId));
    for (const memberId of [...this.members.keys()]) if (!recorded.has(memberId)) this.remove(memberId);
    for (const member of value.members) this.#replayMember(member, value.protocol);
    this.leader = value.leader;
    this.#state = this.members.size === 0 ? 'Empty' : 'Stable';
    this.initialDelay = null;
    if (this.#state === 'Empty') this.pendingSync.clear();
    this.#subscribedTopics = this.#subscriptions();
  }

  /**
   * A rebalance begins: everyone has to join again. Workers of Connect are assigned cooperatively, so one
   * that comes a moment later disturbs nobody: they do not wait for others, and a connector runs three
   * seconds earlier.
   */
  prepare(now: number): void {
    const waits = this.#state === 'Empty' && this.protocolType !== CONNECT_PROTOCOL_TYPE;
    this.initialDelay = waits ? { memberAdded: false } : null;
    this.#transition('PreparingRebalance', now);
  }

  /** Everyone who takes part has joined: the next generation, still without assignments. */
  beginGeneration(now: number): void {
    assert(this.state === 'PreparingRebalance', 'a generation begins when its members have joined');
    assert(this.members.size > 0, 'a generation has members');
    this.generation += 1;
    this.protocol = this.selectProtocol();
    this.initialDelay = null;
    this.pendingSync.clear();
    this.#subscribedTopics = this.#subscriptions();
    this.#transition('CompletingRebalance', now);
  }

  add(member: ClassicMember, protocolType: string): void {
    if (this.members.size === 0) this.protocolType = protocolType;
    this.#insert(member);
    this.leader ??= member.memberId;
    this.pendingMembers.delete(member.memberId);
  }

  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member) {
      this.members.delete(memberId);
      this.#offers.remove(member.protocols);
      if (member.joinWaiter) this.#awaitingJoin -= 1;
      if (member.groupInstanceId !== null) this.#staticMembers.delete(member.groupInstanceId);
    }
    if (this.leader === memberId) this.leader = this.members.keys().next().value ?? null;
    this.pendingMembers.delete(memberId);
    this.pendingSync.delete(memberId);
  }

  /**
   * The static member came back under a new id and takes its own place. Its old requests have been answered.
   */
  rename(member: ClassicMember, memberId: string): ClassicMember {
    assert(!this.members.has(memberId), 'a static member comes back under a new id');
    assert(this.members.get(member.memberId) === member, 'who comes back was a member');
    const renamed = { ...member, memberId };
    this.members.delete(member.memberId);
    this.members.set(memberId, renamed);
    if (this.leader === member.memberId) this.leader = memberId;
    if (member.groupInstanceId !== null) this.#staticMembers.set(member.groupInstanceId, memberId);
    return renamed;
  }

  update(
    member: ClassicMember,
    offer: {
      readonly protocols: readonly MemberProtocol[];
      readonly rebalanceTimeoutMs: number;
      readonly sessionTimeoutMs: number;
    },
  ): void {
    this.#offers.remove(member.protocols);
    member.protocols = offer.protocols;
    this.#offers.add(member.protocols);
    member.rebalanceTimeoutMs = offer.rebalanceTimeoutMs;
    member.sessionTimeoutMs = offer.sessionTimeoutMs;
  }

  /**
   * The member's JoinGroup waits for the others (or, with null, does no longer). Returns the one that waited
   * before.
   */
  awaitJoin(
    member: ClassicMember,
    waiter: Waiter<JoinGroupResponse> | null,
  ): Waiter<JoinGroupResponse> | null {
    const before = member.joinWaiter;
    if (before) this.#awaitingJoin -= 1;
    if (waiter) this.#awaitingJoin += 1;
    member.joinWaiter = waiter;
    return before;
  }

  get awaitingJoin(): number {
    return this.#awaitingJoin;
  }

  get allJoined(): boolean {
    return this.#awaitingJoin === this.members.size && this.pendingMembers.size === 0;
  }

  staticMember(groupInstanceId: string): ClassicMember | undefined {
    const memberId = this.#staticMembers.get(groupInstanceId);
    return memberId === undefined ? undefined : this.members.get(memberId);
  }

  /** Why this id may not act as a member; null when it may. */
  refuses(memberId: string, groupInstanceId: string | null): ErrorName | null {
    if (groupInstanceId !== null) {
      const known = this.#staticMembers.get(groupInstanceId);
      if (known === undefined) return 'UNKNOWN_MEMBER_ID';
      if (known !== memberId) return 'FENCED_INSTANCE_ID';
    }
    return this.members.has(memberId) ? null : 'UNKNOWN_MEMBER_ID';
  }

  /** The time the slowest member asked for to finish its work and join again. */
  get rebalanceTimeoutMs(): number {
    let longest = 0;
    for (const member of this.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs);
    return longest;
  }

  /** Whether a member with these protocols has one in common with all others. */
  supports(protocolType: string, protocols: readonly MemberProtocol[]): boolean {
    if (this.#state === 'Empty') return protocolType !== '' && protocols.length > 0;
    if (this.protocolType !== protocolType) return false;
    return this.#offers.first(protocols, this.members.size) !== undefined;
  }

  /**
   * Each member votes for its favourite among the protocols that all offer; the first with most votes wins.
   */
  selectProtocol(): string | null {
    const votes = new Map<string, number>();
    for (const member of this.members.values()) {
      const favourite = this.#offers.first(member.protocols, this.members.size);
      if (favourite) votes.set(favourite.name, (votes.get(favourite.name) ?? 0) + 1);
    }
    let winner: string | null = null;
    for (const [name, count] of votes) if (winner === null || count > (votes.get(winner) ?? 0)) winner = name;
    return winner;
  }

  /** The leader, or when it did not come back, the first member that did. False when nobody did. */
  electJoinedLeader(): boolean {
    const leader = this.leader === null ? undefined : this.members.get(this.leader);
    if (leader?.joinWaiter) return true;
    for (const member of this.members.values()) {
      if (!member.joinWaiter) continue;
      this.leader = member.memberId;
      return true;
    }
    return false;
  }

  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  /** Whether a member may still need the committed offsets of this topic; in doubt, yes. */
  isSubscribedTo(topic: string): boolean {
    return this.#subscribedTopics?.has(topic) ?? this.usesConsumerProtocol;
  }

  /** False when members say things that are not the consumer protocol's. */
  get knowsSubscriptions(): boolean {
    return this.#subscribedTopics !== null;
  }

  refusesCommit(committer: Committer, commit: CommitRequest): ErrorName | null {
    return refusesClassicCommit(this, committer, commit);
  }

  refusesFetch(_reader: OffsetReader): ErrorName | null {
    return null;
  }

  /** Only consumers say which topics they use; of others, nothing can be forgotten while they work. */
  refusesOffsetDelete(): ErrorName | null {
    return this.#state !== 'Empty' && !this.usesConsumerProtocol ? 'NON_EMPTY_GROUP' : null;
  }

  retentionStart(): ((offset: CommittedOffset) => number) | null {
    return classicRetentionStart(this);
  }

  tombstones(): GroupRecord[] {
    return [groupTombstone(this.groupId)];
  }

  #replayMember(recorded: GroupMetadataValue['members'][number], protocol: string | null): void {
    // Copies: what a log was loaded from is not kept for the few bytes that count.
    const assignment = ownCopy(recorded.assignment);
    const { sessionTimeout } = recorded;
    const rebalanceTimeout = recorded.rebalanceTimeout === -1 ? sessionTimeout : recorded.rebalanceTimeout;
    const known = this.members.get(recorded.memberId);
    // The coordinator that decided this knows more than the record: all that the member offers, and who
    // waits.
    if (known && metadataFor(known, protocol).equals(recorded.subscription)) {
      known.assignment = assignment;
      known.sessionTimeoutMs = sessionTimeout;
      known.rebalanceTimeoutMs = rebalanceTimeout;
      return;
    }
    if (known) this.remove(known.memberId);
    this.#insert({
      memberId: recorded.memberId,
      groupInstanceId: recorded.groupInstanceId,
      clientId: recorded.clientId,
      clientHost: recorded.clientHost,
      rebalanceTimeoutMs: rebalanceTimeout,
      sessionTimeoutMs: sessionTimeout,
      protocols: [{ name: protocol ?? '', metadata: ownCopy(recorded.subscription) }],
      assignment,
      isNew: false,
      joinWaiter: null,
      syncWaiter: null,
    });
  }

  #transition(state: ClassicGroupState, now: number): void {
    this.#state = state;
    this.stateTimestamp = now;
  }

  #insert(member: ClassicMember): void {
    this.members.set(member.memberId, member);
    this.#offers.add(member.protocols);
    if (member.joinWaiter) this.#awaitingJoin += 1;
    if (member.groupInstanceId !== null) this.#staticMembers.set(member.groupInstanceId, member.memberId);
  }

  #subscriptions(): ReadonlySet<string> | null {
    if (!this.usesConsumerProtocol) return null;
    return allSubscribedTopics([...this.members.values()], this.protocol);
  }
}
