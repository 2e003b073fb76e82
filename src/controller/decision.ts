import type { Decision as AnyDecision } from '../base/decision.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';

/** The records of one decision are one batch of the metadata log, so they happen all or not at all. */
export type Decision<Answer> = AnyDecision<EncodableMetadataRecord, Answer>;

/** An answer that needs no record. */
export function answer<Answer>(value: Answer): Decision<Answer> {
  return { records: [], answer: value };
}
