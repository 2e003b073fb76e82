import type { SinkRecord } from '../kernel/connect-record.ts';
import { javaText } from '../kernel/java-text.ts';
import { fieldOf, isMap, isStruct } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { documentText } from './document.ts';

/** One record as an operation of a bulk request. */
export interface BulkOperation {
  readonly record: SinkRecord;
  /** Lines with their ends. */
  readonly text: string;
}

export interface OperationStyle {
  /** Of the index or data stream of a topic. */
  indexOf(topic: string): string;
  readonly ignoresKey: boolean;
  readonly writeMethod: 'insert' | 'upsert';
  readonly nullValues: 'ignore' | 'delete' | 'fail';
  readonly compactsMaps: boolean;
  readonly dataStream: { readonly timestampFields: readonly string[] } | null;
}

const TIMESTAMP = '@timestamp';

/**
 * What a record asks of its index; null when nothing. Documents that have the record's key have its offset as
 * their version, so that what is written again or out of order changes nothing. Throws DataError.
 */
export function bulkOperation(record: SinkRecord, style: OperationStyle): BulkOperation | null {
  const index = JSON.stringify(style.indexOf(record.topic));
  if (record.value === null) {
    if (style.nullValues === 'ignore') return null;
    if (style.nullValues === 'fail')
      throw new DataError('The value is null, and behavior.on.null.values is fail.');
    if (style.ignoresKey || style.dataStream)
      throw new DataError('The value is null, and without a key as its id no document can be deleted.');
    const meta = `{"delete":{"_index":${index},"_id":${idOf(record, false)},${versionOf(record)}}}`;
    return { record, text: `${meta}\n` };
  }
  const document = documentText(record.valueSchema, record.value, style.compactsMaps);
  if (style.dataStream) {
    const id = idOf(record, true);
    const stamped = withTimestamp(document, record, style.dataStream.timestampFields);
    return { record, text: `{"create":{"_index":${index},"_id":${id}}}\n${stamped}\n` };
  }
  const id = idOf(record, style.ignoresKey);
  if (style.writeMethod === 'upsert') {
    const meta = `{"update":{"_index":${index},"_id":${id},"retry_on_conflict":5}}`;
    return { record, text: `${meta}\n{"doc":${document},"doc_as_upsert":true}\n` };
  }
  // The id of a record that has no key is its own: it has one version.
  const version = style.ignoresKey ? '' : `,${versionOf(record)}`;
  return { record, text: `{"index":{"_index":${index},"_id":${id}${version}}}\n${document}\n` };
}

function versionOf({ offset }: SinkRecord): string {
  return `"version":${offset},"version_type":"external"`;
}

/** In quotes. */
function idOf(record: SinkRecord, ignoresKey: boolean): string {
  const { key, keySchema, originalTopic, originalPartition, offset } = record;
  if (ignoresKey) return JSON.stringify(`${originalTopic}+${originalPartition}+${offset}`);
  if (key === null)
    throw new DataError(
      'The key is null, and it is the id of the document: key.ignore=true makes ids of offsets.',
    );
  if (typeof key === 'object')
    throw new DataError('The key is the id of the document, and must be a text or a number.');
  return JSON.stringify(javaText(key, keySchema));
}

/** A data stream needs `@timestamp`: of the first of these fields that there is, else of the record. */
function withTimestamp(document: string, record: SinkRecord, names: readonly string[]): string {
  const { value, timestamp } = record;
  if (!isStruct(value) && !isMap(value)) return document;
  const has = (name: string): boolean => (fieldOf(value, name) ?? null) !== null;
  if (has(TIMESTAMP)) return document;
  const name = names.find(has);
  const found = name === undefined ? timestamp : fieldOf(value, name);
  if (found === null || typeof found === 'object' || found === undefined)
    throw new DataError(`The record has no timestamp for ${TIMESTAMP}.`);
  const stamp = typeof found === 'string' ? JSON.stringify(found) : String(found);
  return document === '{}' ? `{"${TIMESTAMP}":${stamp}}` : `{"${TIMESTAMP}":${stamp},${document.slice(1)}`;
}
