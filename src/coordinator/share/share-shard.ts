import type { Clock } from '../../base/clock.ts';
import type { ImageDelta } from '../../metadata/delta.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { CoordinatorTimer } from '../coordinator-timer.ts';
import { answer, type CoordinatorDecision } from '../decision.ts';
import type { CoordinatorShard, RecordPosition } from '../shard.ts';
import type { ShareSnapshotValue, ShareStateRecord, StateBatch } from './records.ts';
import type { ShareCoordinatorConfig } from './share-coordinator-config.ts';
import type { ShareKey } from './share-key.ts';
import { ShareStates, updated } from './share-states.ts';

type ShareDecision<Answer> = CoordinatorDecision<ShareStateRecord, Answer>;
type Outcome<Answer> = Answer | { readonly error: ErrorName; readonly message?: string };

/** What the leader of a partition has kept. */
export interface StateWrite {
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  /** -1: as it was. */
  readonly startOffset: number;
  readonly deliveryCompleteCount: number;
  readonly stateBatches: readonly StateBatch[];
}

/** Records in one decision, which is one batch of the log. */
const MAX_RECORDS = 500;

/**
 * State batches in them, of about 20 bytes each: with the last snapshot they stay below 1 MB, which is what a
 * log takes by default.
 */
const MAX_STATE_BATCHES = 20_000;

/** The leader epoch of a share partition that no leader has read since it was initialized. */
const NOT_READ = -1;

/** A share group that has not begun to read a partition. */
export const UNINITIALIZED = { startOffset: -1, stateEpoch: 0, leaderEpoch: 0, deliveryCompleteCount: -1 };

/** What share groups did in the partitions that hash to one partition of `__share_group_state` (KIP-932). */
export class ShareShard implements CoordinatorShard<ShareStateRecord> {
  readonly #clock: Clock;
  readonly #config: ShareCoordinatorConfig;
  readonly #timer: CoordinatorTimer<ShareStateRecord>;
  readonly #image: () => ClusterImage;
  readonly #pruned: (before: number) => void;
  readonly #states = new ShareStates();

  constructor(
    clock: Clock,
    options: {
      readonly config: ShareCoordinatorConfig;
      readonly timer: CoordinatorTimer<ShareStateRecord>;
      readonly image: () => ClusterImage;
      /** Nothing that lies in the log before this offset is needed any more. */
      readonly pruned: (before: number) => void;
    },
  ) {
    this.#clock = clock;
    this.#config = options.config;
    this.#timer = options.timer;
    this.#image = options.image;
    this.#pruned = options.pruned;
  }

  replay(record: ShareStateRecord, { offset }: RecordPosition): void {
    this.#states.replay(record, offset);
  }

  replayMarker(): void {}

  onLoaded(): void {
    this.#schedulePrune();
    // Topics may have gone while nobody led this partition.
    this.#scheduleForget();
  }

  onImage(_image: ClusterImage, { topics }: ImageDelta): void {
    if (topics && topics.deleted.size > 0) this.#scheduleForget();
  }

  onUnloaded(): void {}

  initialize(
    key: ShareKey,
    { stateEpoch, startOffset }: { readonly stateEpoch: number; readonly startOffset: number },
  ): ShareDecision<Outcome<null>> {
    const known = this.#states.find(key)?.value;
    if (known && stateEpoch !== -1 && known.stateEpoch > stateEpoch)
      return answer({ error: 'FENCED_STATE_EPOCH' });
    if (!this.#exists(key)) return answer({ error: 'UNKNOWN_TOPIC_OR_PARTITION' });
    // A request that came late, or again, whichever epoch it is of: the group may have begun to read since.
    if (known && startOffset === -1 && (known.startOffset !== -1 || known.stateEpoch === stateEpoch))
      return answer(null);
    const now = this.#clock.now();
    const value = {
      snapshotEpoch: known ? known.snapshotEpoch + 1 : 0,
      stateEpoch,
      leaderEpoch: NOT_READ,
      startOffset,
      deliveryCompleteCount: startOffset === -1 ? -1 : 0,
      createTimestamp: now,
      writeTimestamp: now,
      stateBatches: [],
    };
    return { ...answer(null), records: [{ type: 'ShareSnapshot', key, value }] };
  }

  /** The leader of the partition takes over; from then on, leaders before it are fenced. */
  read(key: ShareKey, leaderEpoch: number): ShareDecision<Outcome<ShareSnapshotValue>> {
    const known = this.#states.find(key)?.value;
    if (!known)
      return answer({
        error: 'INVALID_REQUEST',
        message: 'Read operation on uninitialized share partition not allowed.',
      });
    if (known.leaderEpoch > leaderEpoch) return answer({ error: 'FENCED_LEADER_EPOCH' });
    if (!this.#exists(key)) return answer({ error: 'UNKNOWN_TOPIC_OR_PARTITION' });
    if (leaderEpoch === -1 || leaderEpoch === known.leaderEpoch) return answer(known);
    return {
      ...answer(known),
      records: [this.#record(key, { ...known, leaderEpoch, stateBatches: [] })],
    };
  }

  write(key: ShareKey, write: StateWrite): ShareDecision<Outcome<null>> {
    const known = this.#states.find(key)?.value;
    if (!known)
      return answer({
        error: 'INVALID_REQUEST',
        message: 'Write operation on uninitialized share partition not allowed.',
      });
    if (write.leaderEpoch !== -1 && known.leaderEpoch > write.leaderEpoch)
      return answer({ error: 'FENCED_LEADER_EPOCH' });
    // A deleted group of the same name may have had greater epochs than this one, or the same. A leader reads
    // before it writes: where none has read yet, the write is for the deleted group.
    const isOfEarlierGroup = write.leaderEpoch !== -1 && known.leaderEpoch === NOT_READ;
    if (isOfEarlierGroup || (write.stateEpoch !== -1 && known.stateEpoch !== write.stateEpoch))
      return answer({ error: 'FENCED_STATE_EPOCH' });
    if (!this.#exists(key)) return answer({ error: 'UNKNOWN_TOPIC_OR_PARTITION' });
    return { ...answer(null), records: [this.#record(key, { ...write, leaderEpoch: known.leaderEpoch })] };
  }

  summary(
    key: ShareKey,
  ): ShareDecision<
    Outcome<Pick<ShareSnapshotValue, 'startOffset' | 'stateEpoch' | 'leaderEpoch' | 'deliveryCompleteCount'>>
  > {
    if (!this.#exists(key)) return answer({ error: 'UNKNOWN_TOPIC_OR_PARTITION' });
    const known = this.#states.find(key)?.value ?? UNINITIALIZED;
    // What no leader has read is shown as by Apache Kafka.
    const leaderEpoch = known.leaderEpoch === NOT_READ ? UNINITIALIZED.leaderEpoch : known.leaderEpoch;
    return answer({ ...known, leaderEpoch });
  }

  /** Deleting what is not there is no error. */
  delete(key: ShareKey): ShareDecision<Outcome<null>> {
    if (!this.#exists(key)) return answer({ error: 'UNKNOWN_TOPIC_OR_PARTITION' });
    return { ...answer(null), records: this.#states.find(key) ? [tombstone(key)] : [] };
  }

  /** An update, and after so many of them a snapshot. */
  #record(key: ShareKey, write: Omit<StateWrite, 'stateEpoch'>): ShareStateRecord {
    const { startOffset, leaderEpoch, deliveryCompleteCount, stateBatches } = write;
    const known = this.#states.find(key);
    const change = { startOffset, leaderEpoch, deliveryCompleteCount, stateBatches };
    if (!known || known.updates < this.#config.updatesPerSnapshot)
      return {
        type: 'ShareUpdate',
        key,
        value: { snapshotEpoch: known?.value.snapshotEpoch ?? 0, ...change },
      };
    return this.#snapshot(key, updated(known.value, change));
  }

  #snapshot(key: ShareKey, value: ShareSnapshotValue): ShareStateRecord {
    const now = this.#clock.now();
    return {
      type: 'ShareSnapshot',
      key,
      value: {
        ...value,
        snapshotEpoch: value.snapshotEpoch + 1,
        createTimestamp: now,
        writeTimestamp: now,
      },
    };
  }

  #exists({ topicId, partition }: ShareKey): boolean {
    const topic = this.#image().topics.byId(topicId);
    return topic?.partitions[partition] !== undefined;
  }

  #schedulePrune(): void {
    this.#timer.schedule('prune', this.#config.pruneIntervalMs, () => {
      this.#schedulePrune();
      this.#timer.schedule('cold snapshots', 0, () => ({
        ...answer(undefined),
        records: this.#coldSnapshots(),
      }));
      const before = this.#states.neededFrom;
      return { ...answer(undefined), committed: () => this.#pruned(before) };
    });
  }

  /** A partition whose snapshot is old keeps all that came after it in the log, so it gets another one. */
  #coldSnapshots(): ShareStateRecord[] {
    const now = this.#clock.now();
    const { neededFrom, size } = this.#states;
    const records: ShareStateRecord[] = [];
    let batches = 0;
    for (const { key, value, snapshotOffset } of this.#states.all()) {
      if (records.length === MAX_RECORDS || batches >= MAX_STATE_BATCHES) break;
      if (now - value.writeTimestamp < this.#config.coldSnapshotIntervalMs) continue;
      // Where every partition has nothing but its snapshot, there is nothing to be gained.
      if (snapshotOffset >= neededFrom + size || this.#states.endOffset <= neededFrom + 2 * size) continue;
      records.push(this.#snapshot(key, value));
      batches += value.stateBatches.length;
    }
    return records;
  }

  #scheduleForget(): void {
    this.#timer.schedule('forget', 0, () => {
      const topics = this.#image().topics;
      const records: ShareStateRecord[] = [];
      for (const { key } of this.#states.all()) {
        if (topics.byId(key.topicId)) continue;
        records.push(tombstone(key));
        if (records.length === MAX_RECORDS) break;
      }
      const taken = () => {
        if (records.length === MAX_RECORDS) this.#scheduleForget();
      };
      return { ...answer(undefined), records, taken };
    });
  }
}

function tombstone(key: ShareKey): ShareStateRecord {
  return { type: 'ShareSnapshot', key, value: null };
}
