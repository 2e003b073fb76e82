import { assert } from '../base/assert.ts';
import { crashOnProgrammerError, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { ImageDelta } from '../metadata/delta.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { CommitQueue } from './commit-queue.ts';
import {
  type CoordinatorLog,
  type CoordinatorLogEntry,
  CoordinatorLogError,
  type TransactionMarker,
} from './coordinator-log.ts';
import { CoordinatorTimer } from './coordinator-timer.ts';
import { type CoordinatorDecision, LATER } from './decision.ts';
import type { CoordinatorKind, CoordinatorShard } from './shard.ts';
import { type Failable, Waiter } from './waiter.ts';

/**
 * A log that cannot be read is read again after this long: long enough not to fill the disk with complaints.
 */
const RELOAD_DELAY_MS = 5000;

/**
 * One partition between an election and the resignation after it. Owns the shard: loads it, runs commands
 * against it, and throws it away and loads it again when the log lost what the shard believes.
 */
export class HostedPartition<Shard extends CoordinatorShard<Record>, Record> {
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly #world: World;
  readonly #kind: CoordinatorKind<Shard, Record>;
  readonly log: CoordinatorLog;
  readonly #image: () => ClusterImage;
  readonly #queue: CommitQueue;
  readonly #effects: CommitQueue;
  /** Every request that has come and has no answer yet, whichever decision will answer it. */
  readonly #open = new Set<Failable>();
  #state: State<Shard, Record> = { name: 'resigned' };
  /** End of the log as this shard knows it; answers wait until all below is committed. */
  #endOffset = 0;

  constructor(
    world: World,
    kind: CoordinatorKind<Shard, Record>,
    options: {
      readonly partition: number;
      readonly leaderEpoch: number;
      readonly log: CoordinatorLog;
      readonly image: () => ClusterImage;
      readonly commitTimeoutMs: number;
    },
  ) {
    this.#world = world;
    this.#kind = kind;
    this.partition = options.partition;
    this.leaderEpoch = options.leaderEpoch;
    this.log = options.log;
    this.#image = options.image;
    this.#queue = new CommitQueue(world.clock, options.commitTimeoutMs);
    this.#effects = new CommitQueue(world.clock, Number.POSITIVE_INFINITY);
    this.log.onCommitted(() => {
      this.#queue.committed(this.log.committedOffset);
      this.#effects.committed(this.log.committedOffset);
    });
    this.log.onFailed((error) => {
      if (this.#state.name === 'resigned') return;
      this.#world.log.warn(`${kind.name} coordinator partition lost records, loading again`, {
        partition: this.partition,
        error: error.error,
      });
      this.#discard(responseError(error.error));
      this.load();
    });
  }

  load(): void {
    const timer = new CoordinatorTimer<Record>(this.#world.clock, (decide) =>
      this.#decide(decide, undefined),
    );
    const shard = this.#kind.createShard(this.partition, timer, this.#image);
    const loading = { name: 'loading' } as const;
    this.#state = loading;
    this.#endOffset = 0;
    const loaded = this.log
      .load((entry) => {
        if (this.#state === loading) this.#replay(shard, entry);
      })
      .then(
        () => {
          if (this.#state !== loading) return;
          this.#state = { name: 'active', shard, timer };
          shard.onLoaded();
        },
        (cause: unknown) => {
          if (this.#state !== loading || crashOnProgrammerError(this.#world, cause)) return;
          this.#world.log.error(`${this.#kind.name} coordinator partition cannot be loaded`, {
            partition: this.partition,
            cause,
          });
          const retry = this.#world.clock.after(RELOAD_DELAY_MS, () => this.load());
          this.#state = { name: 'failed', cancel: () => retry.cancel() };
        },
      );
    supervise(this.#world, loaded);
  }

  /** A shard that is still being loaded asks for the image when it is done. */
  onImage(image: ClusterImage, delta: ImageDelta): void {
    if (this.#state.name === 'active') this.#state.shard.onImage(image, delta);
  }

  get active(): boolean {
    return this.#state.name === 'active';
  }

  /** Ends it for good; requests that wait are answered NOT_COORDINATOR. */
  resign(): void {
    this.#discard('NOT_COORDINATOR');
  }

  run<Answer>(
    decide: (shard: Shard, waiter: Waiter<Answer>) => CoordinatorDecision<Record, Answer>,
    failed: (error: ErrorName) => Answer,
  ): Promise<Answer> {
    return new Promise((resolve) => {
      const state = this.#state;
      if (state.name === 'loading') return resolve(failed('COORDINATOR_LOAD_IN_PROGRESS'));
      if (state.name !== 'active') return resolve(failed('NOT_COORDINATOR'));
      const waiter = new Waiter<Answer>((answer) => {
        this.#open.delete(waiter);
        resolve(answer);
      }, failed);
      this.#open.add(waiter);
      this.#decide(() => decide(state.shard, waiter), waiter);
    });
  }

  /** Appends a transaction's end and makes it count, once; the answer is null, or why it did not happen. */
  complete(marker: TransactionMarker): Promise<ErrorName | null> {
    return this.run<ErrorName | null>(
      (shard) => {
        let endOffset: number | null;
        try {
          endOffset = this.log.appendMarker(marker);
        } catch (cause) {
          if (!(cause instanceof CoordinatorLogError)) throw cause;
          return { records: [], answer: responseError(cause.error), replies: [] };
        }
        if (endOffset !== null) {
          assert(endOffset > this.#endOffset, 'a marker lies behind all that was replayed');
          this.#endOffset = endOffset;
          shard.replayMarker(marker, marker.committed);
        }
        return { records: [], answer: null, replies: [] };
      },
      (error) => error,
    );
  }

  /**
   * False when its records were refused and nothing of it happened; the shard may be gone when it is true.
   */
  #decide<Answer>(
    decide: () => CoordinatorDecision<Record, Answer>,
    waiter: Waiter<Answer> | undefined,
  ): boolean {
    let decision = decide();
    if (decision.records.length > 0) {
      const refusal = this.#append(decision);
      if (refusal === 'discarded') return true;
      if (refusal) {
        for (const { waiter } of decision.replies) waiter.fail(refusal);
        if (!decision.refused) {
          waiter?.fail(refusal);
          return false;
        }
        decision = decision.refused(refusal);
        if (decision.records.length > 0 && this.#append(decision)) {
          // The mending decision was refused too; nothing smaller is left to try.
          this.#discard(refusal);
          this.load();
          return true;
        }
      }
    }
    decision.taken?.();
    this.#answerAtCommit(decision, waiter);
    return true;
  }

  /** Appends and replays. Otherwise says why the log took nothing, or that the shard is gone. */
  #append(decision: CoordinatorDecision<Record, unknown>): ErrorName | 'discarded' | null {
    const { records, transaction } = decision;
    const state = this.#state;
    if (state.name !== 'active') return 'discarded';
    const endBefore = this.#endOffset;
    try {
      this.#endOffset = this.log.append(
        records.map((record) => this.#kind.encode(record)),
        transaction,
      );
    } catch (cause) {
      if (!(cause instanceof CoordinatorLogError)) throw cause;
      const error = responseError(cause.error);
      if (error !== 'NOT_COORDINATOR') return error;
      this.#discard(error);
      this.load();
      return 'discarded';
    }
    const base = this.#endOffset - records.length;
    assert(base >= endBefore, 'what a coordinator appends lies behind all that it has replayed');
    for (const [i, record] of records.entries()) {
      state.shard.replay(record, { offset: base + i, transaction });
    }
    return null;
  }

  #answerAtCommit<Answer>(
    { answer, replies, committed: effect }: CoordinatorDecision<Record, Answer>,
    waiter: Waiter<Answer> | undefined,
  ): void {
    const committed = () => {
      if (answer !== LATER) waiter?.settle(answer);
      for (const reply of replies) reply.deliver();
    };
    if (this.#queue.empty && this.#effects.empty && this.log.committedOffset >= this.#endOffset) {
      committed();
      effect?.();
      return;
    }
    if (effect) this.#effects.add(this.#endOffset, { committed: effect, timedOut: () => {} });
    if (replies.length === 0 && (!waiter || answer === LATER)) return;
    this.#queue.add(this.#endOffset, {
      committed,
      timedOut: () => {
        if (answer !== LATER) waiter?.fail('REQUEST_TIMED_OUT');
        for (const { waiter } of replies) waiter.fail('REQUEST_TIMED_OUT');
      },
    });
  }

  #replay(shard: Shard, entry: CoordinatorLogEntry): void {
    assert(entry.offset >= this.#endOffset, 'a coordinator replays its log in order');
    this.#endOffset = entry.offset + 1;
    if (entry.marker) {
      shard.replayMarker(entry.marker, entry.marker.committed);
      return;
    }
    const record = this.#kind.decode(entry.key, entry.value);
    if (record !== null) shard.replay(record, { offset: entry.offset, transaction: entry.transaction });
  }

  #discard(error: ErrorName): void {
    if (this.#state.name === 'active') {
      this.#state.timer.cancelAll();
      this.#state.shard.onUnloaded();
    }
    if (this.#state.name === 'failed') this.#state.cancel();
    this.#state = { name: 'resigned' };
    this.#queue.clear();
    this.#effects.clear();
    for (const waiter of [...this.#open]) waiter.fail(error);
  }
}

type State<Shard, Record> =
  | { readonly name: 'loading' }
  | { readonly name: 'active'; readonly shard: Shard; readonly timer: CoordinatorTimer<Record> }
  | { readonly name: 'failed'; cancel(): void }
  | { readonly name: 'resigned' };

/** How Kafka tells a coordinator's client that an append failed. */
function responseError(error: ErrorName): ErrorName {
  switch (error) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'NOT_ENOUGH_REPLICAS':
    case 'NOT_ENOUGH_REPLICAS_AFTER_APPEND':
    case 'REQUEST_TIMED_OUT':
      return 'COORDINATOR_NOT_AVAILABLE';
    case 'NOT_LEADER_OR_FOLLOWER':
    case 'KAFKA_STORAGE_ERROR':
      return 'NOT_COORDINATOR';
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return 'UNKNOWN_SERVER_ERROR';
    default:
      return error;
  }
}
