import type { EncodableMetadataRecord } from '../metadata/records.ts';

/**
 * What a command decided: the records to make durable, and the answer to give once they are. The records of one
 * decision are one batch of the metadata log, so they happen all or not at all.
 */
export interface Decision<Answer> {
  readonly records: readonly EncodableMetadataRecord[];
  readonly answer: Answer;
}

/** An answer that needs no record. */
export function answer<Answer>(value: Answer): Decision<Answer> {
  return { records: [], answer: value };
}
