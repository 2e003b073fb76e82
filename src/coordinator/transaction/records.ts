import type { DecodedData, EncodableData } from '../../protocol/data.ts';
import type { Immutable } from '../../protocol/field.ts';
import { ProtocolError, Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import { transactionLogKey, transactionLogValue } from './record-definitions.ts';

type TransactionLogKey = Immutable<DecodedData<typeof transactionLogKey>>;
export type TransactionLogValue = Immutable<DecodedData<typeof transactionLogValue>>;

/**
 * The one record of `__transaction_state`: all that is known of a transactional id; a null value removes it.
 */
export interface TransactionRecord {
  readonly type: 'TransactionLog';
  readonly key: TransactionLogKey;
  readonly value: TransactionLogValue | null;
}

export interface EncodableTransactionRecord {
  readonly type: 'TransactionLog';
  readonly key: EncodableData<typeof transactionLogKey>;
  readonly value: EncodableData<typeof transactionLogValue> | null;
}

/** The key begins with the type of the record (int16). */
const TRANSACTION_LOG_TYPE = 0;
const KEY_VERSION = 0;
/**
 * With the tagged fields that transaction.version 2 needs (KIP-890); Kafka writes 0 where that feature is
 * off.
 */
const VALUE_VERSION = 1;

/** Key and value as they are appended to the log. */
export function encodeTransactionRecord(record: EncodableTransactionRecord): {
  key: Buffer;
  value: Buffer | null;
} {
  const key = new Writer(64);
  key.int16(TRANSACTION_LOG_TYPE);
  transactionLogKey.at(KEY_VERSION).encode(key, record.key);
  if (record.value === null) return { key: key.done(), value: null };
  const value = new Writer(256);
  value.int16(VALUE_VERSION);
  transactionLogValue.at(VALUE_VERSION).encode(value, record.value);
  return { key: key.done(), value: value.done() };
}

/**
 * Null for a type of record that this release does not know. Throws ProtocolError for bytes that are no
 * record, and for an unknown version of the value.
 */
export function decodeTransactionRecord(record: {
  readonly key: Buffer;
  readonly value: Buffer | null;
}): TransactionRecord | null {
  const keyReader = new Reader(record.key);
  if (keyReader.int16() !== TRANSACTION_LOG_TYPE) return null;
  const key = transactionLogKey.at(KEY_VERSION).decode(keyReader);
  if (record.value === null) return { type: 'TransactionLog', key, value: null };
  const reader = new Reader(record.value);
  const version = reader.int16();
  const [oldest, newest] = transactionLogValue.versions;
  if (version < oldest || version > newest)
    throw new ProtocolError(`TransactionLog value of unknown version ${version}`);
  return { type: 'TransactionLog', key, value: transactionLogValue.at(version).decode(reader) };
}
