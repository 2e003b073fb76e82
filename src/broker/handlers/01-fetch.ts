import { type BrokerId, ZERO_UUID } from '../../base/brand.ts';
import { networkConfigs } from '../../metadata/configs/broker/network-configs.ts';
import { replicationConfigs } from '../../metadata/configs/broker/replication-configs.ts';
import { RACK_AWARE_SELECTOR } from '../../metadata/configs/replica-selectors.ts';
import type { RequestOf, ResponseOf } from '../../protocol/api.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { fetch } from '../../protocol/messages/01-fetch.ts';
import { Partition } from '../../replication/partition.ts';
import {
  type ColdRead,
  lookAtPartition,
  type ReadRequest,
  type ReadResult,
  readableEnd,
  readPartition,
} from '../../replication/replica-reader.ts';
import { type Answer, handle, type RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import type {
  FetchedPartition,
  FetchPartition,
  FetchSession,
  FetchState,
} from '../fetch-sessions/fetch-session.ts';
import { closestReplicaOf } from '../metadata-view/closest-replica.ts';
import { leaderEndpoints } from '../metadata-view/leader-endpoints.ts';

/** What is known before a log is asked: Apache Kafka answers these with an empty list, what its logs refuse with none. */
const NOT_READ: readonly ErrorName[] = [
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_ID',
  'UNKNOWN_TOPIC_OR_PARTITION',
];

type Context = Pick<
  BrokerContext,
  'world' | 'rack' | 'image' | 'settings' | 'replicas' | 'fetchSessions' | 'quotas'
>;
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
/** How long a fetch waits whose follower is awaited for another partition: about as long as its metadata may lag behind ours. */
const AWAITED_WAIT_MS = 5;

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
  (context: Context, request, info): Answer<Response> | Promise<Answer<Response>> => {
    const replicaId = info.apiVersion >= 15 ? request.replicaState.replicaId : request.replicaId;
    const isFollower = replicaId > NO_REPLICA;
    if (
      isFollower &&
      (info.listener === 'client' || !info.authorize('CLUSTER_ACTION', 'CLUSTER', 'kafka-cluster'))
    )
      return failed('CLUSTER_AUTHORIZATION_FAILED');
    const opened = context.fetchSessions.open({
      sessionId: request.sessionId,
      sessionEpoch: request.sessionEpoch,
      usesTopicIds: info.apiVersion >= TOPIC_IDS_SINCE,
      replicaId: isFollower ? replicaId : null,
      partitions: wantedPartitions(request),
      forgotten: request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
        partitions.map((partition) => ({ topic, topicId, partition })),
      ),
    });
    if ('error' in opened) return failed(opened.error);
    return new Fetching(context, request, info, opened).answer();
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

class Fetching {
  readonly #context: Context;
  readonly #request: Request;
  readonly #info: RequestInfo<'TOPIC:READ'>;
  readonly #session: FetchSession;
  /** Every partition's outcome is told, not only what is news. */
  readonly #isFull: boolean;
  /** The follower that asks; null for consumers. */
  readonly #replicaId: number | null;
  readonly #upTo: ReadRequest['upTo'];
  /** No answer is larger (but for one batch). */
  #maxBytes: number;
  readonly #beganAt: number;
  /** As much memory as there was for the records of the answer. */
  #grantedBytes = 0;
  /** Whether consumers are sent to the replicas that are closest to them. */
  readonly #isRackAware: boolean;
  readonly #followersToo: boolean;
  /** What each partition has to give, where minBytes asks for more than one byte. */
  readonly #available = new Map<FetchedPartition, number>();
  #availableTotal = 0;

  constructor(
    context: Context,
    request: Request,
    info: RequestInfo<'TOPIC:READ'>,
    { session, isFull }: { readonly session: FetchSession; readonly isFull: boolean },
  ) {
    const { replicaId } = session;
    this.#context = context;
    this.#request = request;
    this.#info = info;
    this.#session = session;
    this.#isFull = isFull;
    this.#replicaId = replicaId;
    this.#upTo =
      replicaId !== null ? 'log' : request.isolationLevel === READ_COMMITTED ? 'lastStable' : 'highWatermark';
    this.#maxBytes = Math.min(request.maxBytes, context.settings.get(networkConfigs.fetchMaxBytes));
    this.#beganAt = context.world.clock.monotonic();
    this.#isRackAware = context.settings.get(replicationConfigs.replicaSelectorClass) === RACK_AWARE_SELECTOR;
    this.#followersToo = replicaId === null && info.apiVersion >= CLOSEST_REPLICA_SINCE;
  }

  answer(): Answer<Response> | Promise<Answer<Response>> {
    const session = this.#session;
    const brokerEpoch = this.#info.apiVersion >= 15 ? this.#request.replicaState.replicaEpoch : -1;
    session.reads({ upTo: this.#upTo, brokerEpoch });
    for (const one of session.awake) {
      one.replica = this.#locate(one.wanted);
      if (this.#replicaId !== null) this.#noteFollower(this.#replicaId, one, brokerEpoch);
    }
    if (this.#request.maxWaitMs <= 0 || session.size === 0 || this.#isReady()) return this.#begin();
    return this.#waitThenRead();
  }

  #waitThenRead(): Promise<Answer<Response>> {
    const { replicas, world } = this.#context;
    const id = this.#replicaId;
    const { maxWaitMs } = this.#request;
    const isAwaited = id !== null && replicas.awaitedFollowers.isAwaited(id);
    return new Promise((resolve, reject) => {
      const finish = () => {
        stop();
        try {
          resolve(this.#begin());
        } catch (error) {
          reject(error);
        }
      };
      const ignore = this.#session.onMoved((one) => {
        one.replica = this.#locate(one.wanted);
        if (this.#isOneReady(one)) finish();
      });
      const leave = id === null ? null : replicas.awaitedFollowers.waits(id, finish);
      const timer = world.clock.after(isAwaited ? Math.min(maxWaitMs, AWAITED_WAIT_MS) : maxWaitMs, finish);
      const stop = () => {
        timer.cancel();
        ignore();
        leave?.();
      };
      // A client that has gone waits for nothing.
      this.#info.afterWrite(() => {
        stop();
        if (this.#session.id === 0) this.#session.end();
      });
    });
  }

  #locate(wanted: FetchPartition): Partition | { readonly error: ErrorName } {
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

  #noteFollower(id: number, { wanted, replica }: FetchedPartition, brokerEpoch: number): void {
    if (!(replica instanceof Partition) || !replica.isLeader) return;
    if (replica.checkLeaderEpoch(wanted.currentLeaderEpoch)) return;
    // Its log goes to where it fetches from, unless it turns out to be another log than ours.
    if (wanted.fetchOffset < replica.log.logStartOffset || wanted.fetchOffset > replica.log.endOffset) return;
    const read = this.#look(wanted, replica);
    if ('error' in read || read.divergingEpoch) return;
    replica.onFollowerFetch(id, {
      offset: wanted.fetchOffset,
      logStartOffset: wanted.logStartOffset,
      brokerEpoch,
    });
  }

  /** Whether there is an error to tell, a divergence, a closer replica, a high watermark, or minBytes to give. */
  #isReady(): boolean {
    if (this.#request.minBytes <= 0) return true;
    for (const one of this.#session.awake) if (this.#isOneReady(one)) return true;
    return false;
  }

  /** Whether this one makes an answer, together with what the others were found to have. */
  #isOneReady(one: FetchedPartition): boolean {
    const { wanted, replica } = one;
    const { minBytes } = this.#request;
    if (!(replica instanceof Partition)) return true;
    const read = this.#look(wanted, replica);
    if ('error' in read || read.divergingEpoch) return true;
    if (this.#preferredReplica(wanted, replica) !== null || this.#owesHighWatermark(one, replica))
      return true;
    const hasRecords = wanted.fetchOffset < readableEnd(replica, this.#upTo) && !this.#isHeldBack(replica);
    if (minBytes === 1) return hasRecords;
    const bytes = hasRecords
      ? this.#availableBytes(replica, wanted, Math.min(minBytes, wanted.partitionMaxBytes))
      : 0;
    this.#availableTotal += bytes - (this.#available.get(one) ?? 0);
    this.#available.set(one, bytes);
    return this.#availableTotal >= minBytes;
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
  #owesHighWatermark(one: FetchedPartition, replica: Partition): boolean {
    if (!this.#isRackAware || this.#replicaId === null || this.#session.id === 0) return false;
    return one.toldHighWatermark < Math.min(replica.log.highWatermark, one.wanted.fetchOffset);
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
    const upTo = readableEnd(replica, this.#upTo);
    // The limit may have cut off a batch that would have been part of the answer.
    return replica.log.availableBytes(wanted.fetchOffset, { enough, upTo });
  }

  /** As much as the client's quota allows, or, when that is nothing, how long it has to wait (KIP-219). */
  #begin(): Response | Promise<Response> {
    if (this.#replicaId !== null) return this.#beginWithMemory();
    const { bytes, throttleTimeMs } = this.#context.quotas.fetchable(this.#info);
    if (throttleTimeMs > 0) return this.#throttled(throttleTimeMs);
    this.#maxBytes = Math.min(this.#maxBytes, bytes);
    return this.#beginWithMemory();
  }

  /** Without partitions. Whoever wanted to hear of all of them begins its session anew. */
  #throttled(throttleTimeMs: number): Response {
    if (this.#isFull) this.#context.fetchSessions.close(this.#session);
    return { throttleTimeMs, errorCode: 0, sessionId: this.#isFull ? 0 : this.#session.id, responses: [] };
  }

  /** Reads no more than there is memory for; while there is none, the request waits as it would for records. */
  #beginWithMemory(): Response | Promise<Response> {
    this.#grantedBytes = this.#info.output.grant(Math.max(1, this.#maxBytes));
    if (this.#grantedBytes > 0) return this.#read();
    const { clock } = this.#context.world;
    const leftMs = this.#beganAt + this.#request.maxWaitMs - clock.monotonic();
    // The answer says how the partitions are, without records.
    if (leftMs <= 0) return this.#read();
    return new Promise((resolve, reject) => {
      const goOn = () => {
        timer.cancel();
        leave();
        try {
          resolve(this.#beginWithMemory());
        } catch (error) {
          reject(error);
        }
      };
      const leave = this.#info.output.whenRoom(goOn);
      const timer = clock.after(leftMs, goOn);
      this.#info.afterWrite(() => {
        timer.cancel();
        leave();
      });
    });
  }

  /** From memory at once; from the first partition on that must be read from files, off the loop, one after the other. */
  #read(): Response | Promise<Response> {
    const reply = new Reply();
    const partitions = [...this.#session.awake];
    for (const [i, one] of partitions.entries()) {
      const read = this.#readOne(one, reply);
      if ('finish' in read) return this.#readOn(partitions.slice(i), reply);
      this.#add(reply, one, read);
    }
    return this.#response(reply);
  }

  async #readOn(partitions: readonly FetchedPartition[], reply: Reply): Promise<Response> {
    let isGone = false;
    this.#info.afterWrite(() => {
      isGone = true;
    });
    for (const one of partitions) {
      // Nobody waits for it any more.
      if (isGone) break;
      const read = this.#readOne(one, reply);
      const isUrgent = this.#replicaId !== null;
      this.#add(reply, one, 'finish' in read ? await read.finish({ isUrgent }) : read);
    }
    return this.#response(reply);
  }

  #add(reply: Reply, one: FetchedPartition, read: ReadResult): void {
    const session = this.#session;
    const { wanted } = one;
    const replica = one.replica ?? this.#locate(wanted);
    const response = this.#partitionResponse(wanted, replica, read);
    const sizeInBytes = 'error' in read ? 0 : read.sizeInBytes;
    const state = {
      errorCode: response.errorCode,
      highWatermark: response.highWatermark,
      logStartOffset: response.logStartOffset ?? -1,
      hasRecords: sizeInBytes > 0,
      hasHint: response.divergingEpoch !== undefined || response.preferredReadReplica !== undefined,
    };
    const isTold = this.#isFull || session.isNews(one, state);
    if (isTold) session.told(one, state);
    if (replica instanceof Partition && this.#hasNothingToSay(wanted, replica, state))
      session.rest(one, replica);
    if ('error' in read) {
      const leader = response.currentLeader?.leaderId;
      if (leader !== undefined) reply.leaders.push(leader);
    } else if (sizeInBytes > 0) {
      reply.sizeInBytes += sizeInBytes;
      reply.heldBytes += read.heldBytes;
      session.served(one);
      this.#info.afterWrite(read.release);
      if (this.#replicaId !== null && replica instanceof Partition)
        this.#context.replicas.leaderThrottle.count(replica, sizeInBytes);
    }
    if (isTold) reply.add(wanted, response);
  }

  #response({ responses, leaders, heldBytes, sizeInBytes }: Reply): Response {
    if (this.#replicaId === null) this.#context.quotas.fetched(this.#info, sizeInBytes);
    this.#info.output.holds(heldBytes);
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: this.#session.id,
      responses,
      nodeEndpoints:
        leaders.length > 0 && this.#info.apiVersion >= LEADER_HINT_SINCE
          ? leaderEndpoints(this.#context, this.#info, leaders)
          : [],
    };
  }

  /**
   * Until the replica moves, every further answer would leave the partition out, and every further fetch of a follower
   * would tell what is known. A closer replica may come up without that, and a follower outside the ISR may be let in.
   */
  #hasNothingToSay(wanted: FetchPartition, replica: Partition, state: FetchState): boolean {
    if (this.#session.id === 0 || state.errorCode !== 0 || state.hasRecords || state.hasHint) return false;
    if (wanted.fetchOffset < readableEnd(replica, this.#upTo)) return false;
    // A read of files takes a while; what moved meanwhile has woken nobody, and is still to be told.
    const { highWatermark, logStartOffset } = replica.log;
    if (state.highWatermark !== highWatermark || state.logStartOffset !== logStartOffset) return false;
    return this.#replicaId === null ? !this.#isRackAware : replica.isr.includes(this.#replicaId);
  }

  #readOne(one: FetchedPartition, { sizeInBytes }: Reply): ReadResult | ColdRead {
    const { wanted } = one;
    const replica = this.#locate(wanted);
    one.replica = replica;
    if (!(replica instanceof Partition)) return { error: replica.error, leaderId: -1, leaderEpoch: -1 };
    if (this.#preferredReplica(wanted, replica) !== null) return this.#look(wanted, replica);
    const isHeldBack = this.#isHeldBack(replica);
    const leftBytes = Math.min(this.#maxBytes, this.#grantedBytes) - sizeInBytes;
    return readPartition(replica, {
      ...this.#readOf(wanted),
      maxBytes: isHeldBack ? 0 : Math.max(0, Math.min(wanted.partitionMaxBytes, leftBytes)),
      minOneBatch: sizeInBytes === 0 && this.#grantedBytes > 0 && !isHeldBack,
    });
  }

  /** A read without records: only what there is to say of the partition. */
  #look(wanted: FetchPartition, replica: Partition): ReadResult {
    return lookAtPartition(replica, { ...this.#readOf(wanted), maxBytes: 0, minOneBatch: false });
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

  #partitionResponse(
    wanted: FetchPartition,
    replica: Partition | { readonly error: ErrorName },
    read: ReadResult,
  ): PartitionResponse {
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

/** An answer as far as it is read. */
class Reply {
  readonly responses: TopicResponse[] = [];
  /** Leaders that the reader is sent to. */
  readonly leaders: number[] = [];
  readonly #partitionsOf = new Map<string, PartitionResponse[]>();
  /** Of its records. */
  sizeInBytes = 0;
  /** Memory that its records keep from being used again. */
  heldBytes = 0;

  add({ topic, topicId }: FetchPartition, response: PartitionResponse): void {
    const key = topicId === ZERO_UUID ? topic : topicId;
    const known = this.#partitionsOf.get(key);
    if (known) {
      known.push(response);
      return;
    }
    const partitions = [response];
    this.#partitionsOf.set(key, partitions);
    this.responses.push({ topic, topicId, partitions });
  }
}

const NO_RECORDS = Buffer.alloc(0);
