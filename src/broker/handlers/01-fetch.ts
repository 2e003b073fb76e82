import { type BrokerId, ZERO_UUID } from '../../base/brand.ts';
import { networkConfigs } from '../../metadata/configs/broker/network-configs.ts';
import { replicationConfigs } from '../../metadata/configs/broker/replication-configs.ts';
import { RACK_AWARE_SELECTOR } from '../../metadata/configs/replica-selectors.ts';
import type { RequestOf, ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { fetch } from '../../protocol/messages/01-fetch.ts';
import { Partition } from '../../replication/partition.ts';
import {
  type ReadRequest,
  type ReadResult,
  readableEnd,
  readPartition,
} from '../../replication/replica-reader.ts';
import { type Answer, handle, type RequestInfo } from '../../server/handler.ts';
import { closestReplicaOf } from '../closest-replica.ts';
import type { BrokerContext } from '../context.ts';
import type { FetchPartition, FetchSelection } from '../fetch-sessions.ts';
import { leaderEndpoints } from '../leader-endpoints.ts';

type Request = RequestOf<typeof fetch>;
type Response = ResponseOf<typeof fetch>;
type TopicResponse = Response['responses'][number];
type PartitionResponse = TopicResponse['partitions'][number];

const TOPIC_IDS_SINCE = 13;
const CLOSEST_REPLICA_SINCE = 11;
const LEADER_SINCE = 12;
const LEADER_HINT_SINCE = 16;
const READ_COMMITTED = 1;
/** Kafka's replica ids: a broker's are from 0 on, these are consumers and debuggers. */
const NO_REPLICA = -1;

/**
 * Fetch v4-18, for consumers and for followers. Batches leave as they lie in the log, by reference, in one gathered
 * write. When there are fewer than minBytes, the request waits until there are, or until maxWaitMs. The first batch of an
 * answer is given even if it is larger than the limits (KIP-74). v7 has sessions (KIP-227), v9 the leader epoch, v12 the
 * epoch of the last record, by which a diverging reader is found (KIP-320, KIP-595), v13 topic ids.
 *
 * A replica id on a client listener would let anybody move the high watermark: refused with CLUSTER_AUTHORIZATION_FAILED.
 *
 * Since v11 consumers may read from followers; with `replica.selector.class` set to the rack-aware one, leaders send
 * them to the closest (KIP-392). Followers then learn at once how far the log is committed, which is how far they serve.
 *
 * Not implemented: v18's high watermark in the request, which only the metadata log needs. Here sessions know it.
 */
export const fetchHandler = handle(
  fetch,
  {
    versions: [4, 18],
    operations: ['TOPIC:READ', 'CLUSTER:CLUSTER_ACTION'],
    listeners: ['client', 'replication'],
    serial: true,
  },
  (context: BrokerContext, request, info): Answer<Response> | Promise<Answer<Response>> => {
    const replicaId = info.apiVersion >= 15 ? request.replicaState.replicaId : request.replicaId;
    const isFollower = replicaId > NO_REPLICA;
    if (
      isFollower &&
      (info.listener === 'client' || !info.authorize('CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster'))
    )
      return failed('CLUSTER_AUTHORIZATION_FAILED');
    const selection = context.fetchSessions.open({
      sessionId: request.sessionId,
      sessionEpoch: request.sessionEpoch,
      usesTopicIds: info.apiVersion >= TOPIC_IDS_SINCE,
      isFollower,
      partitions: wantedPartitions(request),
      forgotten: request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
        partitions.map((partition) => ({ topic, topicId, partition })),
      ),
    });
    if ('error' in selection) return failed(selection.error);
    const fetching = new Fetching(context, request, info, selection, isFollower ? replicaId : null);
    return fetching.answer();
  },
);

function failed(error: ErrorName): Response {
  return { throttleTimeMs: 0, errorCode: errorCode(error), responses: [] };
}

function wantedPartitions(request: Request): FetchPartition[] {
  const wanted: FetchPartition[] = [];
  for (const { topic, topicId, partitions } of request.topics) {
    for (const one of partitions) {
      wanted.push({
        topic,
        topicId,
        partition: one.partition,
        currentLeaderEpoch: one.currentLeaderEpoch,
        fetchOffset: one.fetchOffset,
        lastFetchedEpoch: one.lastFetchedEpoch,
        logStartOffset: one.logStartOffset,
        partitionMaxBytes: one.partitionMaxBytes,
      });
    }
  }
  return wanted;
}

/** What the request wants of one partition, and the replica that has it. */
interface Target {
  readonly wanted: FetchPartition;
  readonly replica: Partition | { readonly error: ErrorName };
}

class Fetching {
  readonly #context: BrokerContext;
  readonly #request: Request;
  readonly #info: RequestInfo;
  readonly #selection: FetchSelection;
  /** The follower that asks; null for consumers. */
  readonly #replicaId: number | null;
  readonly #upTo: 'log' | 'highWatermark' | 'lastStable';
  readonly #maxBytes: number;
  /** Whether consumers are sent to the replicas that are closest to them. */
  readonly #isRackAware: boolean;
  readonly #followersToo: boolean;

  constructor(
    context: BrokerContext,
    request: Request,
    info: RequestInfo,
    selection: FetchSelection,
    replicaId: number | null,
  ) {
    this.#context = context;
    this.#request = request;
    this.#info = info;
    this.#selection = selection;
    this.#replicaId = replicaId;
    this.#upTo =
      replicaId !== null ? 'log' : request.isolationLevel === READ_COMMITTED ? 'lastStable' : 'highWatermark';
    // No answer is larger, whatever is asked for (but for one batch).
    this.#maxBytes = Math.min(request.maxBytes, context.settings.get(networkConfigs.fetchMaxBytes));
    this.#isRackAware = context.settings.get(replicationConfigs.replicaSelectorClass) === RACK_AWARE_SELECTOR;
    this.#followersToo = replicaId === null && info.apiVersion >= CLOSEST_REPLICA_SINCE;
  }

  answer(): Answer<Response> | Promise<Answer<Response>> {
    const targets = this.#selection.partitions.map((wanted) => ({ wanted, replica: this.#target(wanted) }));
    if (this.#replicaId !== null) this.#noteFollower(this.#replicaId, targets);
    if (this.#request.maxWaitMs <= 0 || targets.length === 0 || this.#isReady(targets))
      return this.#read(targets);
    return this.#waitThenRead(targets);
  }

  #waitThenRead(targets: readonly Target[]): Promise<Answer<Response>> {
    return new Promise((resolve, reject) => {
      const keys = targets.flatMap(({ replica }) => (replica instanceof Partition ? [replica] : []));
      const waiter = this.#context.replicas.fetchWaiters.add({
        keys,
        timeoutMs: this.#request.maxWaitMs,
        ready: () => this.#isReady(targets),
        complete: () => {
          try {
            resolve(this.#read(targets));
          } catch (error) {
            reject(error);
          }
        },
      });
      // A client that has gone waits for nothing.
      this.#info.afterWrite(() => waiter.cancel());
    });
  }

  #target(wanted: FetchPartition): Partition | { readonly error: ErrorName } {
    const { topicId } = wanted;
    let { topic } = wanted;
    if (this.#info.apiVersion >= TOPIC_IDS_SINCE) {
      const known = topicId === ZERO_UUID ? undefined : this.#context.image().topics.byId(topicId);
      if (!known) return { error: 'UNKNOWN_TOPIC_ID' };
      topic = known.name;
    }
    // A follower's right to everything was checked once.
    if (this.#replicaId === null && !this.#info.authorize('READ', 'TOPIC', topic))
      return { error: 'TOPIC_AUTHORIZATION_FAILED' };
    return this.#context.replicas.lookup(topic, wanted.partition);
  }

  #noteFollower(id: number, targets: readonly Target[]): void {
    const brokerEpoch = this.#info.apiVersion >= 15 ? this.#request.replicaState.replicaEpoch : -1;
    for (const { wanted, replica } of targets) {
      if (!(replica instanceof Partition) || !replica.isLeader) continue;
      if (replica.checkLeaderEpoch(wanted.currentLeaderEpoch)) continue;
      // Its log goes to where it fetches from, unless it turns out to be another log than ours.
      if (wanted.fetchOffset < replica.log.logStartOffset || wanted.fetchOffset > replica.log.endOffset)
        continue;
      const read = this.#look(wanted, replica);
      if ('error' in read || read.divergingEpoch) continue;
      replica.onFollowerFetch(id, {
        offset: wanted.fetchOffset,
        logStartOffset: wanted.logStartOffset,
        brokerEpoch,
      });
    }
  }

  /** Whether there is an error to tell, a divergence, a closer replica, a high watermark, or minBytes to give. */
  #isReady(targets: readonly Target[]): boolean {
    const { minBytes } = this.#request;
    if (minBytes <= 0) return true;
    let bytes = 0;
    for (const { wanted, replica } of targets) {
      if (!(replica instanceof Partition)) return true;
      const read = this.#look(wanted, replica);
      if ('error' in read || read.divergingEpoch) return true;
      if (this.#preferredReplica(wanted, replica) !== null || this.#owesHighWatermark(wanted, replica))
        return true;
      if (wanted.fetchOffset >= readableEnd(replica, this.#upTo) || this.#isHeldBack(replica)) continue;
      if (minBytes === 1) return true;
      bytes += this.#availableBytes(replica, wanted, Math.min(minBytes - bytes, wanted.partitionMaxBytes));
      if (bytes >= minBytes) return true;
    }
    return false;
  }

  /** Where the consumer should read instead; null when here. */
  #preferredReplica(wanted: FetchPartition, replica: Partition): BrokerId | null {
    const { rackId } = this.#request;
    if (!this.#isRackAware || !this.#followersToo || rackId === '' || !replica.isLeader) return null;
    return closestReplicaOf(this.#context, {
      clientRack: rackId,
      listenerName: this.#info.listenerName,
      leader: replica,
      fetchOffset: wanted.fetchOffset,
    });
  }

  /**
   * The follower has records that became committed since it was last answered. It serves them to consumers only when it
   * is told, so its fetch does not wait for more records to come.
   */
  #owesHighWatermark(wanted: FetchPartition, replica: Partition): boolean {
    if (!this.#isRackAware || this.#replicaId === null) return false;
    const told = this.#selection.toldHighWatermark(wanted);
    return told !== null && told < Math.min(replica.log.highWatermark, wanted.fetchOffset);
  }

  /** leader.replication.throttled.rate is used up, and the follower is not in sync, so that nobody waits for it (KIP-73). */
  #isHeldBack(replica: Partition): boolean {
    return (
      this.#replicaId !== null &&
      !replica.isr.includes(this.#replicaId) &&
      this.#context.replicas.leaderThrottle.holdsBack(replica)
    );
  }

  #availableBytes(replica: Partition, wanted: FetchPartition, enough: number): number {
    const read = readPartition(replica, {
      ...this.#readOf(wanted),
      maxBytes: enough,
      minOneBatch: true,
    });
    if ('error' in read) return 0;
    read.release();
    // The limit may have cut off a batch that would have been part of the answer.
    return read.sizeInBytes;
  }

  #read(targets: readonly Target[]): Response {
    const responses: TopicResponse[] = [];
    const partitionsOf = new Map<string, PartitionResponse[]>();
    const leaders: number[] = [];
    let left = this.#maxBytes;
    let isFirst = true;
    for (const target of targets) {
      const { wanted } = target;
      const read = this.#readOne(target, left, isFirst);
      const response = this.#partitionResponse(target, read);
      const sizeInBytes = 'error' in read ? 0 : read.sizeInBytes;
      const isSelected = this.#selection.select(
        wanted,
        {
          errorCode: response.errorCode,
          highWatermark: response.highWatermark,
          logStartOffset: response.logStartOffset ?? -1,
          hasRecords: sizeInBytes > 0,
          hasHint: response.divergingEpoch !== undefined || response.preferredReadReplica !== undefined,
        },
        true,
      );
      if (!('error' in read)) {
        if (sizeInBytes > 0) {
          isFirst = false;
          left -= sizeInBytes;
          this.#info.afterWrite(read.release);
          if (this.#replicaId !== null && target.replica instanceof Partition)
            this.#context.replicas.leaderThrottle.count(target.replica, sizeInBytes);
        }
      } else if (response.currentLeader?.leaderId !== undefined)
        leaders.push(response.currentLeader.leaderId);
      if (!isSelected) continue;
      const key = wanted.topicId === ZERO_UUID ? wanted.topic : wanted.topicId;
      const partitions = partitionsOf.get(key);
      if (partitions) partitions.push(response);
      else {
        const started = [response];
        partitionsOf.set(key, started);
        responses.push({ topic: wanted.topic, topicId: wanted.topicId, partitions: started });
      }
    }
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: this.#selection.sessionId,
      responses,
      nodeEndpoints:
        leaders.length > 0 && this.#info.apiVersion >= LEADER_HINT_SINCE
          ? leaderEndpoints(this.#context, this.#info, leaders)
          : [],
    };
  }

  #readOne({ wanted, replica }: Target, left: number, isFirst: boolean): ReadResult {
    if (!(replica instanceof Partition)) return { error: replica.error, leaderId: -1, leaderEpoch: -1 };
    if (this.#preferredReplica(wanted, replica) !== null) return this.#look(wanted, replica);
    const isHeldBack = this.#isHeldBack(replica);
    return readPartition(replica, {
      ...this.#readOf(wanted),
      maxBytes: isHeldBack ? 0 : Math.max(0, Math.min(wanted.partitionMaxBytes, left)),
      minOneBatch: isFirst && !isHeldBack,
    });
  }

  /** A read without records: only what there is to say of the partition. */
  #look(wanted: FetchPartition, replica: Partition): ReadResult {
    return readPartition(replica, { ...this.#readOf(wanted), maxBytes: 0, minOneBatch: false });
  }

  #readOf(wanted: FetchPartition): Omit<ReadRequest, 'maxBytes' | 'minOneBatch'> {
    return {
      fetchOffset: wanted.fetchOffset,
      currentLeaderEpoch: wanted.currentLeaderEpoch,
      lastFetchedEpoch: wanted.lastFetchedEpoch,
      upTo: this.#upTo,
      followersToo: this.#followersToo,
    };
  }

  #partitionResponse({ wanted, replica }: Target, read: ReadResult): PartitionResponse {
    const partitionIndex = wanted.partition;
    if ('error' in read) {
      return {
        partitionIndex,
        errorCode: errorCode(read.error),
        highWatermark: -1,
        logStartOffset: -1,
        abortedTransactions: null,
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
          ? (this.#preferredReplica(wanted, replica) ?? undefined)
          : undefined,
      abortedTransactions: this.#upTo === 'lastStable' ? read.abortedTransactions : null,
      records: read.parts,
    };
  }

  #leaderHint(wanted: FetchPartition, error: ErrorName): PartitionResponse['currentLeader'] {
    if (this.#info.apiVersion < LEADER_SINCE) return undefined;
    if (error !== 'NOT_LEADER_OR_FOLLOWER' && error !== 'FENCED_LEADER_EPOCH') return undefined;
    const { topics } = this.#context.image();
    const topic = wanted.topicId === ZERO_UUID ? topics.byName(wanted.topic) : topics.byId(wanted.topicId);
    const partition = topic?.partitions[wanted.partition];
    return partition && { leaderId: partition.leader, leaderEpoch: partition.leaderEpoch };
  }
}

const NO_RECORDS = Buffer.alloc(0);
