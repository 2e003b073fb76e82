import { Backoff } from '../base/backoff.ts';
import type { BrokerId } from '../base/brand.ts';
import { sleep } from '../base/clock.ts';
import { supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { KafkaConnection } from '../client/connection.ts';
import { ConnectionError } from '../client/connection-error.ts';
import { PeerConnection } from '../client/peers/peer-connection.ts';
import type { Peers } from '../client/peers/peers.ts';
import type { EncodableRequest } from '../protocol/api.ts';
import { errorName } from '../protocol/errors.ts';
import { fetch } from '../protocol/messages/01-fetch.ts';
import type { FetchLimits } from './fetch-limits.ts';
import { FetchSessionHandler } from './fetch-session-handler.ts';
import { awaitsDevice, type FetchPlan, type Followed, FollowedPartitions } from './followed-partitions.ts';
import { FollowerLogs, type PartitionAnswer } from './follower-logs.ts';
import type { Partition } from './partition.ts';
import type { ReplicationThrottle } from './replication-throttle.ts';

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
/**
 * The first pause after a connection broke or a whole fetch was refused; it grows up to
 * replica.fetch.backoff.ms.
 */
const RECONNECT_MS = 50;
const CONNECT_TIMEOUT_MS = 2_000;
const FOLLOWER_API_VERSIONS_MIN = 13;

/**
 * Keeps the replicas filled that follow one other broker: one connection, one Fetch in flight for all of
 * them. What arrives is appended as it is; the next fetch tells the leader what was written here. A log that
 * turns out to end differently than the leader's is cut back to where both agree (KIP-595), before anything
 * is appended to it.
 */
export class ReplicaFetcher {
  readonly #world: World;
  readonly #options: FetcherOptions;
  readonly #followed: FollowedPartitions;
  readonly #logs: FollowerLogs;
  /** Partitions with appends that are not on the device yet, each with what ends the wait for it. */
  readonly #flushing = new Map<Partition, () => void>();
  readonly #session = new FetchSessionHandler();
  readonly #leader: PeerConnection;
  /** The connection on which the fetch session was begun. */
  #connection: KafkaConnection | undefined;
  #running = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  /** Waits after a connection broke, or a whole fetch was refused. */
  readonly #backoff: Backoff;

  constructor(peers: Peers, options: FetcherOptions) {
    this.#world = peers.world;
    this.#options = options;
    this.#followed = new FollowedPartitions(options.limits);
    this.#logs = new FollowerLogs(peers.world, this.#followed, options);
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
   * The fetch under way does not name the new partition. The leader ends it as soon as it leads that
   * partition itself, and keeps none of ours for long before it is named (`AwaitedFollowers`).
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
    await this.#logs.settled();
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
    const taken: { readonly followed: Followed; readonly answer: PartitionAnswer }[] = [];
    for (const topic of response.responses) {
      for (const answer of topic.partitions) {
        const followed = this.#followed.answered(topic.topicId, answer.partitionIndex);
        if (!followed) continue;
        const { partition, told } = followed;
        if (await this.#logs.take(connection, { partition, followed, fetchOffset: told.fetchOffset }, answer))
          taken.push({ followed, answer });
        else this.#followed.askAgain(followed);
      }
    }
    // Everything was copied into the logs.
    const large = response.responses.flatMap(({ partitions }) => partitions).find(({ records }) => records);
    if (large?.records) connection.reuse(large.records);
    // What was appended now is written at the end of this turn; the next fetch speaks of it as this
    // replica's.
    await new Promise<void>((resolve) => this.#world.clock.soon(resolve));
    for (const { followed, answer } of taken) {
      const { partition } = followed;
      partition.followHighWatermark(answer.highWatermark, answer.logStartOffset);
      if (awaitsDevice(partition)) this.#awaitDevice(partition);
    }
  }

  /**
   * How long the leader may keep this fetch: no longer than until a partition that is held back may go on.
   */
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
   * What the last round appended to topics that are flushed is fetched from again when the device has it: a
   * fetch that leaves it out in between would be kept by the leader, and whoever waits for acks=all with it.
   * As long as one fetch may wait, at most.
   */
  async #flushed(): Promise<void> {
    const { clock } = this.#world;
    const until = clock.monotonic() + this.#options.limits.waitMaxMs;
    while (this.#flushing.size > 0 && !this.#stopped && clock.monotonic() < until)
      await this.#pause(until - clock.monotonic());
    for (const stop of this.#flushing.values()) stop();
    this.#flushing.clear();
  }

  #backOff(): Promise<void> {
    return this.#pause(this.#backoff.failed());
  }

  async #connected(): Promise<KafkaConnection | null> {
    if (!this.#options.leaderAddress()) return null;
    const connection = await this.#leader.open();
    if (connection === this.#connection) return connection;
    if ((connection.versionOf(fetch) ?? 0) < FOLLOWER_API_VERSIONS_MIN)
      throw new ConnectionError(
        'UNSUPPORTED_VERSION',
        `${connection.remote} serves no Fetch with topic ids (v${FOLLOWER_API_VERSIONS_MIN}): its release is too old to follow`,
      );
    // It is not known what the leader made of the fetch that was under way when the last connection broke.
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
