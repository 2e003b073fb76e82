import type { Uuid } from '../../base/brand.ts';
import type { ErrorName } from '../../protocol/errors.ts';

/** A partition that a member of a share group reads. */
export interface SharedPartition {
  readonly topicId: Uuid;
  readonly partition: number;
}

/** What a member of a share group reads here; each request names only changes. */
export interface ShareSession {
  readonly groupId: string;
  readonly memberId: string;
  readonly connectionId: string;
  /** Of the next request. */
  epoch: number;
  /** It ended, or its member began another one. */
  isOver: boolean;
  /** By topic id and partition, in the order in which they came. */
  readonly partitions: Map<string, SharedPartition>;
}

interface Opening {
  readonly groupId: string;
  readonly memberId: string;
  readonly connectionId: string;
  /** 0 begins a session, -1 ends it. */
  readonly epoch: number;
  readonly partitions: readonly SharedPartition[];
  readonly forgotten: readonly SharedPartition[];
  readonly acknowledges: boolean;
}

export const INITIAL_EPOCH = 0;
export const FINAL_EPOCH = -1;
const GREATEST_EPOCH = 2147483647;

/** The share sessions of a broker (KIP-932). They end with their member, or with its connection. */
export class ShareSessions {
  readonly #limit: () => number;
  readonly #left: (session: ShareSession) => void;
  readonly #byMember = new Map<string, ShareSession>();
  readonly #byConnection = new Map<string, Set<ShareSession>>();
  readonly #groupSizes = new Map<string, number>();

  /** `limit`: how many there may be. `left`: a session has ended, and its member has gone. */
  constructor(options: { readonly limit: () => number; readonly left: (session: ShareSession) => void }) {
    this.#limit = options.limit;
    this.#left = options.left;
  }

  get size(): number {
    return this.#byMember.size;
  }

  hasMembers(groupId: string): boolean {
    return this.#groupSizes.has(groupId);
  }

  /** The session of a ShareFetch, after what the request changes in it; null where the request ends it. */
  open(opening: Opening): { readonly session: ShareSession } | { readonly error: ErrorName } {
    const { groupId, memberId, epoch, connectionId } = opening;
    const known = this.#byMember.get(keyOf(groupId, memberId));
    if (epoch === INITIAL_EPOCH) {
      if (opening.acknowledges) return { error: 'INVALID_REQUEST' };
      if (known) this.#remove(known);
      // One that takes the place of another makes no more of them, also where the limit was lowered
      // meanwhile.
      else if (this.#byMember.size >= this.#limit()) return { error: 'SHARE_SESSION_LIMIT_REACHED' };
      const session = { groupId, memberId, connectionId, epoch: 1, isOver: false, partitions: new Map() };
      put(session, opening.partitions);
      this.#add(session);
      return { session };
    }
    if (!known) return { error: 'SHARE_SESSION_NOT_FOUND' };
    if (epoch === FINAL_EPOCH) return { session: known };
    if (known.epoch !== epoch) return { error: 'INVALID_SHARE_SESSION_EPOCH' };
    put(known, opening.partitions);
    for (const one of opening.forgotten) known.partitions.delete(nameOf(one));
    known.epoch = nextEpoch(epoch);
    return { session: known };
  }

  /** The session of a ShareAcknowledge. */
  acknowledge(
    groupId: string,
    memberId: string,
    epoch: number,
  ): { readonly session: ShareSession } | { readonly error: ErrorName } {
    if (epoch === INITIAL_EPOCH) return { error: 'INVALID_SHARE_SESSION_EPOCH' };
    const session = this.#byMember.get(keyOf(groupId, memberId));
    if (!session) return { error: 'SHARE_SESSION_NOT_FOUND' };
    if (epoch === FINAL_EPOCH) return { session };
    if (session.epoch !== epoch) return { error: 'INVALID_SHARE_SESSION_EPOCH' };
    session.epoch = nextEpoch(epoch);
    return { session };
  }

  /** Ends the session; does nothing when it has ended. */
  end(session: ShareSession): void {
    if (this.#byMember.get(keyOf(session.groupId, session.memberId)) !== session) return;
    this.#remove(session);
    this.#left(session);
  }

  connectionClosed(connectionId: string): void {
    for (const session of [...(this.#byConnection.get(connectionId) ?? [])]) this.end(session);
  }

  #add(session: ShareSession): void {
    const { groupId, memberId, connectionId } = session;
    this.#byMember.set(keyOf(groupId, memberId), session);
    const others = this.#byConnection.get(connectionId);
    if (others) others.add(session);
    else this.#byConnection.set(connectionId, new Set([session]));
    this.#groupSizes.set(groupId, (this.#groupSizes.get(groupId) ?? 0) + 1);
  }

  #remove(session: ShareSession): void {
    session.isOver = true;
    const { groupId, memberId, connectionId } = session;
    this.#byMember.delete(keyOf(groupId, memberId));
    const others = this.#byConnection.get(connectionId);
    others?.delete(session);
    if (others?.size === 0) this.#byConnection.delete(connectionId);
    const size = (this.#groupSizes.get(groupId) ?? 0) - 1;
    if (size > 0) this.#groupSizes.set(groupId, size);
    else this.#groupSizes.delete(groupId);
  }
}

function put(session: ShareSession, partitions: readonly SharedPartition[]): void {
  for (const one of partitions)
    if (!session.partitions.has(nameOf(one))) session.partitions.set(nameOf(one), one);
}

/** Ids may hold any character but not a NUL. */
function keyOf(groupId: string, memberId: string): string {
  return `${groupId}\0${memberId}`;
}

export function nameOf({ topicId, partition }: SharedPartition): string {
  return `${topicId}/${partition}`;
}

/** Epochs begin again with 1. */
function nextEpoch(epoch: number): number {
  return epoch === GREATEST_EPOCH ? 1 : epoch + 1;
}
