import type { ProducerId } from '../base/brand.ts';
import type { BatchHeader } from '../protocol/records/batch.ts';
import {
  type AppendOrigin,
  appendData,
  appendMarker,
  findDuplicate,
  type ProducerError,
} from './producer-append.ts';
import { emptyEntry, firstOffset, type ProducerEntry } from './producer-entry.ts';
import type { AbortedTxn } from './txn-index.ts';

/** What an end-transaction marker says; the log reads it from the control record. */
export interface LoggedMarker {
  readonly outcome: 'COMMIT' | 'ABORT';
  readonly coordinatorEpoch: number;
}

export interface ProducedBatch {
  /** The header of the batch, with its offsets in the log. */
  readonly header: BatchHeader;
  /** Null for data. */
  readonly marker: LoggedMarker | null;
}

interface CompletedTxn {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

export type ProducerAppendResult =
  | { readonly accepted: true }
  | {
      readonly duplicate: {
        readonly baseOffset: number;
        readonly lastOffset: number;
        readonly timestamp: number;
      };
    }
  | { readonly error: ProducerError; readonly message: string };

/** The version of transactions since which each has an epoch of its own. */
const EPOCH_PER_TRANSACTION = 2;
const ACCEPTED: ProducerAppendResult = { accepted: true };

/**
 * The producers of one partition: sequences for idempotence, and which transactions are open, from which the
 * last stable offset follows. Everything here is derived from the log's batches, so it can be rebuilt from
 * them; what was applied since the last `keep` can also be taken back, for appends that failed to be written.
 */
export class ProducerState {
  readonly #entries = new Map<ProducerId, ProducerEntry>();
  /** First offset of each open transaction. Few: one per transactional producer at most. */
  readonly #open = new Map<ProducerId, number>();
  /** Ended, but the marker is not below the high watermark yet, so readers may not know. By first offset. */
  #unreplicated: CompletedTxn[] = [];
  /** What the entries were at the last `keep`; undefined for a producer that was unknown. */
  readonly #before = new Map<ProducerId, ProducerEntry | undefined>();

  get size(): number {
    return this.#entries.size;
  }

  get entries(): IterableIterator<ProducerEntry> {
    return this.#entries.values();
  }

  entry(producerId: ProducerId): ProducerEntry | undefined {
    return this.#entries.get(producerId);
  }

  /**
   * Whether the marker with this epoch is in the log already. From version 2 of transactions on it is the
   * first of its producer with that epoch (KIP-890); what follows is of the next transaction, which must not
   * end with a marker that comes twice, or late (KIP-1228).
   */
  hasMarker(marker: {
    readonly producerId: ProducerId;
    readonly producerEpoch: number;
    readonly transactionVersion: number;
  }): boolean {
    if (marker.transactionVersion < EPOCH_PER_TRANSACTION) return false;
    return this.#entries.get(marker.producerId)?.epoch === marker.producerEpoch;
  }

  /**
   * Checks the batches of one append, and applies them all or none. `aborted` is told what belongs in the
   * transaction index. Batches without a producer pass.
   */
  append(
    produced: readonly ProducedBatch[],
    origin: AppendOrigin,
    aborted: (txn: AbortedTxn) => void,
  ): ProducerAppendResult {
    const drafts = new Map<ProducerId, ProducerEntry>();
    const completed: {
      marker: LoggedMarker;
      txn: CompletedTxn & Pick<AbortedTxn, 'producerId' | 'lastStableOffset'>;
    }[] = [];
    for (const { header, marker } of produced) {
      const { producerId } = header;
      if (producerId < 0) continue;
      const entry = drafts.get(producerId) ?? this.#entries.get(producerId) ?? emptyEntry(producerId);
      if (origin === 'client') {
        const repeated = findDuplicate(entry, header);
        if (repeated) {
          const { lastOffset, timestamp } = repeated;
          return { duplicate: { baseOffset: firstOffset(repeated), lastOffset, timestamp } };
        }
      }
      // A control batch that compaction emptied says nothing any more.
      if (header.isControl && !marker) continue;
      const result = marker
        ? appendMarker(
            entry,
            {
              producerEpoch: header.producerEpoch,
              coordinatorEpoch: marker.coordinatorEpoch,
              timestamp: header.maxTimestamp,
            },
            origin,
          )
        : appendData(entry, header, origin);
      if ('error' in result) return result;
      drafts.set(producerId, result.entry);
      if (marker && entry.currentTxnFirstOffset >= 0) {
        const lastOffset = header.baseOffset;
        // As it is with this marker: what the batches after it begin or end in the same append is not there
        // yet.
        const lastStableOffset = this.#firstOpenOf(producerId, drafts) ?? lastOffset + 1;
        const txn = { producerId, firstOffset: entry.currentTxnFirstOffset, lastOffset, lastStableOffset };
        completed.push({ marker, txn });
      }
    }
    for (const entry of drafts.values()) this.#set(entry);
    for (const { marker, txn } of completed) {
      this.#unreplicated.push(txn);
      if (marker.outcome === 'ABORT') aborted(txn);
    }
    return ACCEPTED;
  }

  /** The first offset that is not decided, or whose decision is not replicated; null when all is. */
  get firstUnstableOffset(): number | null {
    let first = this.firstUndecidedOffset;
    for (const txn of this.#unreplicated) {
      if (first === null || txn.firstOffset < first) first = txn.firstOffset;
    }
    return first;
  }

  get firstUndecidedOffset(): number | null {
    return this.#firstOpenOf(null);
  }

  onHighWatermark(highWatermark: number): void {
    if (this.#unreplicated.length === 0) return;
    this.#unreplicated = this.#unreplicated.filter((txn) => txn.lastOffset >= highWatermark);
  }

  /** To be called when what was applied so far is in the log: it cannot be taken back then. */
  keep(): void {
    if (this.#before.size > 0) this.#before.clear();
  }

  /** Takes back what was applied since the last `keep`; the log ends at `endOffset` again. */
  rollback(endOffset: number): void {
    for (const [producerId, entry] of this.#before) {
      if (entry) this.#restore(entry);
      else {
        this.#entries.delete(producerId);
        this.#open.delete(producerId);
      }
    }
    this.#before.clear();
    this.#unreplicated = this.#unreplicated.filter((txn) => txn.lastOffset < endOffset);
  }

  removeExpired(now: number, expirationMs: number): void {
    for (const entry of this.#entries.values()) {
      const open = entry.currentTxnFirstOffset >= 0;
      if (!open && now - entry.lastTimestamp >= expirationMs) this.#entries.delete(entry.producerId);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#open.clear();
    this.#unreplicated = [];
    this.#before.clear();
  }

  load(entries: readonly ProducerEntry[]): void {
    this.clear();
    for (const entry of entries) this.#restore(entry);
  }

  #set(entry: ProducerEntry): void {
    const { producerId } = entry;
    if (!this.#before.has(producerId)) this.#before.set(producerId, this.#entries.get(producerId));
    this.#restore(entry);
  }

  #restore(entry: ProducerEntry): void {
    this.#entries.set(entry.producerId, entry);
    if (entry.currentTxnFirstOffset >= 0) this.#open.set(entry.producerId, entry.currentTxnFirstOffset);
    else this.#open.delete(entry.producerId);
  }

  /** Of all producers but one; `drafts` stand before what is applied. */
  #firstOpenOf(except: ProducerId | null, drafts?: ReadonlyMap<ProducerId, ProducerEntry>): number | null {
    let first: number | null = null;
    for (const [producerId, offset] of this.#open) {
      if (producerId === except || drafts?.has(producerId)) continue;
      if (first === null || offset < first) first = offset;
    }
    for (const { producerId, currentTxnFirstOffset: offset } of drafts?.values() ?? []) {
      if (producerId !== except && offset >= 0 && (first === null || offset < first)) first = offset;
    }
    return first;
  }
}
