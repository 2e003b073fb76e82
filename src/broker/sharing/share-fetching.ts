import type { Clock } from '../../base/clock.ts';
import { networkConfigs } from '../../metadata/configs/broker/network-configs.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { ShareFetchRequest } from '../../protocol/messages/78-share-fetch.ts';
import { Partition } from '../../replication/partition.ts';
import type { PartitionWatcher } from '../../replication/partition-watchers.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import type { RequestInfo } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';
import type { SharePartition } from './share-partition.ts';
import { noRecords, readShared, type SharedRead, type ShareReader } from './share-read.ts';
import { INITIAL_EPOCH, nameOf, type SharedPartition, type ShareSession } from './share-sessions.ts';

export interface ShareFetchContext
  extends Pick<BrokerContext, 'world' | 'image' | 'settings' | 'quotas' | 'sharePartitions'> {
  readonly replicas: Pick<ReplicaManager, 'lookup' | 'watchers'>;
}

interface Wanted {
  readonly wanted: SharedPartition;
  readonly share: SharePartition | null;
  error: ErrorName | null;
}

const RECORD_LIMIT = 1;

/**
 * What a member can be told of a partition so that it comes again, while the share coordinator does not
 * answer.
 */
const TRY_AGAIN: ErrorName = 'OFFSET_NOT_AVAILABLE';

/**
 * One ShareFetch: waits until there is something for the member, for its quota and for memory, and acquires
 * it then.
 */
export class ShareFetching {
  readonly #context: ShareFetchContext;
  readonly #request: ShareFetchRequest;
  readonly #info: RequestInfo<'TOPIC:READ'>;
  readonly #session: ShareSession;
  readonly #wanted: readonly Wanted[];
  readonly #deadline: number;
  #isUnreachable = false;
  /** Where share partitions were read last. */
  readonly #tried = new Map<SharePartition, number>();
  #leave: (() => void) | null = null;
  /** Set when the client is over its quota. */
  throttleTimeMs = 0;

  constructor(
    context: ShareFetchContext,
    request: ShareFetchRequest,
    info: RequestInfo<'TOPIC:READ'>,
    session: ShareSession,
  ) {
    this.#context = context;
    this.#request = request;
    this.#info = info;
    this.#session = session;
    const all = [...session.partitions.values()];
    // Each request begins with another partition, so that all get their share under a limit.
    const first = all.length > 0 ? request.shareSessionEpoch % all.length : 0;
    this.#wanted = [...all.slice(first), ...all.slice(0, first)].map((wanted) =>
      this.#locate(session.groupId, wanted),
    );
    const waitMs = Math.min(request.maxWaitMs, info.waitMsMax);
    this.#deadline = context.world.clock.monotonic() + Math.max(0, waitMs);
    info.afterWrite(() => {
      this.#isUnreachable = true;
      this.#leave?.();
    });
  }

  /** Nobody would ever acknowledge what it acquires: its client has gone, or has begun another session. */
  get #isGone(): boolean {
    return this.#isUnreachable || this.#session.isOver;
  }

  /**
   * Resolves with those partitions of which there is something to tell. The first answer of a session tells
   * of the others, too, that there is nothing, once it is known where the group stands in them.
   */
  async answer(): Promise<SharedRead[]> {
    const told = await this.#somethingToTell();
    if (this.#request.shareSessionEpoch !== INITIAL_EPOCH) return told;
    const named = new Set(told.map(nameOf));
    const idle = this.#wanted.filter(({ wanted, share }) => share?.isLoaded && !named.has(nameOf(wanted)));
    return [...told, ...idle.map(({ wanted }) => noRecords(wanted, null))];
  }

  async #somethingToTell(): Promise<SharedRead[]> {
    const { maxRecords, maxBytes } = this.#request;
    const mayRead = maxRecords > 0 && maxBytes > 0;
    for (;;) {
      this.#tried.clear();
      const got = mayRead && !this.#isGone && this.#isReady() ? await this.#read() : [];
      // The records of a partition that has ended since come last, so that they are what is told of it.
      const failed = this.#wanted.filter((one) => this.#hasFailed(one));
      if (got.length > 0 || this.throttleTimeMs > 0) return [...failed.map(refused), ...got];
      const isOver = this.#context.world.clock.monotonic() >= this.#deadline;
      if (!mayRead || isOver || this.#isGone || failed.length > 0 || this.#wanted.length === 0)
        return failed.map(refused);
      if (this.#hasMoved()) await soon(this.#context.world.clock);
      else await this.#wait();
    }
  }

  #locate(groupId: string, wanted: SharedPartition): Wanted {
    const { image, replicas, sharePartitions } = this.#context;
    const { topicId, partition } = wanted;
    const topic = image().topics.byId(topicId);
    if (!topic) return { wanted, share: null, error: 'UNKNOWN_TOPIC_ID' };
    if (!this.#mayRead(wanted)) return { wanted, share: null, error: 'TOPIC_AUTHORIZATION_FAILED' };
    const replica = replicas.lookup(topic.name, partition);
    if (!(replica instanceof Partition)) return { wanted, share: null, error: replica.error };
    if (!replica.isLeader) return { wanted, share: null, error: 'NOT_LEADER_OR_FOLLOWER' };
    const share = sharePartitions.of({ groupId, topicId, partition }, replica);
    share.load();
    return { wanted, share, error: null };
  }

  /** A topic that is gone tells nothing. */
  #mayRead({ topicId }: SharedPartition): boolean {
    const topic = this.#context.image().topics.byId(topicId);
    return topic === undefined || this.#info.authorize('READ', 'TOPIC', topic.name);
  }

  #hasFailed(one: Wanted): boolean {
    const endedBy = one.share?.endedBy ?? null;
    if (one.error === null && endedBy !== null) one.error = asReaderIsTold(endedBy);
    return one.error !== null;
  }

  #isReady(): boolean {
    const { minBytes } = this.#request;
    let bytes = 0;
    for (const { share } of this.#wanted) {
      const offset = share?.readableFrom() ?? null;
      if (!share || offset === null) continue;
      if (minBytes <= 1) return true;
      const { log } = share.replica;
      bytes += log.reads.availableBytes(offset, { enough: minBytes - bytes, upTo: log.highWatermark });
      if (bytes >= minBytes) return true;
    }
    // At the end of its time the member gets what there is.
    return bytes > 0 && this.#context.world.clock.monotonic() >= this.#deadline;
  }

  /** The same after this partition moved; the others are looked at only where their bytes count. */
  #isReadyWith({ share }: Wanted): boolean {
    return this.#request.minBytes <= 1 ? (share?.readableFrom() ?? null) !== null : this.#isReady();
  }

  /**
   * Whether there is something to read by now, elsewhere than where nothing was found: behind an aborted
   * transaction, or in a partition that others read meanwhile. Nobody tells of that again.
   */
  #hasMoved(): boolean {
    if (this.#tried.size === 0) return false;
    return this.#wanted.some(({ share }) => {
      const offset = share?.readableFrom() ?? null;
      return share && offset !== null && offset !== this.#tried.get(share);
    });
  }

  /** Until something moves, or the time is over. */
  #wait(): Promise<void> {
    const { world, replicas } = this.#context;
    return new Promise((resolve) => {
      const stops: (() => void)[] = [];
      const finish = () => {
        for (const stop of stops.splice(0)) stop();
        this.#leave = null;
        resolve();
      };
      this.#leave = finish;
      const look = (one: Wanted) => {
        if (this.#hasFailed(one) || this.#isReadyWith(one)) finish();
      };
      const left = Math.max(1, this.#deadline - world.clock.monotonic());
      const timer = world.clock.after(left, finish);
      stops.push(() => timer.cancel());
      for (const one of this.#wanted) {
        const { share } = one;
        if (!share) continue;
        stops.push(share.onMoved(() => look(one)));
        const watcher: PartitionWatcher = { moved: () => look(one) };
        replicas.watchers.add(share.replica, watcher);
        stops.push(() => replicas.watchers.delete(share.replica, watcher));
      }
    });
  }

  get #reader(): ShareReader {
    const { batchSize, shareAcquireMode } = this.#request;
    return {
      memberId: this.#session.memberId,
      batchSize,
      isStrict: shareAcquireMode === RECORD_LIMIT,
      isGone: () => this.#isGone,
      afterWrite: (release) => this.#info.afterWrite(release),
    };
  }

  async #read(): Promise<SharedRead[]> {
    const { settings, quotas } = this.#context;
    const { bytes, throttleTimeMs } = quotas.fetchable(this.#info);
    this.throttleTimeMs = throttleTimeMs;
    if (throttleTimeMs > 0) return [];
    const maxBytes = Math.min(this.#request.maxBytes, settings.get(networkConfigs.fetchMaxBytes), bytes);
    const granted = await this.#memory(Math.max(1, maxBytes));
    if (granted === 0 || this.#isGone) return [];
    const read: SharedRead[] = [];
    let usedBytes = 0;
    let heldBytes = 0;
    let recordsLeft = this.#request.maxRecords;
    const ready = this.#wanted.filter(({ share }) => share && share.readableFrom() !== null);
    for (const [i, one] of ready.entries()) {
      if (recordsLeft <= 0 || this.#isGone) break;
      const bytesLeft = Math.max(0, Math.min(maxBytes, granted) - usedBytes);
      const { wanted, share } = one;
      const fetchOffset = share?.readableFrom() ?? null;
      if (!share || fetchOffset === null) continue;
      // The right may have been taken away while the request waited.
      if (!this.#mayRead(wanted)) {
        one.error = 'TOPIC_AUTHORIZATION_FAILED';
        continue;
      }
      this.#tried.set(share, fetchOffset);
      const limits = {
        maxBytes: Math.ceil(bytesLeft / (ready.length - i)),
        minOneBatch: usedBytes === 0,
        maxRecords: recordsLeft,
      };
      const got = await readShared(wanted, { share, fetchOffset }, limits, this.#reader);
      if (got === null) continue;
      read.push(got.read);
      usedBytes += got.read.records.length;
      heldBytes += got.heldBytes;
      for (const { firstOffset, lastOffset } of got.read.acquired)
        recordsLeft -= lastOffset - firstOffset + 1;
    }
    quotas.fetched(this.#info, usedBytes);
    this.#info.output.holds(heldBytes);
    return read;
  }

  /** As much as there is room for; waits while there is none, and gives 0 when the time is over. */
  #memory(bytes: number): Promise<number> {
    const { output } = this.#info;
    const { clock } = this.#context.world;
    return new Promise((resolve) => {
      const attempt = () => {
        const granted = output.grant(bytes);
        const leftMs = this.#deadline - clock.monotonic();
        if (granted > 0 || leftMs <= 0 || this.#isGone) return resolve(granted);
        const goOn = () => {
          timer.cancel();
          leave();
          this.#leave = null;
          attempt();
        };
        const leave = output.whenRoom(goOn);
        const timer = clock.after(leftMs, goOn);
        this.#leave = goOn;
      };
      attempt();
    });
  }
}

/** Lets others have their turn. */
function soon(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.soon(resolve));
}

function refused({ wanted, error }: Wanted): SharedRead {
  return noRecords(wanted, error);
}

/** Clients of share groups end with an error that they do not know of a fetch. */
function asReaderIsTold(error: ErrorName): ErrorName {
  switch (error) {
    case 'COORDINATOR_NOT_AVAILABLE':
      return TRY_AGAIN;
    case 'GROUP_ID_NOT_FOUND':
      return 'UNKNOWN_SERVER_ERROR';
    default:
      return error;
  }
}
