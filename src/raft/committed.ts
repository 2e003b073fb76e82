import type { CommittedBatch, CommittedSnapshot } from '../metadata/committed.ts';

/** Who is told of what the quorum committed, in order and each once. */
export interface CommitListener {
  onCommitted(batches: readonly CommittedBatch[]): void;
  /** In place of the log below it: what was told before is superseded. */
  onSnapshot(snapshot: CommittedSnapshot): void;
}
