import type { Offset } from '../base/brand.ts';

/** One batch below the high watermark, its records still encoded; none when it is a control batch. */
export interface CommittedBatch {
  readonly baseOffset: Offset;
  readonly lastOffset: Offset;
  readonly epoch: number;
  readonly timestamp: number;
  readonly values: readonly Buffer[];
}

/** All that the log said below `endOffset`. */
export interface CommittedSnapshot {
  readonly endOffset: Offset;
  readonly epoch: number;
  /** When the last record in it was appended. */
  readonly timestamp: number;
  readonly values: Iterable<Buffer>;
}

/** Who is told of what the quorum committed, in order and each once. */
export interface CommitListener {
  onCommitted(batches: readonly CommittedBatch[]): void;
  /** In place of the log below it: what was told before is superseded. */
  onSnapshot(snapshot: CommittedSnapshot): void;
}
