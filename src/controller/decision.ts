import type { Decision } from '../base/decision.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';

/** The records of one decision are one batch of the metadata log, so they happen all or not at all. */
export type ControllerDecision<Answer> = Decision<EncodableMetadataRecord, Answer>;

/** An answer that needs no record. */
export function answer<Answer>(value: Answer): ControllerDecision<Answer> {
  return { records: [], answer: value };
}
