import { networkConfigs } from '../../metadata/configs/broker/network-configs.ts';
import type { RequestOf, ResponseOf } from '../../protocol/api.ts';
import type { fetch } from '../../protocol/messages/01-fetch.ts';
import { Partition } from '../../replication/partition.ts';
import { type ColdRead, type ReadResult, readableEnd } from '../../replication/replica-reader.ts';
import type { Answer, RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import type {
  FetchedPartition,
  FetchPartition,
  FetchSession,
  FetchState,
} from '../fetch-sessions/fetch-session.ts';
import { leaderEndpoints } from '../metadata-view/leader-endpoints.ts';
import { FetchReply } from './fetch-reply.ts';
import { PartitionReads } from './partition-reads.ts';

export type FetchingContext = Pick<
  BrokerContext,
  'world' | 'rack' | 'image' | 'settings' | 'replicas' | 'fetchSessions' | 'quotas'
>;
type Request = RequestOf<typeof fetch>;
type Response = ResponseOf<typeof fetch>;

const LEADER_HINT_SINCE = 16;
/**
 * How long a fetch waits whose follower is awaited for another partition: about as long as its metadata may
 * lag behind ours.
 */
const AWAITED_WAIT_MS = 5;
/**
 * How much after its wait a consumer is told that nothing came, as by Kafka. An answer in the very instant in
 * which a read of the same length ends makes node-rdkafka's disconnect wait for ever.
 */
const AFTER_WAIT_MS = 2;

/**
 * One fetch: waits until there is enough to answer, for the client's quota and for memory, and reads then.
 */
export class Fetching {
  readonly #context: FetchingContext;
  readonly #request: Request;
  readonly #info: RequestInfo<'TOPIC:READ'>;
  readonly #session: FetchSession;
  /** Whether the answer has every partition, and not only those with news. */
  readonly #isFull: boolean;
  /** The follower that asks; null for consumers. */
  readonly #replicaId: number | null;
  readonly #reads: PartitionReads;
  /** No answer is larger (but for one batch). */
  readonly #maxWaitMs: number;
  #maxBytes: number;
  readonly #beganAt: number;
  /** The memory that was reserved for the records of the answer, in bytes. */
  #grantedBytes = 0;
  /** What each partition has to give, where minBytes asks for more than one byte. */
  readonly #available = new Map<FetchedPartition, number>();
  #availableTotal = 0;

  constructor(
    context: FetchingContext,
    request: Request,
    info: RequestInfo<'TOPIC:READ'>,
    { session, isFull }: { readonly session: FetchSession; readonly isFull: boolean },
  ) {
    this.#context = context;
    this.#request = request;
    this.#info = info;
    this.#session = session;
    this.#isFull = isFull;
    this.#replicaId = session.replicaId;
    this.#reads = new PartitionReads(context, request, info, session);
    this.#maxWaitMs = Math.min(request.maxWaitMs, info.waitMsMax);
    this.#maxBytes = Math.min(request.maxBytes, context.settings.get(networkConfigs.fetchMaxBytes));
    this.#beganAt = context.world.clock.monotonic();
  }

  answer(): Answer<Response> | Promise<Answer<Response>> {
    const session = this.#session;
    const { upTo, brokerEpoch } = this.#reads;
    session.reads({
      upTo,
      brokerEpoch,
      principal: this.#info.principal,
      acls: this.#replicaId === null ? this.#context.image().acls : null,
    });
    for (const one of session.awake) {
      one.replica = this.#reads.locate(one.wanted);
      if (this.#replicaId !== null) this.#reads.noteFollower(this.#replicaId, one);
    }
    if (this.#maxWaitMs <= 0 || session.size === 0 || this.#isReady()) return this.#begin();
    return this.#waitThenRead();
  }

  #waitThenRead(): Promise<Answer<Response>> {
    const { replicas, world } = this.#context;
    const id = this.#replicaId;
    const maxWaitMs = this.#maxWaitMs + (id === null ? AFTER_WAIT_MS : 0);
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
        one.replica = this.#reads.locate(one.wanted);
        if (this.#isOneReady(one)) finish();
      });
      const leave = id === null ? null : replicas.awaitedFollowers.waits(id, finish);
      const timer = world.clock.after(isAwaited ? Math.min(maxWaitMs, AWAITED_WAIT_MS) : maxWaitMs, finish);
      const stop = () => {
        timer.cancel();
        ignore();
        leave?.();
      };
      // Ends the wait when the client has disconnected.
      this.#info.afterWrite(() => {
        stop();
        if (this.#session.id === 0) this.#session.end();
      });
    });
  }

  /**
   * Whether there is an error to tell, a divergence, a closer replica, a high watermark, or minBytes to give.
   */
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
    const read = this.#reads.look(wanted, replica);
    if ('error' in read || read.divergingEpoch) return true;
    if (this.#reads.preferredReplica(wanted, replica) !== null || this.#reads.owesHighWatermark(one, replica))
      return true;
    const hasRecords =
      wanted.fetchOffset < readableEnd(replica, this.#reads.upTo) && !this.#reads.isHeldBack(replica);
    if (minBytes === 1) return hasRecords;
    const bytes = hasRecords
      ? this.#reads.availableBytes(replica, wanted, Math.min(minBytes, wanted.partitionMaxBytes))
      : 0;
    this.#availableTotal += bytes - (this.#available.get(one) ?? 0);
    this.#available.set(one, bytes);
    return this.#availableTotal >= minBytes;
  }

  /** As much as the client's quota allows, or, when that is nothing, how long it has to wait (KIP-219). */
  #begin(): Response | Promise<Response> {
    if (this.#replicaId !== null) return this.#beginWithMemory();
    const { bytes, throttleTimeMs } = this.#context.quotas.fetchable(this.#info);
    if (throttleTimeMs > 0) return this.#throttled(throttleTimeMs);
    this.#maxBytes = Math.min(this.#maxBytes, bytes);
    return this.#beginWithMemory();
  }

  /** An answer without partitions. A session that was to be told of all of them begins anew. */
  #throttled(throttleTimeMs: number): Response {
    if (this.#isFull) this.#context.fetchSessions.close(this.#session);
    return { throttleTimeMs, errorCode: 0, sessionId: this.#isFull ? 0 : this.#session.id, responses: [] };
  }

  /**
   * Reads no more than there is memory for; while there is none, the request waits as it would for records.
   */
  #beginWithMemory(): Response | Promise<Response> {
    this.#grantedBytes = this.#info.output.grant(Math.max(1, this.#maxBytes));
    if (this.#grantedBytes > 0) return this.#read();
    const { clock } = this.#context.world;
    const leftMs = this.#beganAt + this.#maxWaitMs - clock.monotonic();
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

  /**
   * From memory at once; from the first partition on that must be read from files, off the loop, one after
   * the other.
   */
  #read(): Response | Promise<Response> {
    const reply = new FetchReply();
    const partitions = [...this.#session.awake];
    for (const [i, one] of partitions.entries()) {
      const read = this.#readOne(one, reply);
      if ('finish' in read) return this.#readOn(partitions.slice(i), reply);
      this.#add(reply, one, read);
    }
    return this.#response(reply);
  }

  async #readOn(partitions: readonly FetchedPartition[], reply: FetchReply): Promise<Response> {
    let isGone = false;
    this.#info.afterWrite(() => {
      isGone = true;
    });
    for (const one of partitions) {
      // The client has disconnected.
      if (isGone) break;
      const read = this.#readOne(one, reply);
      const isUrgent = this.#replicaId !== null;
      this.#add(reply, one, 'finish' in read ? await read.finish({ isUrgent }) : read);
    }
    return this.#response(reply);
  }

  #readOne(one: FetchedPartition, { sizeInBytes }: FetchReply): ReadResult | ColdRead {
    const leftBytes = Math.min(this.#maxBytes, this.#grantedBytes) - sizeInBytes;
    return this.#reads.read(one, leftBytes, sizeInBytes === 0 && this.#grantedBytes > 0);
  }

  #add(reply: FetchReply, one: FetchedPartition, read: ReadResult): void {
    const session = this.#session;
    const { wanted } = one;
    const replica = one.replica ?? this.#reads.locate(wanted);
    const response = this.#reads.response(wanted, replica, read);
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
      if (replica instanceof Partition) this.#count(replica, sizeInBytes);
    }
    if (isTold) reply.add(wanted, response);
  }

  #count(replica: Partition, sizeInBytes: number): void {
    if (this.#replicaId === null) {
      replica.traffic.bytesOut += sizeInBytes;
      return;
    }
    replica.traffic.bytesToFollowers += sizeInBytes;
    this.#context.replicas.leaderThrottle.count(replica, sizeInBytes);
  }

  #response({ responses, leaders, heldBytes, sizeInBytes }: FetchReply): Response {
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
   * Until the replica moves, every further answer would leave the partition out, and every further fetch of a
   * follower would tell what is known. A closer replica may come up without that, and a follower outside the
   * ISR may be let in.
   */
  #hasNothingToSay(wanted: FetchPartition, replica: Partition, state: FetchState): boolean {
    if (this.#session.id === 0 || state.errorCode !== 0 || state.hasRecords || state.hasHint) return false;
    if (wanted.fetchOffset < readableEnd(replica, this.#reads.upTo)) return false;
    // A read of files takes a while; what moved meanwhile has woken nobody, and is still to be told.
    const { highWatermark, logStartOffset } = replica.log;
    if (state.highWatermark !== highWatermark || state.logStartOffset !== logStartOffset) return false;
    return this.#replicaId === null ? !this.#reads.isRackAware : replica.isr.includes(this.#replicaId);
  }
}
