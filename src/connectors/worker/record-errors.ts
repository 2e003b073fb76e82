import type { World } from '../../base/world.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { RecordFailure } from './record-failure.ts';

interface Tolerance {
  readonly tolerates: boolean;
  readonly logs: boolean;
  /** Whether the log says which record it was. */
  readonly logsRecords: boolean;
}

/** What becomes of records that cannot be converted, transformed or written. */
export class RecordErrors {
  readonly #log: World['log'];
  readonly #tolerance: Tolerance;
  readonly #queue: DeadLetterQueue | null;

  constructor(log: World['log'], tolerance: Tolerance, queue: DeadLetterQueue | null) {
    this.#log = log;
    this.#tolerance = tolerance;
    this.#queue = queue;
  }

  /** Resolves when the record is dealt with; rejects with what the task fails with. */
  async failed(failure: RecordFailure): Promise<void> {
    const { stage, className, error, record } = failure;
    if (this.#tolerance.logs) {
      const where =
        this.#tolerance.logsRecords && record
          ? {
              topic: record.topic,
              partition: record.partition,
              offset: record.offset,
              timestamp: record.timestamp,
            }
          : {};
      this.#log.error(`Error encountered in ${stage} of ${className}: ${error.message}`, { error, ...where });
    }
    if (record) await this.#queue?.send({ ...failure, record });
    if (!this.#tolerance.tolerates)
      throw new Error(`Tolerance exceeded in error handler: ${error.message}`, { cause: error });
  }
}
