import type { SinkRecord } from '../../kernel/connect-record.ts';
import { LOGICAL_NAMES } from '../../kernel/schema.ts';
import { DataError } from '../../kernel/task-errors.ts';
import { recordField } from './record-field.ts';

/** The time of a record, in milliseconds since 1970. Throws DataError. */
export type TimestampExtractor = (record: SinkRecord) => number;

const DAY_MS = 86_400_000;
/**
 * A thousand years less than Date has, so that the local time and the beginning of its hour or day are dates,
 * too.
 */
const FURTHEST_MS = 8.6e15;

/** Kafka's own timestamp of the record. */
export function recordTimestamp({ timestamp }: SinkRecord): number {
  if (timestamp === null) throw new DataError('The record has no timestamp.');
  return checked(timestamp);
}

/**
 * Milliseconds in a field of the value: a number, Kafka Connect's Timestamp or Date, or a text as ISO 8601
 * has it.
 */
export function fieldTimestamp(path: string): TimestampExtractor {
  return (record) => {
    const value = recordField(record, path);
    if (typeof value === 'bigint') return checked(Number(value));
    if (typeof value === 'number') {
      const { fields = [] } = record.valueSchema ?? {};
      const isDate = fields.find(({ name }) => name === path)?.schema.name === LOGICAL_NAMES.date;
      return checked(isDate ? value * DAY_MS : Math.trunc(value));
    }
    const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(parsed)) throw new DataError(`The field ${path} is no time.`);
    return checked(parsed);
  };
}

/** Throws DataError for a time that no folder can be named by. */
function checked(milliseconds: number): number {
  if (!(Math.abs(milliseconds) <= FURTHEST_MS))
    throw new DataError(`${milliseconds} milliseconds since 1970 are no time that a folder can be named by.`);
  return milliseconds;
}
