import type { BrokerId, Offset } from '../base/brand.ts';
import { crashOnProgrammerError } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { KafkaConnection } from '../client/connection.ts';
import type { DecodedResponse } from '../protocol/api.ts';
import { type ErrorName, errorName } from '../protocol/errors.ts';
import type { fetch } from '../protocol/messages/01-fetch.ts';
import { listOffsets } from '../protocol/messages/02-list-offsets.ts';
import { HEADER_BYTES, readBatchHeader } from '../protocol/records/batch.ts';
import type { FetchLimits } from './fetch-limits.ts';
import type { Followed, FollowedPartitions } from './followed-partitions.ts';
import type { Partition } from './partition.ts';
import type { ReplicationThrottle } from './replication-throttle.ts';

/** What a leader answers of one partition. */
export type PartitionAnswer = DecodedResponse<typeof fetch>['responses'][number]['partitions'][number];

/** What was asked of one partition, as it was then. */
interface Asked {
  readonly partition: Partition;
  readonly followed: Followed;
  readonly fetchOffset: Offset;
}

const EARLIEST = -2;
const LATEST = -1;

/**
 * What the answers of one leader do to the logs that follow it: records are appended as they are, a log that
 * ends differently than the leader's is cut back to where both agree (KIP-595), and one that is out of its
 * range begins anew.
 */
export class FollowerLogs {
  readonly #world: World;
  readonly #followed: FollowedPartitions;
  readonly #options: {
    readonly brokerId: BrokerId;
    readonly throttle: ReplicationThrottle;
    readonly limits: FetchLimits;
  };
  /** Cuts that the device does not know of yet. */
  readonly #settling: Promise<void>[] = [];

  constructor(
    world: World,
    followed: FollowedPartitions,
    options: {
      readonly brokerId: BrokerId;
      readonly throttle: ReplicationThrottle;
      readonly limits: FetchLimits;
    },
  ) {
    this.#world = world;
    this.#followed = followed;
    this.#options = options;
  }

  /** Resolves when the device knows everything that was cut back. Never rejects. */
  settled(): Promise<unknown> {
    return Promise.all(this.#settling.splice(0));
  }

  /**
   * Resolves with whether the leader's high watermark says something of this log. The bytes of the answer are
   * copied when it resolves. Rejects with a ConnectionError when the leader has to be asked more and cannot
   * be.
   */
  async take(connection: KafkaConnection, asked: Asked, answer: PartitionAnswer): Promise<boolean> {
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
      partition.traffic.bytesFromLeader += answer.records.length;
    }
    followed.isCaughtUp = log.endOffset >= answer.highWatermark;
    followed.backoff.succeeded();
    if (followed.trouble) this.#world.log.info('a replica goes on', partition.name);
    followed.trouble = null;
    return true;
  }

  /**
   * Records are deleted up to any offset, also up to one within a batch, and batches come whole. A log that
   * is empty and begins within the batch that comes first, begins where that batch does; what is deleted of
   * it the leader tells with where its log begins. False when the role changed meanwhile, or the disk
   * refused.
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

  /**
   * Once in the life of a replica whose leader compacted: its folder no longer promises that it has every
   * offset.
   */
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
   * The leader's records of that epoch end at `endOffset`, or it has no such epoch and this is where its last
   * one before ends. Ours may end earlier in it; both agree below the lesser of the two.
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
   * What was cut off is not gone for good before the device knows it: until then nothing takes its place, or
   * a power loss could bring it back in the middle of what was acknowledged since. All of a round at once:
   * after a failover most replicas are cut back, and nothing is acknowledged that waits for them.
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

  /**
   * Our end is beyond the leader's (after an unclean election): cut back to it. Or what we want is deleted
   * there already: begin anew where the leader's log begins.
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
}
