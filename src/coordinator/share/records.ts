import type { DecodedData } from '../../protocol/data.ts';
import type { Immutable } from '../../protocol/field.ts';
import { ProtocolError, Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import {
  shareSnapshotKey,
  shareSnapshotValue,
  shareUpdateKey,
  shareUpdateValue,
} from './record-definitions.ts';
import type { ShareKey } from './share-key.ts';

export type ShareSnapshotValue = Immutable<DecodedData<typeof shareSnapshotValue>>;
export type ShareUpdateValue = Immutable<DecodedData<typeof shareUpdateValue>>;
export type StateBatch = ShareSnapshotValue['stateBatches'][number];

/**
 * The records of `__share_group_state`: a snapshot is all that is known, an update what changed; a null
 * snapshot removes it.
 */
export type ShareStateRecord =
  | { readonly type: 'ShareSnapshot'; readonly key: ShareKey; readonly value: ShareSnapshotValue | null }
  | { readonly type: 'ShareUpdate'; readonly key: ShareKey; readonly value: ShareUpdateValue };

/** The key begins with the type of the record (int16). */
const SNAPSHOT_TYPE = 0;
const UPDATE_TYPE = 1;
const KEY_VERSION = 0;
const VALUE_VERSION = 0;

/** Key and value as they are appended to the log. */
export function encodeShareStateRecord(record: ShareStateRecord): { key: Buffer; value: Buffer | null } {
  if (record.type === 'ShareUpdate')
    return {
      key: part(UPDATE_TYPE, shareUpdateKey.at(KEY_VERSION), record.key),
      value: part(VALUE_VERSION, shareUpdateValue.at(VALUE_VERSION), record.value),
    };
  return {
    key: part(SNAPSHOT_TYPE, shareSnapshotKey.at(KEY_VERSION), record.key),
    value: record.value && part(VALUE_VERSION, shareSnapshotValue.at(VALUE_VERSION), record.value),
  };
}

function part(
  prefix: number,
  codec: { encode(writer: Writer, message: object): void },
  message: object,
): Buffer {
  const writer = new Writer(128);
  writer.int16(prefix);
  codec.encode(writer, message);
  return writer.done();
}

/**
 * Null for a type of record that this release does not know. Throws ProtocolError for bytes that are no
 * record, and for an unknown version of the value.
 */
export function decodeShareStateRecord(key: Buffer, value: Buffer | null): ShareStateRecord | null {
  const keyReader = new Reader(key);
  const type = keyReader.int16();
  if (type === SNAPSHOT_TYPE)
    return {
      type: 'ShareSnapshot',
      key: shareSnapshotKey.at(KEY_VERSION).decode(keyReader),
      value: value && shareSnapshotValue.at(VALUE_VERSION).decode(valueReader(value)),
    };
  if (type !== UPDATE_TYPE || value === null) return null;
  return {
    type: 'ShareUpdate',
    key: shareUpdateKey.at(KEY_VERSION).decode(keyReader),
    value: shareUpdateValue.at(VALUE_VERSION).decode(valueReader(value)),
  };
}

function valueReader(value: Buffer): Reader {
  const reader = new Reader(value);
  const version = reader.int16();
  if (version !== VALUE_VERSION) throw new ProtocolError(`share state value of unknown version ${version}`);
  return reader;
}
