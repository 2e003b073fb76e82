import { supervise } from '../../base/programmer-error.ts';
import { partitionKey, type TopicPartition } from '../../base/topic-partition.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import type { CommittedOffset, GroupPosition } from '../group-offsets.ts';
import { KafkaClientError } from '../kafka-client-error.ts';
import { EARLIEST, LATEST, lookUpOffsets } from '../offset-lookup.ts';
import { retried, retryBackoffMs } from '../retried.ts';
import { commitOffsets, committedOffsets } from './committed-offsets.ts';
import type { ConsumedRecord, ConsumerOptions } from './consumer-options.ts';
import { Fetcher } from './fetcher.ts';
import { GroupMember } from './group-member.ts';
import { PartitionReader } from './partition-reader.ts';

const POLL_RECORDS = 500;
/** A topic that was just made may be unknown to a broker for a moment. */
const UNKNOWN_TOPIC_MS = 5000;

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
  readonly #readers = new Map<string, PartitionReader>();
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
    this.#fetcher = new Fetcher(cluster, options, this.#readers, lane, () => this.#wake());
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
    for (const reader of this.#readers.values()) reader.end();
    this.#readers.clear();
    for (const one of partitions) this.#add(one, one.offset ?? null);
    this.#fetcher.wake();
  }

  /** Becomes a member of the group at the next `poll`. Once for a consumer. */
  subscribe(topics: readonly string[], listener: RebalanceListener = {}): void {
    const { groupId } = this.#options;
    if (groupId === undefined)
      throw new KafkaClientError('WRONG_STATE', 'to subscribe, a consumer needs a groupId');
    if (this.#member || this.#readers.size > 0)
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
    return [...this.#readers.values()].map(({ target }) => target);
  }

  /** For `Producer.commitOffsets`: who commits. */
  get group(): GroupPosition {
    const { groupId } = this.#options;
    if (groupId === undefined) throw new KafkaClientError('WRONG_STATE', 'the consumer has no groupId');
    return this.#member?.position ?? { groupId };
  }

  /** Of the next record that `poll` returns; null while that is not known. */
  position(partition: TopicPartition): number | null {
    return this.#reader(partition).position;
  }

  /** How many records the partition has after the position; null before the first answer of its leader. */
  lag(partition: TopicPartition): number | null {
    const { highWatermark, position } = this.#reader(partition);
    return highWatermark === null || position === null ? null : Math.max(0, highWatermark - position);
  }

  seek(partition: TopicPartition, offset: number): void {
    this.#reader(partition).seek(offset);
    this.#fetcher.wake();
  }

  /** Paused partitions keep their place, and their share of the group. */
  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#reader(partition).isPaused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#reader(partition).isPaused = false;
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
      // What had no record for the application, as an aborted transaction has none, was handed out to nobody.
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
    return [...this.#readers.values()].flatMap(({ target, position, positionEpoch }) =>
      position === null ? [] : [{ ...target, offset: position, leaderEpoch: positionEpoch }],
    );
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
    const failure = this.#failure ?? this.#member?.failure;
    this.#failure = null;
    if (failure) throw failure;
    for (const reader of this.#readers.values()) {
      const { failure: own } = reader;
      if (!own) continue;
      reader.failure = null;
      throw own;
    }
  }

  /** Begins what has to be done before records can come, unless something is under way. */
  #work(): void {
    if (this.#isWorking) return;
    const member = this.#member;
    const homeless = [...this.#readers.values()].filter(({ position }) => position === null);
    if (!member?.needsJoin && homeless.length === 0) return;
    this.#isWorking = true;
    const work = member?.needsJoin ? this.#rejoin(member) : this.#locate(homeless);
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
    const added = assigned.filter((partition) => !this.#readers.has(partitionKey(partition)));
    for (const partition of added) this.#add(partition, null);
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
    const dropped = partitions.map((partition) => this.#reader(partition));
    // Nothing of them is handed out while the application settles what it has.
    for (const reader of dropped) reader.isPaused = true;
    try {
      await this.#listener[why]?.(partitions);
    } finally {
      for (const reader of dropped) {
        reader.end();
        this.#readers.delete(partitionKey(reader.target));
      }
    }
  }

  /** Where to begin: where the group is, or by `offsetReset`. */
  async #locate(readers: readonly PartitionReader[]): Promise<void> {
    const { groupId, offsetReset = 'latest', isolation = 'read_committed' } = this.#options;
    const { view, world } = this.#cluster;
    for (const topic of new Set(readers.map(({ target }) => target.topic)))
      await retried(world, UNKNOWN_TOPIC_MS, () => view.topic(topic));
    const eras = new Map(readers.map((reader) => [reader, reader.era]));
    const place = (reader: PartitionReader, offset: number, epoch: number): void => {
      if (reader.era === eras.get(reader)) reader.seek(offset, epoch);
    };
    const fresh = readers.filter(({ wasLocated }) => !wasLocated).map(({ target }) => target);
    const committed = new Map(
      groupId === undefined || fresh.length === 0
        ? []
        : (await committedOffsets(this.#cluster, groupId, fresh)).map((one) => [partitionKey(one), one]),
    );
    const open = readers.filter((reader) => {
      const found = committed.get(partitionKey(reader.target));
      if (found) place(reader, found.offset, found.leaderEpoch ?? -1);
      return !found;
    });
    if (open.length === 0) return;
    if (offsetReset === 'none') {
      const names = open.map(({ target }) => `${target.topic}-${target.partition}`).join(', ');
      throw new KafkaClientError(
        'NO_OFFSET',
        `no offset is committed for ${names}, and offsetReset is none: seek to one`,
      );
    }
    const timestamp = offsetReset === 'earliest' ? EARLIEST : LATEST;
    const found = await lookUpOffsets(
      this.#cluster,
      open.map(({ target }) => ({ ...target, timestamp })),
      isolation,
    );
    for (const reader of open) place(reader, found.get(partitionKey(reader.target))?.offset ?? 0, -1);
  }

  #add(partition: TopicPartition, offset: number | null): void {
    const target = { topic: partition.topic, partition: partition.partition };
    const reader = new PartitionReader(target);
    if (offset !== null) reader.seek(offset);
    this.#readers.set(partitionKey(target), reader);
  }

  #reader(partition: TopicPartition): PartitionReader {
    const reader = this.#readers.get(partitionKey(partition));
    if (reader) return reader;
    const { topic, partition: number } = partition;
    throw new KafkaClientError('WRONG_STATE', `${topic}-${number} is not assigned to this consumer`);
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
