import { assert } from '../base/assert.ts';
import { Backoff } from '../base/backoff.ts';
import type { BrokerId, Offset } from '../base/brand.ts';
import { sleep } from '../base/clock.ts';
import { crashOnProgrammerError, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { KafkaConnection } from '../client/connection.ts';
import { ConnectionError } from '../client/connection-error.ts';
import { PeerConnection } from '../client/peers/peer-connection.ts';
import type { Peers } from '../client/peers/peers.ts';
import type { DecodedResponse, EncodableRequest } from '../protocol/api.ts';
import { type ErrorName, errorName } from '../protocol/errors.ts';
import { fetch } from '../protocol/messages/01-fetch.ts';
import { listOffsets } from '../protocol/messages/02-list-offsets.ts';
import { HEADER_BYTES, readBatchHeader } from '../protocol/records/batch.ts';
import type { FetchLimits } from './fetch-limits.ts';
import { FetchSession } from './fetch-session.ts';
import { awaitsDevice, type FetchPlan, type Followed, FollowedPartitions } from './followed-partitions.ts';
import type { Partition } from './partition.ts';
import type { ReplicationThrottle } from './replication-throttle.ts';

type PartitionResponse = DecodedResponse<typeof fetch>['responses'][number]['partitions'][number];

export interface FetcherOptions {
  readonly brokerId: BrokerId;
  readonly leaderId: BrokerId;
  /** Where the leader listens for replication; null while it is not known. Asked before each connect. */
  readonly leaderAddress: () => { readonly host: string; readonly port: number } | null;
  readonly brokerEpoch: () => number;
  readonly throttle: ReplicationThrottle;
  readonly limits: FetchLimits;
}

/** How soon replicas that a throttle holds back are looked at again. */
const THROTTLED_MS = 50;
/** The first pause after a connection broke or a whole fetch was refused; it grows up to replica.fetch.backoff.ms. */
const RECONNECT_MS = 50;
const CONNECT_TIMEOUT_MS = 2_000;
const EARLIEST = -2;
const LATEST = -1;
const FOLLOWER_API_VERSIONS_MIN = 13;

/**
 * Keeps the replicas filled that follow one other broker: one connection, one Fetch in flight for all of them. What
 * arrives is appended as it is; the next fetch tells the leader what was written here. A log that turns out to end
 * differently than the leader's is cut back to where both agree (KIP-595), before anything is appended to it.
 */
export class ReplicaFetcher {
  readonly #world: World;
  readonly #options: FetcherOptions;
  readonly #followed: FollowedPartitions;
  /** What the last round cut back, until the device knows it. */
  readonly #settling: Promise<void>[] = [];
  /** What was appended and is not on the device yet, each with its end of waiting for that. */
  readonly #flushing = new Map<Partition, () => void>();
  readonly #session = new FetchSession();
  readonly #leader: PeerConnection;
  /** What the session was begun on. */
  #connection: KafkaConnection | undefined;
  #running = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  /** Of the whole fetcher. */
  readonly #backoff: Backoff;

  constructor(peers: Peers, options: FetcherOptions) {
    this.#world = peers.world;
    this.#options = options;
    this.#followed = new FollowedPartitions(options.limits);
    this.#leader = new PeerConnection(peers, {
      node: options.leaderId,
      address: options.leaderAddress,
      clientId: `broker-${options.brokerId}-fetcher-${options.leaderId}`,
      timeoutMs: CONNECT_TIMEOUT_MS,
    });
    this.#backoff = new Backoff({ firstMs: RECONNECT_MS, lastMs: () => options.limits.backoffMs });
  }

  get size(): number {
    return this.#followed.size;
  }

  /**
   * The fetch under way does not name the new partition. The leader ends it as soon as it leads that partition itself, and
   * keeps none of ours for long before it is named (`AwaitedFollowers`).
   */
  follow(partition: Partition): void {
    this.#followed.add(partition);
    this.#wake?.();
    if (this.#running || this.#stopped) return;
    this.#running = true;
    supervise(this.#world, this.#run());
  }

  unfollow(partition: Partition): void {
    this.#followed.remove(partition);
  }

  stop(): void {
    this.#stopped = true;
    this.#followed.clear();
    this.#leader.close();
    this.#wake?.();
  }

  /** Ends when nothing is followed any more. Never rejects. */
  async #run(): Promise<void> {
    while (!this.#stopped && this.#followed.size > 0) {
      try {
        await this.#round();
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        this.#leader.drop();
        if (this.#stopped) break;
        if (!this.#backoff.hasFailed)
          this.#world.log.info('replication from a leader broke off', {
            leader: this.#options.leaderId,
            error,
          });
        await this.#backOff();
      }
    }
    this.#running = false;
    this.#leader.drop();
  }

  async #round(): Promise<void> {
    await Promise.all(this.#settling.splice(0));
    await this.#flushed();
    const connection = await this.#connected();
    if (!connection) return this.#pause(RECONNECT_MS);
    const plan = this.#followed.plan({
      isFull: this.#session.isFull,
      now: this.#world.clock.monotonic(),
      isThrottled: ({ partition, isCaughtUp }) => !isCaughtUp && this.#options.throttle.holdsBack(partition),
    });
    if (this.#followed.size === 0) return;
    const waitMs = this.#waitMs(plan);
    if (plan.readCount === 0) return this.#pause(waitMs);
    this.#followed.sends();
    const response = await connection.send(fetch, this.#request(plan, waitMs), {
      timeoutMs: this.#options.limits.answerTimeoutMs,
    });
    if (this.#stopped) return;
    if (response.errorCode !== 0) {
      this.#session.beginAnew();
      this.#world.log.info('a leader refused a replica fetch', { error: errorName(response.errorCode) });
      return this.#backOff();
    }
    this.#backoff.succeeded();
    this.#session.answered(response.sessionId);
    const taken: { readonly followed: Followed; readonly answer: PartitionResponse }[] = [];
    for (const topic of response.responses) {
      for (const answer of topic.partitions) {
        const followed = this.#followed.answered(topic.topicId, answer.partitionIndex);
        if (!followed) continue;
        const { partition, told } = followed;
        if (await this.#answered(connection, { partition, followed, fetchOffset: told.fetchOffset }, answer))
          taken.push({ followed, answer });
        else this.#followed.askAgain(followed);
      }
    }
    // Everything was copied into the logs.
    const large = response.responses.flatMap(({ partitions }) => partitions).find(({ records }) => records);
    if (large?.records) connection.reuse(large.records);
    // What was appended now is written at the end of this turn; the next fetch speaks of it as this replica's.
    await new Promise<void>((resolve) => this.#world.clock.soon(resolve));
    for (const { followed, answer } of taken) {
      const { partition } = followed;
      partition.followHighWatermark(answer.highWatermark, answer.logStartOffset);
      if (awaitsDevice(partition)) this.#awaitDevice(partition);
    }
  }

  /** No longer than until something that is held back may go on. */
  #waitMs({ isThrottled, resumesAt }: FetchPlan): number {
    const waitMs = isThrottled ? THROTTLED_MS : this.#options.limits.waitMaxMs;
    return Math.max(1, Math.min(waitMs, Math.ceil(resumesAt - this.#world.clock.monotonic())));
  }

  #request(plan: FetchPlan, maxWaitMs: number): EncodableRequest<typeof fetch> {
    return {
      replicaState: { replicaId: this.#options.brokerId, replicaEpoch: this.#options.brokerEpoch() },
      maxWaitMs,
      minBytes: this.#options.limits.minBytes,
      maxBytes: this.#options.limits.responseBytesMax,
      isolationLevel: 0,
      ...this.#session.request(plan.named, plan.forgotten),
    };
  }

  #awaitDevice(partition: Partition): void {
    if (this.#flushing.has(partition)) return;
    const stop = partition.log.onDurable(() => {
      if (awaitsDevice(partition)) return;
      this.#flushing.get(partition)?.();
      this.#flushing.delete(partition);
      if (this.#flushing.size === 0) this.#wake?.();
    });
    this.#flushing.set(partition, stop);
  }

  /**
   * What the last round appended to topics that are flushed is fetched from again when the device has it: a fetch that leaves
   * it out in between would be kept by the leader, and whoever waits for acks=all with it. As long as one fetch may wait, at most.
   */
  async #flushed(): Promise<void> {
    const { clock } = this.#world;
    const until = clock.monotonic() + this.#options.limits.waitMaxMs;
    while (this.#flushing.size > 0 && !this.#stopped && clock.monotonic() < until)
      await this.#pause(until - clock.monotonic());
    for (const stop of this.#flushing.values()) stop();
    this.#flushing.clear();
  }

  /** Returns whether the leader's high watermark says something of this log. */
  async #answered(connection: KafkaConnection, asked: Asked, answer: PartitionResponse): Promise<boolean> {
    const { partition, followed, fetchOffset } = asked;
    // Its role or its leader changed while the answer was on its way, or it is gone.
    if (!this.#followed.has(followed) || !partition.isFollower) return false;
    if (partition.leaderEpoch !== followed.epoch || partition.log.endOffset !== fetchOffset) return false;
    if (answer.errorCode !== 0) {
      await this.#failed(connection, asked, errorName(answer.errorCode));
      return false;
    }
    const { log } = partition;
    if (answer.divergingEpoch.epoch >= 0) {
      await this.#cutBack(asked, answer.divergingEpoch);
      return false;
    }
    if (answer.records && answer.records.length > 0) {
      if (!(await this.#beginAtBatch(asked, answer.records))) return false;
      if (!(await this.#admit({ ...asked, fetchOffset: log.endOffset }, answer.records))) return false;
      const result = log.append(answer.records, { origin: 'replication', leaderEpoch: followed.epoch });
      if ('error' in result) {
        this.#world.log.warn('a replica could not take what its leader gave', {
          ...partition.name,
          ...result,
        });
        followed.pausedUntil = this.#world.clock.monotonic() + this.#options.limits.backoffMs;
        return false;
      }
      this.#options.throttle.count(partition, answer.records.length);
    }
    followed.isCaughtUp = log.endOffset >= answer.highWatermark;
    followed.backoff.succeeded();
    if (followed.trouble) this.#world.log.info('a replica goes on', partition.name);
    followed.trouble = null;
    return true;
  }

  /**
   * Records are deleted up to any offset, also up to one within a batch, and batches come whole. A log that is empty and
   * begins within the batch that comes first, begins where that batch does; what is deleted of it the leader tells with
   * where its log begins. False when the role changed meanwhile, or the disk refused.
   */
  async #beginAtBatch({ partition, followed }: Asked, records: Buffer): Promise<boolean> {
    const { log } = partition;
    if (log.endOffset > log.logStartOffset || records.length < HEADER_BYTES) return true;
    const { baseOffset, lastOffset } = readBatchHeader(records);
    if (baseOffset >= log.endOffset || lastOffset < log.endOffset) return true;
    if (!log.truncateFully(baseOffset)) return false;
    try {
      await log.settle();
    } catch (error) {
      crashOnProgrammerError(this.#world, error);
      this.#world.log.warn('a replica cannot begin at a batch', { ...partition.name, error });
      followed.pausedUntil = this.#world.clock.monotonic() + this.#options.limits.backoffMs;
      return false;
    }
    if (!this.#followed.has(followed) || !partition.isFollower) return false;
    return partition.leaderEpoch === followed.epoch && log.endOffset === baseOffset;
  }

  /** Once in the life of a replica whose leader compacted: its folder no longer promises that it has every offset. */
  async #admit({ partition, followed, fetchOffset }: Asked, records: Buffer): Promise<boolean> {
    const admitted = partition.log.admit(records);
    if (!admitted) return true;
    try {
      await admitted;
    } catch (error) {
      crashOnProgrammerError(this.#world, error);
      this.#world.log.warn('a replica cannot be told of gaps', { ...partition.name, error });
      followed.pausedUntil = this.#world.clock.monotonic() + this.#options.limits.backoffMs;
      return false;
    }
    // What may have changed meanwhile.
    if (!this.#followed.has(followed) || !partition.isFollower) return false;
    return partition.leaderEpoch === followed.epoch && partition.log.endOffset === fetchOffset;
  }

  /**
   * The leader's records of that epoch end at `endOffset`, or it has no such epoch and this is where its last one
   * before ends. Ours may end earlier in it; both agree below the lesser of the two.
   */
  async #cutBack(
    asked: Asked,
    diverging: { readonly epoch: number; readonly endOffset: Offset },
  ): Promise<void> {
    const { partition } = asked;
    const { log } = partition;
    const own = log.endOffsetForEpoch(diverging.epoch);
    const agreed = own.endOffset < 0 ? diverging.endOffset : Math.min(own.endOffset, diverging.endOffset);
    const to = Math.min(agreed, log.endOffset);
    // Often there is no record to cut, only an epoch in which this broker led and nobody wrote.
    if (to < log.endOffset)
      this.#world.log.info('a replica diverged from its leader and is cut back', {
        ...partition.name,
        from: log.endOffset,
        to,
        highWatermark: log.highWatermark,
      });
    const { latestEpoch, truncations } = log;
    log.truncateTo(to);
    if (!log.fault && log.latestEpoch === latestEpoch && log.truncations === truncations) {
      this.#world.log.error('a replica and its leader differ, and nothing can be cut', {
        ...partition.name,
        latestEpoch,
        leader: diverging,
      });
      asked.followed.pausedUntil = this.#world.clock.monotonic() + this.#options.limits.backoffMs;
    }
    this.#settling.push(this.#settleCut(asked));
  }

  /**
   * What was cut off is not gone for good before the device knows it: until then nothing takes its place, or a power loss
   * could bring it back in the middle of what was acknowledged since. All of a round at once: after a failover
   * most replicas are cut back, and nothing is acknowledged that waits for them.
   */
  async #settleCut({ partition, followed }: Asked): Promise<void> {
    try {
      await partition.log.settle();
    } catch (error) {
      crashOnProgrammerError(this.#world, error);
      this.#world.log.warn('a replica that was cut back cannot go on', { ...partition.name, error });
      followed.pausedUntil = this.#world.clock.monotonic() + this.#options.limits.backoffMs;
    }
  }

  async #failed(connection: KafkaConnection, asked: Asked, error: ErrorName): Promise<void> {
    const { partition, followed } = asked;
    switch (error) {
      case 'OFFSET_OUT_OF_RANGE':
        await this.#outOfRange(connection, asked);
        return;
      case 'UNKNOWN_LEADER_EPOCH':
      case 'FENCED_LEADER_EPOCH':
      case 'NOT_LEADER_OR_FOLLOWER':
      case 'UNKNOWN_TOPIC_ID':
      case 'UNKNOWN_TOPIC_OR_PARTITION':
      case 'INCONSISTENT_TOPIC_ID':
        // One of the two has not read the metadata log as far as the other.
        this.#pauseOne(followed);
        return;
      default:
        if (followed.trouble !== error)
          this.#world.log.warn('a leader cannot serve a replica', { ...partition.name, error });
        followed.trouble = error;
        followed.pausedUntil = this.#world.clock.monotonic() + this.#options.limits.backoffMs;
    }
  }

  #pauseOne(followed: Followed): void {
    followed.pausedUntil = this.#world.clock.monotonic() + followed.backoff.failed();
  }

  #backOff(): Promise<void> {
    return this.#pause(this.#backoff.failed());
  }

  /**
   * Our end is beyond the leader's (after an unclean election): cut back to it. Or what we want is deleted there already:
   * begin anew where the leader's log begins.
   */
  async #outOfRange(connection: KafkaConnection, asked: Asked): Promise<void> {
    const { partition, followed } = asked;
    const latest = await this.#leaderOffset(connection, partition, followed.epoch, LATEST);
    const earliest = await this.#leaderOffset(connection, partition, followed.epoch, EARLIEST);
    if (!this.#followed.has(followed) || !partition.isFollower) return;
    if (latest === null || earliest === null) {
      this.#pauseOne(followed);
      return;
    }
    const { log } = partition;
    this.#world.log.warn('a replica is out of its leader’s range', {
      ...partition.name,
      own: [log.logStartOffset, log.endOffset],
      leader: [earliest, latest],
    });
    if (latest < log.endOffset && latest >= log.logStartOffset) log.truncateTo(latest);
    else log.truncateFully(earliest);
    this.#settling.push(this.#settleCut(asked));
  }

  async #leaderOffset(
    connection: KafkaConnection,
    partition: Partition,
    currentLeaderEpoch: number,
    timestamp: number,
  ): Promise<Offset | null> {
    const response = await connection.send(listOffsets, {
      replicaId: this.#options.brokerId,
      isolationLevel: 0,
      timeoutMs: this.#options.limits.answerTimeoutMs,
      topics: [
        {
          name: partition.topic,
          partitions: [{ partitionIndex: partition.index, currentLeaderEpoch, timestamp }],
        },
      ],
    });
    const answer = response.topics[0]?.partitions[0];
    return answer && answer.errorCode === 0 ? answer.offset : null;
  }

  async #connected(): Promise<KafkaConnection | null> {
    if (!this.#options.leaderAddress()) return null;
    const connection = await this.#leader.open();
    if (connection === this.#connection) return connection;
    assert(
      (connection.versionOf(fetch) ?? 0) >= FOLLOWER_API_VERSIONS_MIN,
      'a leader of this release knows topic ids',
    );
    // Of what was under way when the last one broke nobody knows what the leader made of it.
    this.#session.beginAnew();
    this.#connection = connection;
    return connection;
  }

  /** Ends early when there is something new to follow. */
  async #pause(ms: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([sleep(this.#world.clock, ms), woken]);
    this.#wake = undefined;
  }
}

interface Asked {
  readonly partition: Partition;
  readonly followed: Followed;
  readonly fetchOffset: Offset;
}
