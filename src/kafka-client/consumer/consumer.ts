import { supervise } from '../../base/programmer-error.ts';
import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { CommittedOffset, GroupPosition } from '../group-offsets.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import { retryBackoffMs } from '../retried.ts';
import { AssignedPartitions } from './assigned-partitions.ts';
import { commitOffsets } from './committed-offsets.ts';
import type { ConsumedRecord, ConsumerOptions } from './consumer-options.ts';
import { Fetcher } from './fetcher.ts';
import { findFirstPositions } from './first-positions.ts';
import { GroupMember } from './group-member.ts';

const POLL_RECORDS = 500;
/**
 * What a member is told within `poll`, before it goes on. Offsets can still be committed while `revoked`
 * runs, not in `lost`.
 */
export interface RebalanceListener {
  assigned?(partitions: readonly TopicPartition[]): Promise<void> | void;
  revoked?(partitions: readonly TopicPartition[]): Promise<void> | void;
  lost?(partitions: readonly TopicPartition[]): Promise<void> | void;
}

/**
 * Reads partitions that it is given (`assign`), or its share of topics as a member of a group (`subscribe`).
 * Records come from `poll`; what is not polled is not fetched. Everything rejects with a KafkaClientError.
 */
export class Consumer {
  readonly #cluster: ClusterBrokers;
  readonly #options: ConsumerOptions;
  readonly #assigned = new AssignedPartitions();
  readonly #fetcher: Fetcher;
  readonly #lane: string;
  #member: GroupMember | null = null;
  #listener: RebalanceListener = {};
  /** One at a time: joining the group, or finding out where to begin. */
  #isWorking = false;
  #failure: unknown = null;
  #attempts = 0;
  #wakers: (() => void)[] = [];
  #isClosed = false;

  constructor(cluster: ClusterBrokers, options: ConsumerOptions, lane: string) {
    this.#cluster = cluster;
    this.#options = options;
    this.#lane = lane;
    this.#fetcher = new Fetcher(cluster, options, this.#assigned.byKey, lane, () => this.#wake());
  }

  /**
   * Reads these partitions and no others. Without an offset it begins where the group is, or by
   * `offsetReset`.
   */
  assign(partitions: readonly (TopicPartition & { readonly offset?: number })[]): void {
    if (this.#member)
      throw new KafkaClientError(
        'WRONG_STATE',
        'a consumer that has subscribed gets its partitions from the group',
      );
    for (const reader of this.#assigned.readers) this.#assigned.end(reader);
    for (const one of partitions) this.#assigned.add(one, one.offset ?? null);
    this.#fetcher.wake();
  }

  /** Becomes a member of the group at the next `poll`. Once for a consumer. */
  subscribe(topics: readonly string[], listener: RebalanceListener = {}): void {
    const { groupId } = this.#options;
    if (groupId === undefined)
      throw new KafkaClientError('WRONG_STATE', 'to subscribe, a consumer needs a groupId');
    if (this.#member || this.#assigned.byKey.size > 0)
      throw new KafkaClientError('WRONG_STATE', 'the consumer has its partitions already');
    this.#listener = listener;
    this.#member = new GroupMember(
      this.#cluster,
      { ...this.#options, groupId },
      topics,
      `${this.#lane} group`,
      () => this.#wake(),
    );
  }

  /** Other topics than those that it subscribed to: it joins the group again. */
  changeTopics(topics: readonly string[]): void {
    if (!this.#member) throw new KafkaClientError('WRONG_STATE', 'the consumer has not subscribed');
    this.#member.subscribe(topics);
  }

  get assignment(): readonly TopicPartition[] {
    return this.#assigned.partitions;
  }

  /** For `Producer.commitOffsets`: who commits. */
  get group(): GroupPosition {
    const { groupId } = this.#options;
    if (groupId === undefined) throw new KafkaClientError('WRONG_STATE', 'the consumer has no groupId');
    return this.#member?.position ?? { groupId };
  }

  /** The offset of the next record that `poll` returns; null while it is not known. */
  position(partition: TopicPartition): number | null {
    return this.#assigned.reader(partition).position;
  }

  /** How many records the partition has after the position; null before the first answer of its leader. */
  lag(partition: TopicPartition): number | null {
    const { highWatermark, position } = this.#assigned.reader(partition);
    return highWatermark === null || position === null ? null : Math.max(0, highWatermark - position);
  }

  seek(partition: TopicPartition, offset: number): void {
    this.#assigned.reader(partition).seek(offset);
    this.#fetcher.wake();
  }

  /** Paused partitions keep their place, and their share of the group. */
  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#assigned.reader(partition).isPaused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#assigned.reader(partition).isPaused = false;
    this.#fetcher.wake();
    this.#wake();
  }

  /**
   * The next records, in order for each partition: as soon as there are any, at most `pollRecords`; none when
   * `timeoutMs` is over or the consumer was closed. Rebalances happen within it. Rejects when something has
   * to be decided: a partition without an offset, damaged records, a missing right, a fenced member.
   */
  async poll(timeoutMs: number): Promise<ConsumedRecord[]> {
    const { clock } = this.#cluster.world;
    const deadline = clock.monotonic() + timeoutMs;
    for (;;) {
      if (this.#isClosed) return [];
      this.#member?.polled();
      this.#throwFailure();
      this.#work();
      this.#fetcher.settle();
      const records = this.#take();
      // What has no record for the application, such as an aborted transaction, is settled here: nobody was
      // given it.
      if (records.length === 0) this.#fetcher.settle();
      this.#fetcher.wake();
      if (records.length > 0) return records;
      this.#throwFailure();
      const leftMs = deadline - clock.monotonic();
      if (leftMs <= 0) return [];
      await this.#woken(leftMs);
    }
  }

  /**
   * Stores where the group is: by default after the last records that `poll` returned. Resolves when that is
   * safe.
   */
  async commit(offsets: readonly CommittedOffset[] = this.positions()): Promise<void> {
    const group = this.group;
    try {
      await commitOffsets(this.#cluster, group, offsets);
    } catch (error) {
      if (error instanceof KafkaClientError && this.#member?.isAt(group)) this.#member.commitRefused(error);
      throw error;
    }
  }

  /** How many of the bytes that `bufferBytes` limits are held now. */
  get heldBytes(): number {
    return this.#fetcher.heldBytes;
  }

  /** As `commit` stores them. */
  positions(): CommittedOffset[] {
    return this.#assigned.positions();
  }

  /**
   * Leaves the group. Commits nothing. A `poll` that waits returns nothing. `leaves`: a static member leaves,
   * too, whose partitions others get at once then; without it the group keeps them for it until its session
   * ends.
   */
  async close({ leaves = false }: { readonly leaves?: boolean } = {}): Promise<void> {
    this.#isClosed = true;
    this.#fetcher.stop();
    this.#wake();
    await this.#member?.leave(leaves);
  }

  /** All that was fetched of a partition before the next one: of one at a time a batch is unpacked. */
  #take(): ConsumedRecord[] {
    const max = this.#options.pollRecords ?? POLL_RECORDS;
    const { ready } = this.#fetcher;
    const taken: ConsumedRecord[] = [];
    for (const reader of ready) {
      if (taken.length >= max) break;
      if (!reader.isPaused) for (const record of reader.take(max - taken.length)) taken.push(record);
      if (!reader.hasRecords) ready.delete(reader);
    }
    return taken;
  }

  #throwFailure(): void {
    const failure = this.#failure ?? this.#member?.failure ?? this.#assigned.takeFailure();
    this.#failure = null;
    if (failure) throw failure;
  }

  /** Begins what has to be done before records can come, unless something is under way. */
  #work(): void {
    if (this.#isWorking) return;
    const member = this.#member;
    const homeless = this.#assigned.readers.filter(({ position }) => position === null);
    if (!member?.needsJoin && homeless.length === 0) return;
    this.#isWorking = true;
    const work = member?.needsJoin
      ? this.#rejoin(member)
      : findFirstPositions(this.#cluster, this.#options, homeless);
    const done = (): void => {
      this.#isWorking = false;
      this.#fetcher.wake();
      this.#wake();
    };
    supervise(
      this.#cluster.world,
      work.then(
        () => {
          this.#attempts = 0;
          done();
        },
        (error: unknown) => {
          const isTriedAgain =
            error instanceof KafkaClientError &&
            (error.retriable || (member?.needsJoin === true && member.failure === null));
          if (!isTriedAgain) this.#failure = error;
          this.#attempts++;
          this.#cluster.world.clock.after(retryBackoffMs(this.#cluster.world, this.#attempts), done);
        },
      ),
    );
  }

  async #rejoin(member: GroupMember): Promise<void> {
    if (member.takeLost()) await this.#drop(this.assignment, 'lost');
    else if (!member.isCooperative) await this.#drop(this.assignment, 'revoked');
    const assigned = await member.join(this.assignment);
    const keys = new Set(assigned.map(partitionKey));
    const revoked = this.assignment.filter((partition) => !keys.has(partitionKey(partition)));
    await this.#drop(revoked, 'revoked');
    // KIP-429: what was given up can be assigned in another round.
    if (revoked.length > 0) member.rejoin();
    const added = assigned.filter((partition) => !this.#assigned.has(partition));
    for (const partition of added) this.#assigned.add(partition, null);
    await this.#listener.assigned?.(added);
    await this.#askFor(member.topics);
  }

  /**
   * Throws for a topic that this client may not see: the group has no partitions of it, so nothing else would
   * tell.
   */
  async #askFor(topics: readonly string[]): Promise<void> {
    for (const topic of topics)
      try {
        await this.#cluster.view.topic(topic);
      } catch (error) {
        // It may be made later, or answered for later.
        if (!(error instanceof KafkaClientError && error.retriable)) throw error;
      }
  }

  async #drop(partitions: readonly TopicPartition[], why: 'revoked' | 'lost'): Promise<void> {
    if (partitions.length === 0) return;
    const dropped = partitions.map((partition) => this.#assigned.reader(partition));
    // Nothing of them is handed out while the application settles what it has.
    for (const reader of dropped) reader.isPaused = true;
    try {
      await this.#listener[why]?.(partitions);
    } finally {
      for (const reader of dropped) this.#assigned.end(reader);
    }
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  async #woken(timeoutMs: number): Promise<void> {
    const { clock } = this.#cluster.world;
    await new Promise<void>((done) => {
      const timer = clock.after(timeoutMs, done);
      this.#wakers.push(() => {
        timer.cancel();
        done();
      });
    });
  }
}
