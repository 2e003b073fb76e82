import type { Data } from '../protocol/data.ts';
import type { Decoded, Encodable, Fields, Immutable } from '../protocol/field.ts';
import { ProtocolError, Reader } from '../protocol/reader.ts';
import { Writer } from '../protocol/writer.ts';
import { type RecordDefinition, recordDefinitions } from './record-definitions.ts';

type Definitions = typeof recordDefinitions;
type MetadataRecordType = keyof Definitions;
type FieldsOf<Type extends MetadataRecordType> =
  Definitions[Type] extends RecordDefinition<infer F extends Fields> ? F : never;

/** A record as it is replayed: every field of every version, absent ones at their default. */
export type MetadataRecord = {
  [Type in MetadataRecordType]: { readonly type: Type } & Immutable<Decoded<FieldsOf<Type>>>;
}[MetadataRecordType];

/** A record as it is decided: fields that have a default may be left out. */
export type EncodableMetadataRecord = {
  [Type in MetadataRecordType]: { readonly type: Type } & Encodable<FieldsOf<Type>>;
}[MetadataRecordType];

export type RecordOf<Type extends MetadataRecordType> = Extract<MetadataRecord, { readonly type: Type }>;

/**
 * KRaft's framing of a record: this version, the record's key, its version (all unsigned varints), then its
 * fields.
 */
const FRAME_VERSION = 1;

interface AnyRecordDefinition {
  readonly apiKey: number;
  readonly data: Data<Fields>;
}

const definitions = new Map<string, AnyRecordDefinition>(Object.entries(recordDefinitions));
const typesByKey = new Map<number, MetadataRecordType>();
for (const type of definitions.keys()) if (isType(type)) typesByKey.set(recordDefinitions[type].apiKey, type);

function isType(type: string): type is MetadataRecordType {
  return Object.hasOwn(recordDefinitions, type);
}

function definitionOf(type: MetadataRecordType): AnyRecordDefinition {
  return recordDefinitions[type];
}

/** The value of a record of the metadata log, at the newest version of its type unless one is given. */
export function encodeMetadataRecord(record: EncodableMetadataRecord, version?: number): Buffer {
  const { apiKey, data } = definitionOf(record.type);
  const chosen = version ?? data.versions[1];
  const writer = new Writer(128);
  writer.uvarint(FRAME_VERSION);
  writer.uvarint(apiKey);
  writer.uvarint(chosen);
  data.at(chosen).encode(writer, record as Encodable<Fields>);
  return writer.done();
}

/**
 * Throws ProtocolError for bytes that are no record, and for a type or version that this release does not
 * know: to skip such a record would be to know less than the cluster agreed on.
 */
export function decodeMetadataRecord(value: Buffer): MetadataRecord {
  const reader = new Reader(value);
  const frameVersion = reader.uvarint();
  if (frameVersion !== FRAME_VERSION)
    throw new ProtocolError(`metadata record of frame version ${frameVersion}`);
  const apiKey = reader.uvarint();
  const version = reader.uvarint();
  const type = typesByKey.get(apiKey);
  if (type === undefined) throw new ProtocolError(`metadata record of unknown type ${apiKey}`);
  const { data } = definitionOf(type);
  if (version < data.versions[0] || version > data.versions[1])
    throw new ProtocolError(`${type} of unknown version ${version}`);
  const fields = data.at(version).decode(reader);
  if (reader.remaining > 0) throw new ProtocolError(`${reader.remaining} bytes after ${type}`);
  return { type, ...fields } as MetadataRecord;
}

/** A record that was decided, as it will be replayed. */
export function completeMetadataRecord(record: EncodableMetadataRecord): MetadataRecord {
  const { data } = definitionOf(record.type);
  return { type: record.type, ...data.complete(record as Encodable<Fields>) } as MetadataRecord;
}
