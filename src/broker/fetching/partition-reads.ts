import { type BrokerId, ZERO_UUID } from '../../base/brand.ts';
import { replicationConfigs } from '../../metadata/configs/broker/replication-configs.ts';
import { RACK_AWARE_SELECTOR } from '../../metadata/configs/replica-selectors.ts';
import type { RequestOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { fetch } from '../../protocol/messages/01-fetch.ts';
import { Partition } from '../../replication/partition.ts';
import {
  type ColdRead,
  lookAtPartition,
  type ReadRequest,
  type ReadResult,
  readableEnd,
  readPartition,
} from '../../replication/replica-reader.ts';
import type { RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import type { FetchedPartition, FetchPartition, FetchSession } from '../fetch-sessions/fetch-session.ts';
import { closestReplicaOf } from '../metadata-view/closest-replica.ts';
import type { FetchedPartitionResponse } from './fetch-reply.ts';

/**
 * What is known before a log is asked: Apache Kafka answers these with an empty list, what its logs refuse
 * with none.
 */
const NOT_READ: readonly ErrorName[] = [
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_ID',
  'UNKNOWN_TOPIC_OR_PARTITION',
];
const NO_RECORDS = Buffer.alloc(0);

export const TOPIC_IDS_SINCE = 13;
const CLOSEST_REPLICA_SINCE = 11;
const LEADER_SINCE = 12;
const BROKER_EPOCH_SINCE = 15;
const READ_COMMITTED = 1;

/** One partition of a fetch at a time: where it is, what it has for this reader, and how that is answered. */
export class PartitionReads {
  readonly #context: Pick<BrokerContext, 'rack' | 'image' | 'settings' | 'replicas'>;
  readonly #request: RequestOf<typeof fetch>;
  readonly #info: RequestInfo<'TOPIC:READ'>;
  readonly #session: FetchSession;
  /** The follower that asks; null for consumers. */
  readonly #replicaId: number | null;
  /** The registration in which the follower asks; -1 if it does not say. */
  readonly brokerEpoch: number;
  /**
   * The offset up to which this reader may read: the end of the log for followers, the high watermark or the
   * last stable offset for consumers.
   */
  readonly upTo: ReadRequest['upTo'];
  /** Whether consumers are sent to the replicas that are closest to them. */
  readonly isRackAware: boolean;
  readonly #followersToo: boolean;

  constructor(
    context: Pick<BrokerContext, 'rack' | 'image' | 'settings' | 'replicas'>,
    request: RequestOf<typeof fetch>,
    info: RequestInfo<'TOPIC:READ'>,
    session: FetchSession,
  ) {
    const { replicaId } = session;
    this.#context = context;
    this.#request = request;
    this.#info = info;
    this.#session = session;
    this.#replicaId = replicaId;
    this.brokerEpoch = info.apiVersion >= BROKER_EPOCH_SINCE ? request.replicaState.replicaEpoch : -1;
    this.upTo =
      replicaId !== null ? 'log' : request.isolationLevel === READ_COMMITTED ? 'lastStable' : 'highWatermark';
    this.isRackAware = context.settings.get(replicationConfigs.replicaSelectorClass) === RACK_AWARE_SELECTOR;
    this.#followersToo = replicaId === null && info.apiVersion >= CLOSEST_REPLICA_SINCE;
  }

  /** The replica on this broker, or the error that the reader gets. */
  locate(wanted: FetchPartition): Partition | { readonly error: ErrorName } {
    const { topicId } = wanted;
    let { topic } = wanted;
    if (this.#info.apiVersion >= TOPIC_IDS_SINCE) {
      const known = topicId === ZERO_UUID ? undefined : this.#context.image().topics.byId(topicId);
      if (!known) return { error: 'UNKNOWN_TOPIC_ID' };
      topic = known.name;
    }
    // Followers were authorized once, for all topics.
    const id = this.#replicaId;
    if (id === null && !this.#info.authorize('READ', 'TOPIC', topic))
      return { error: 'TOPIC_AUTHORIZATION_FAILED' };
    const found = this.#context.replicas.lookup(topic, wanted.partition);
    const isLate = id !== null && found instanceof Partition && found.isOfFormerLife(id, this.brokerEpoch);
    return isLate ? { error: 'NOT_LEADER_OR_FOLLOWER' } : found;
  }

  /** Tells the leader here how far the follower's log goes. */
  noteFollower(id: number, { wanted, replica }: FetchedPartition): void {
    if (!(replica instanceof Partition) || !replica.isLeader) return;
    if (replica.checkLeaderEpoch(wanted.currentLeaderEpoch)) return;
    // Its log goes to where it fetches from, unless it turns out to be another log than ours.
    if (wanted.fetchOffset < replica.log.logStartOffset || wanted.fetchOffset > replica.log.endOffset) return;
    const read = this.look(wanted, replica);
    if ('error' in read || read.divergingEpoch) return;
    replica.onFollowerFetch(id, {
      offset: wanted.fetchOffset,
      logStartOffset: wanted.logStartOffset,
      brokerEpoch: this.brokerEpoch,
    });
  }

  /** Where the consumer should read instead; null when here. */
  preferredReplica(wanted: FetchPartition, replica: Partition): BrokerId | null {
    const { rackId } = this.#request;
    if (!this.isRackAware || !this.#followersToo || rackId === '' || !replica.isLeader) return null;
    return closestReplicaOf(this.#context, {
      clientRack: rackId,
      listenerName: this.#info.listenerName,
      leader: replica,
      fetchOffset: wanted.fetchOffset,
    });
  }

  /**
   * The follower has records that became committed since it was last answered. It serves them to consumers
   * only when it is told, so its fetch does not wait for more records to come.
   */
  owesHighWatermark(one: FetchedPartition, replica: Partition): boolean {
    if (!this.isRackAware || this.#replicaId === null || this.#session.id === 0) return false;
    return one.toldHighWatermark < Math.min(replica.log.highWatermark, one.wanted.fetchOffset);
  }

  /**
   * leader.replication.throttled.rate is used up, and the follower is not in sync, so that nobody waits for
   * it (KIP-73).
   */
  isHeldBack(replica: Partition): boolean {
    return (
      this.#replicaId !== null &&
      !replica.isr.includes(this.#replicaId) &&
      this.#context.replicas.leaderThrottle.holdsBack(replica)
    );
  }

  /** How much there is to read, counted up to `enough`. */
  availableBytes(replica: Partition, wanted: FetchPartition, enough: number): number {
    const upTo = readableEnd(replica, this.upTo);
    // The limit may have cut off a batch that would have been part of the answer.
    return replica.log.reads.availableBytes(wanted.fetchOffset, { enough, upTo });
  }

  /** What the log gives, up to so many bytes; with `minOneBatch` one batch also when it is larger. */
  read(one: FetchedPartition, leftBytes: number, minOneBatch: boolean): ReadResult | ColdRead {
    const { wanted } = one;
    const replica = this.locate(wanted);
    one.replica = replica;
    if (!(replica instanceof Partition)) return { error: replica.error, leaderId: -1, leaderEpoch: -1 };
    if (this.preferredReplica(wanted, replica) !== null) return this.look(wanted, replica);
    const isHeldBack = this.isHeldBack(replica);
    return readPartition(replica, {
      ...this.#readOf(wanted),
      maxBytes: isHeldBack ? 0 : Math.max(0, Math.min(wanted.partitionMaxBytes, leftBytes)),
      minOneBatch: minOneBatch && !isHeldBack,
    });
  }

  /** A read without records: only what there is to say of the partition. */
  look(wanted: FetchPartition, replica: Partition): ReadResult {
    return lookAtPartition(replica, { ...this.#readOf(wanted), maxBytes: 0, minOneBatch: false });
  }

  #readOf(wanted: FetchPartition): Omit<ReadRequest, 'maxBytes' | 'minOneBatch'> {
    return {
      fetchOffset: wanted.fetchOffset,
      currentLeaderEpoch: wanted.currentLeaderEpoch,
      lastFetchedEpoch: wanted.lastFetchedEpoch,
      upTo: this.upTo,
      followersToo: this.#followersToo,
    };
  }

  response(
    wanted: FetchPartition,
    replica: Partition | { readonly error: ErrorName },
    read: ReadResult,
  ): FetchedPartitionResponse {
    const partitionIndex = wanted.partition;
    if ('error' in read) {
      return {
        partitionIndex,
        errorCode: errorCode(read.error),
        highWatermark: -1,
        logStartOffset: -1,
        abortedTransactions: NOT_READ.includes(read.error) ? [] : null,
        currentLeader: this.#leaderHint(wanted, read.error),
        records: NO_RECORDS,
      };
    }
    return {
      partitionIndex,
      errorCode: 0,
      highWatermark: read.highWatermark,
      lastStableOffset: read.lastStableOffset,
      logStartOffset: read.logStartOffset,
      divergingEpoch: read.divergingEpoch ?? undefined,
      preferredReadReplica:
        replica instanceof Partition && read.sizeInBytes === 0
          ? (this.preferredReplica(wanted, replica) ?? undefined)
          : undefined,
      abortedTransactions: this.upTo === 'lastStable' ? read.abortedTransactions : null,
      records: read.parts,
    };
  }

  #leaderHint(wanted: FetchPartition, error: ErrorName): FetchedPartitionResponse['currentLeader'] {
    if (this.#info.apiVersion < LEADER_SINCE) return undefined;
    if (error !== 'NOT_LEADER_OR_FOLLOWER' && error !== 'FENCED_LEADER_EPOCH') return undefined;
    const { topics } = this.#context.image();
    const topic = wanted.topicId === ZERO_UUID ? topics.byName(wanted.topic) : topics.byId(wanted.topicId);
    const partition = topic?.partitions[wanted.partition];
    return partition && { leaderId: partition.leader, leaderEpoch: partition.leaderEpoch };
  }
}
