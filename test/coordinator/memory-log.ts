import {
  type CoordinatorLog,
  type CoordinatorLogEntry,
  CoordinatorLogError,
  type CoordinatorRecord,
  type ProducerIdentity,
  type TransactionMarker,
} from '../../src/coordinator/coordinator-log.ts';
import type { ErrorName } from '../../src/protocol/errors.ts';

/**
 * A coordinator's log in memory that behaves like a real one: appended records are there at once and are
 * committed later, when the test says so (by default at once); until then they can be lost.
 */
export class MemoryLog implements CoordinatorLog {
  readonly #entries: CoordinatorLogEntry[] = [];
  readonly #onCommitted: (() => void)[] = [];
  readonly #onFailed: ((error: CoordinatorLogError) => void)[] = [];
  #committed = 0;
  /** While true, records are not committed before `commit`. */
  held = false;
  /** The error that the next append throws, once. */
  refusal: ErrorName | null = null;
  #refusals: { readonly error: ErrorName; left: number } = { error: 'NONE', left: 0 };
  /** Larger batches are MESSAGE_TOO_LARGE. */
  maxBatchBytes = 1_048_588;

  append(records: readonly CoordinatorRecord[], transaction?: ProducerIdentity): number {
    this.#refuse();
    const bytes = records.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
    if (bytes > this.maxBatchBytes)
      throw new CoordinatorLogError('MESSAGE_TOO_LARGE', 'the batch is too large');
    for (const { key, value } of records) {
      this.#entries.push({
        key: Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
        offset: this.#entries.length,
        timestamp: 0,
        transaction,
      });
    }
    if (!this.held) this.#committed = this.#entries.length;
    return this.#entries.length;
  }

  appendMarker({
    producerId,
    producerEpoch,
    committed,
    transactionVersion,
  }: TransactionMarker): number | null {
    this.#refuse();
    const epochs = this.#entries.map(({ transaction, marker }) => transaction ?? marker);
    const last = epochs.findLast((producer) => producer?.producerId === producerId);
    if (transactionVersion >= 2 && last?.producerEpoch === producerEpoch) return null;
    this.#entries.push({
      key: Buffer.alloc(0),
      value: null,
      offset: this.#entries.length,
      timestamp: 0,
      marker: { producerId, producerEpoch, committed },
    });
    if (!this.held) this.#committed = this.#entries.length;
    return this.#entries.length;
  }

  get committedOffset(): number {
    return this.#committed;
  }

  onCommitted(listener: () => void): void {
    this.#onCommitted.push(listener);
  }

  onFailed(listener: (error: CoordinatorLogError) => void): void {
    this.#onFailed.push(listener);
  }

  async load(visit: (entry: CoordinatorLogEntry) => void): Promise<void> {
    await Promise.resolve();
    for (const entry of this.#entries) visit(entry);
  }

  get entries(): readonly CoordinatorLogEntry[] {
    return this.#entries;
  }

  /** The high watermark moves to the end. */
  commit(): void {
    this.#committed = this.#entries.length;
    for (const listener of this.#onCommitted) listener();
  }

  /** Removes what was not committed. */
  lose(error: ErrorName = 'KAFKA_STORAGE_ERROR'): void {
    this.#entries.length = this.#committed;
    for (const listener of this.#onFailed) listener(new CoordinatorLogError(error, 'the write failed'));
  }

  /**
   * Another leader's view of the same partition: it has the committed records, and all of them count as
   * committed.
   */
  successor(): MemoryLog {
    const next = new MemoryLog();
    next.#entries.push(...this.#entries.slice(0, this.#committed));
    next.#committed = this.#committed;
    return next;
  }

  /** The next `times` appends throw; the result counts those that are left. */
  refuse(error: ErrorName, times: number): { left: number } {
    this.#refusals = { error, left: times };
    return this.#refusals;
  }

  #refuse(): void {
    const refusal = this.refusal ?? (this.#refusals.left > 0 ? this.#refusals.error : null);
    if (refusal && !this.refusal) this.#refusals.left -= 1;
    this.refusal = null;
    if (refusal) throw new CoordinatorLogError(refusal, 'refused');
  }
}
