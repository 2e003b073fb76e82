import { ZERO_UUID } from '../../base/brand.ts';
import type { GuardedClock } from '../../base/guarded-clock.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../protocol/messages/08-offset-commit.ts';
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../protocol/messages/28-txn-offset-commit.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../protocol/messages/47-offset-delete.ts';
import type { CoordinatorTimer } from '../coordinator-timer.ts';
import { answer, type CoordinatorDecision } from '../decision.ts';
import type { RecordPosition } from '../shard.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import type { ClientContext } from './client-context.ts';
import { expiredOffsets } from './expiry.ts';
import type { Committer } from './group.ts';
import type { GroupConfig } from './group-config.ts';
import { type OffsetCommitValue, type OffsetKey, offsetTombstone } from './group-record.ts';
import type { Groups } from './groups.ts';
import { commitError, commitOffsets } from './offset-commit.ts';
import { deleteOffsets } from './offset-delete.ts';
import { type FetchedGroup, type FetchGroup, fetchError, fetchOffsets } from './offset-fetch.ts';
import { Offsets } from './offsets.ts';
import type { GroupRecord, GroupRecordOf } from './records.ts';

/** How far a group has come in one partition. */
export interface GroupOffset {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

type GroupDecision<Answer> = CoordinatorDecision<GroupRecord, Answer>;

/** Tombstones in one batch of the log. About 100 bytes each, so a batch stays far below message.max.bytes. */
const MAX_TOMBSTONES = 2000;

/** Of OffsetCommit (KIP-848). */
const MEMBER_EPOCHS_SINCE = 9;

/** What the groups of one shard have committed: the requests about it, its records, and when it expires. */
export class ShardOffsets {
  readonly #guardedClock: GuardedClock;
  readonly #config: GroupConfig;
  readonly #timer: CoordinatorTimer<GroupRecord>;
  readonly #groups: Groups;
  readonly #committed: (group: ClassicGroup, memberId: string) => void;
  readonly #offsets = new Offsets();

  /** `committed` is called with the member of a classic group whose commit is accepted. */
  constructor(options: {
    readonly config: GroupConfig;
    readonly guardedClock: GuardedClock;
    readonly timer: CoordinatorTimer<GroupRecord>;
    readonly groups: Groups;
    readonly committed: (group: ClassicGroup, memberId: string) => void;
  }) {
    this.#config = options.config;
    this.#guardedClock = options.guardedClock;
    this.#timer = options.timer;
    this.#groups = options.groups;
    this.#committed = options.committed;
  }

  replay(record: GroupRecordOf<'LegacyOffsetCommit' | 'OffsetCommit'>, at: RecordPosition): void {
    if (record.type === 'OffsetCommit') this.#replay(record.key, record.value, at);
    else {
      const absent = { leaderEpoch: -1, expireTimestamp: -1, topicId: ZERO_UUID };
      this.#replay(record.key, record.value && { ...record.value, ...absent }, at);
    }
  }

  replayMarker(producerId: number, committed: boolean): void {
    this.#offsets.replayMarker(producerId, committed);
  }

  onLoaded(): void {
    this.#scheduleExpiry(this.#config.offsetsRetentionCheckIntervalMs);
  }

  commit(client: ClientContext, request: OffsetCommitRequest): GroupDecision<OffsetCommitResponse> {
    const group = this.#groups.find(request.groupId);
    const committer = committerOf(request);
    const knowsEpochs = client.apiVersion >= MEMBER_EPOCHS_SINCE;
    const unknownGroup = knowsEpochs ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION';
    const refusal = group
      ? group.refusesCommit(committer, { transactional: false, knowsEpochs, topics: request.topics })
      : refusesFirstCommit(committer, unknownGroup);
    if (refusal) return answer(commitError(request.topics, refusal));
    if (group?.type === 'classic') this.#committed(group, request.memberId);
    const { records, topics } = commitOffsets(request, {
      now: this.#guardedClock.stamp(),
      metadataMaxBytes: this.#config.offsetMetadataMaxBytes,
    });
    return { ...answer({ topics }), records };
  }

  /**
   * Offsets that count when the producer's transaction is committed (KIP-98; fenced by the group since
   * KIP-447).
   */
  commitInTransaction(request: TxnOffsetCommitRequest): GroupDecision<TxnOffsetCommitResponse> {
    const group = this.#groups.find(request.groupId);
    const committer = committerOf(request);
    const refusal = group
      ? group.refusesCommit(committer, { transactional: true, knowsEpochs: true, topics: request.topics })
      : refusesFirstCommit(committer, 'ILLEGAL_GENERATION');
    // No producer knows STALE_MEMBER_EPOCH: Java's takes it for fatal, and ILLEGAL_GENERATION for the end of
    // this transaction alone.
    if (refusal === 'STALE_MEMBER_EPOCH') return answer(commitError(request.topics, 'ILLEGAL_GENERATION'));
    if (refusal) return answer(commitError(request.topics, refusal));
    const { records, topics } = commitOffsets(
      { groupId: request.groupId, topics: request.topics, retentionTimeMs: -1 },
      { now: this.#guardedClock.stamp(), metadataMaxBytes: this.#config.offsetMetadataMaxBytes },
    );
    const { producerId, producerEpoch } = request;
    return { ...answer({ topics }), records, transaction: { producerId, producerEpoch } };
  }

  fetch(request: FetchGroup, requireStable: boolean): GroupDecision<FetchedGroup> {
    const refusal = this.#groups.find(request.groupId)?.refusesFetch(request) ?? null;
    if (refusal) return answer(fetchError(request.groupId, refusal));
    return answer(fetchOffsets(this.#offsets, request, requireStable));
  }

  delete({ groupId, topics }: OffsetDeleteRequest): GroupDecision<OffsetDeleteResponse> {
    const group = this.#groups.find(groupId);
    const refusal = group ? group.refusesOffsetDelete() : 'GROUP_ID_NOT_FOUND';
    if (!group || refusal)
      return answer({ errorCode: errorCode(refusal ?? 'NONE'), topics: [], throttleTimeMs: 0 });
    const decided = deleteOffsets(group, this.#offsets, topics);
    return {
      ...answer({ errorCode: 0, topics: decided.topics, throttleTimeMs: 0 }),
      records: decided.records,
    };
  }

  /** The tombstones of a group's offsets, at most as many as a batch takes; `isAll`: no more are left. */
  tombstones(groupId: string): { readonly records: readonly GroupRecord[]; readonly isAll: boolean } {
    const keys = this.#offsets.keysOf(groupId);
    return {
      records: keys.slice(0, MAX_TOMBSTONES).map(offsetTombstone),
      isAll: keys.length <= MAX_TOMBSTONES,
    };
  }

  /** Forgets offsets of topics that are gone, a batch at a time; answers whether any may be left. */
  forgetTopics(topics: ReadonlySet<string>): GroupDecision<boolean> {
    const records: GroupRecord[] = [];
    for (const group of this.#offsets.groups()) {
      for (const key of this.#offsets.keysOf(group)) {
        if (!topics.has(key.topic)) continue;
        if (records.length === MAX_TOMBSTONES) return { ...answer(true), records };
        records.push(offsetTombstone(key));
      }
    }
    return { ...answer(false), records };
  }

  /**
   * Of every group, with members or without; offsets of transactions that are open are not yet among them.
   */
  all(): GroupOffset[] {
    const all: GroupOffset[] = [];
    for (const group of this.#offsets.groups())
      for (const [topic, partitions] of this.#offsets.committedByTopic(group))
        for (const [partition, { offset }] of partitions)
          all.push({ group, topic, partition, offset: Number(offset) });
    return all;
  }

  #replay(key: OffsetKey, value: OffsetCommitValue | null, at: RecordPosition): void {
    if (value !== null) this.#groups.committed(key.group, value.commitTimestamp);
    this.#offsets.replay(key, value, at);
  }

  #scheduleExpiry(delayMs: number): void {
    this.#timer.schedule('expiry', delayMs, () => {
      const records = this.#expire();
      const more = records.length >= MAX_TOMBSTONES;
      // While the log refuses them, the timer waits between its attempts.
      const taken = () => this.#scheduleExpiry(more ? 0 : this.#config.offsetsRetentionCheckIntervalMs);
      return { ...answer(undefined), records, taken };
    });
  }

  /** Tombstones for offsets nobody needs, and for empty groups that have none left. */
  #expire(): GroupRecord[] {
    const records: GroupRecord[] = [];
    const now = this.#guardedClock.now();
    for (const group of this.#groups.all()) {
      // A share group has no offsets here, and stays until it is deleted.
      if (group.type === 'share') continue;
      if (records.length >= MAX_TOMBSTONES) break;
      const { expired, allExpired } = expiredOffsets(group, this.#offsets, {
        now,
        retentionMs: this.#config.offsetsRetentionMs,
      });
      const room = MAX_TOMBSTONES - records.length;
      for (const key of expired.slice(0, room)) records.push(offsetTombstone(key));
      if (records.length >= MAX_TOMBSTONES) break;
      if (allExpired && group.state === 'Empty' && !this.#offsets.hasTransactions(group.groupId)) {
        records.push(...group.tombstones());
      }
    }
    return records;
  }
}

function committerOf(
  request: Omit<Committer, 'generation'> & { readonly generationIdOrMemberEpoch: number },
): Committer {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: generation } = request;
  return { memberId, groupInstanceId, generation };
}

/** A member of a group that does not exist is refused; anybody else makes a simple group with the commit. */
function refusesFirstCommit({ generation }: Committer, unknownGroup: ErrorName): ErrorName | null {
  return generation < 0 ? null : unknownGroup;
}
