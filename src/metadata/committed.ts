import type { Offset } from '../base/brand.ts';

/**
 * One batch of the metadata log below the high watermark, its records still encoded; none when it is a
 * control batch.
 */
export interface CommittedBatch {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly epoch: number;
  readonly timestamp: number;
  readonly values: readonly Buffer[];
}

/** A snapshot: all that the log said below `endOffset`. */
export interface CommittedSnapshot {
  readonly endOffset: Offset;
  readonly epoch: number;
  /** When the last record in it was appended. */
  readonly timestamp: number;
  readonly values: Iterable<Buffer>;
}
