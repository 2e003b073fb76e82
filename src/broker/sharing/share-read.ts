import type { Uuid } from '../../base/brand.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { type ReadResult, readPartition } from '../../replication/replica-reader.ts';
import type { AcquiredRecords } from './acquisition.ts';
import { abortedBatches, fetchedBatches, type ReadBatch } from './fetched-batches.ts';
import type { SharePartition } from './share-partition.ts';
import type { SharedPartition } from './share-sessions.ts';

/** What a member got of one partition, or why it got nothing. */
export interface SharedRead {
  readonly topicId: Uuid;
  readonly partition: number;
  readonly error: ErrorName | null;
  readonly records: Buffer;
  readonly acquired: readonly AcquiredRecords[];
}

/** Who reads a share partition. */
export interface ShareReader {
  readonly memberId: string;
  /** How many records are acquired and acknowledged as one. */
  readonly batchSize: number;
  /** Never more than `maxRecords`; otherwise batches are kept whole. */
  readonly isStrict: boolean;
  /** Nobody would ever acknowledge what it acquires. */
  isGone(): boolean;
  /** Runs it when the answer is written, or never will be. */
  afterWrite(release: () => void): void;
}

interface ReadLimits {
  readonly maxBytes: number;
  readonly minOneBatch: boolean;
  readonly maxRecords: number;
}

/** A read, and the bytes of memory that its records keep until they are written. */
interface HeldRead {
  readonly read: SharedRead;
  readonly heldBytes: number;
}

const NO_RECORDS = Buffer.alloc(0);

/** A partition that there are no records of. */
export function noRecords({ topicId, partition }: SharedPartition, error: ErrorName | null): SharedRead {
  return { topicId, partition, error, records: NO_RECORDS, acquired: [] };
}

/** Reads records of a partition from an offset on and acquires them; resolves to null when there are none. */
export async function readShared(
  wanted: SharedPartition,
  { share, fetchOffset }: { readonly share: SharePartition; readonly fetchOffset: number },
  limits: ReadLimits,
  reader: ShareReader,
): Promise<HeldRead | null> {
  const { isReadCommitted } = share.config;
  const acquired = (result: ReadResult): HeldRead | null => {
    if (!('error' in result)) return acquire(wanted, { share, fetchOffset }, result, limits, reader);
    // The start of the log has moved meanwhile: the next look begins there.
    if (result.error === 'OFFSET_OUT_OF_RANGE') return null;
    return { read: noRecords(wanted, result.error), heldBytes: 0 };
  };
  const read = readPartition(share.replica, {
    fetchOffset,
    maxBytes: limits.maxBytes,
    minOneBatch: limits.minOneBatch,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    upTo: isReadCommitted ? 'lastStable' : 'highWatermark',
    followersToo: false,
  });
  if (!('finish' in read)) return acquired(read);
  const endRead = share.beginRead();
  try {
    return acquired(await read.finish({ isUrgent: false }));
  } finally {
    endRead();
  }
}

function acquire(
  wanted: SharedPartition,
  { share, fetchOffset }: { readonly share: SharePartition; readonly fetchOffset: number },
  result: Exclude<ReadResult, { readonly error: ErrorName }>,
  { maxRecords }: ReadLimits,
  reader: ShareReader,
): HeldRead | null {
  const bytes = result.parts.length === 1 ? (result.parts[0] ?? NO_RECORDS) : Buffer.concat(result.parts);
  const isCopied = result.parts.length > 1;
  if (isCopied) result.release();
  const batches = reader.isGone() ? [] : fetchedBatches(bytes);
  const { memberId, batchSize, isStrict } = reader;
  const acquired = share.acquire(
    memberId,
    { batches, fetchOffset, aborted: abortedBatches(batches, result.abortedTransactions) },
    { maxRecords, batchSize, isStrict },
  );
  if (acquired.length === 0) {
    if (!isCopied) result.release();
    return null;
  }
  if (!isCopied) reader.afterWrite(result.release);
  const records = cut(bytes, batches, acquired);
  share.replica.traffic.bytesOut += records.length;
  const { topicId, partition } = wanted;
  return {
    read: { topicId, partition, error: null, records, acquired },
    heldBytes: isCopied ? bytes.length : result.heldBytes,
  };
}

/** The batches that the acquired records are in, as far as they lie in one piece. */
function cut(bytes: Buffer, batches: readonly ReadBatch[], acquired: readonly AcquiredRecords[]): Buffer {
  const first = acquired[0]?.firstOffset ?? 0;
  const last = acquired.at(-1)?.lastOffset ?? -1;
  const from = batches.find(({ lastOffset }) => lastOffset >= first)?.start ?? 0;
  const to = batches.findLast(({ baseOffset }) => baseOffset <= last)?.end ?? 0;
  return bytes.subarray(from, Math.max(from, to));
}
