import type { Data } from '../../protocol/data.ts';
import type { Decoded, Encodable, Fields, Immutable } from '../../protocol/field.ts';
import { ProtocolError, Reader } from '../../protocol/reader.ts';
import { Writer } from '../../protocol/writer.ts';
import * as definitions from './record-definitions.ts';
import * as share from './share/record-definitions.ts';
import * as streams from './streams/record-definitions.ts';

/**
 * The records of `__consumer_offsets`. The key begins with the type (int16), the value with the version of
 * its layout (int16); a null value is a tombstone, it removes what the key names. `writes` is the version
 * that Kafka 4.3 writes: the newest without tagged fields where there is one, so that an older broker can
 * still load the log (KIP-915); of offsets, the one with the topic's id (KIP-848).
 */
const types = {
  /** Written by Kafka before 0.10 only; read as OffsetCommit is. */
  LegacyOffsetCommit: type(0, definitions.legacyOffsetCommitKey, definitions.legacyOffsetCommitValue, 0),
  /** Version 1 where the client gave a retention of its own: no later version carries the expiry. */
  OffsetCommit: type(1, definitions.offsetCommitKey, definitions.offsetCommitValue, 4),
  GroupMetadata: type(2, definitions.groupMetadataKey, definitions.groupMetadataValue, 3),
  ConsumerGroupMetadata: type(
    3,
    definitions.consumerGroupMetadataKey,
    definitions.consumerGroupMetadataValue,
    0,
  ),
  /** Written up to Kafka 4.0; since then a hash in ConsumerGroupMetadata says the same (KIP-1101). */
  ConsumerGroupPartitionMetadata: type(
    4,
    definitions.consumerGroupPartitionMetadataKey,
    definitions.consumerGroupPartitionMetadataValue,
    0,
  ),
  ConsumerGroupMemberMetadata: type(
    5,
    definitions.consumerGroupMemberMetadataKey,
    definitions.consumerGroupMemberMetadataValue,
    0,
  ),
  ConsumerGroupTargetAssignmentMetadata: type(
    6,
    definitions.consumerGroupTargetAssignmentMetadataKey,
    definitions.consumerGroupTargetAssignmentMetadataValue,
    0,
  ),
  ConsumerGroupTargetAssignmentMember: type(
    7,
    definitions.consumerGroupTargetAssignmentMemberKey,
    definitions.consumerGroupTargetAssignmentMemberValue,
    0,
  ),
  ConsumerGroupCurrentMemberAssignment: type(
    8,
    definitions.consumerGroupCurrentMemberAssignmentKey,
    definitions.consumerGroupCurrentMemberAssignmentValue,
    0,
  ),
  ShareGroupMemberMetadata: type(
    10,
    share.shareGroupMemberMetadataKey,
    share.shareGroupMemberMetadataValue,
    0,
  ),
  ShareGroupMetadata: type(11, share.shareGroupMetadataKey, share.shareGroupMetadataValue, 0),
  ShareGroupTargetAssignmentMetadata: type(
    12,
    share.shareGroupTargetAssignmentMetadataKey,
    share.shareGroupTargetAssignmentMetadataValue,
    0,
  ),
  ShareGroupTargetAssignmentMember: type(
    13,
    share.shareGroupTargetAssignmentMemberKey,
    share.shareGroupTargetAssignmentMemberValue,
    0,
  ),
  ShareGroupCurrentMemberAssignment: type(
    14,
    share.shareGroupCurrentMemberAssignmentKey,
    share.shareGroupCurrentMemberAssignmentValue,
    0,
  ),
  ShareGroupStatePartitionMetadata: type(
    15,
    share.shareGroupStatePartitionMetadataKey,
    share.shareGroupStatePartitionMetadataValue,
    0,
  ),
  ConsumerGroupRegularExpression: type(
    16,
    definitions.consumerGroupRegularExpressionKey,
    definitions.consumerGroupRegularExpressionValue,
    0,
  ),
  StreamsGroupMetadata: type(17, streams.streamsGroupMetadataKey, streams.streamsGroupMetadataValue, 0),
  StreamsGroupMemberMetadata: type(
    19,
    streams.streamsGroupMemberMetadataKey,
    streams.streamsGroupMemberMetadataValue,
    0,
  ),
  StreamsGroupTargetAssignmentMetadata: type(
    20,
    streams.streamsGroupTargetAssignmentMetadataKey,
    streams.streamsGroupTargetAssignmentMetadataValue,
    0,
  ),
  StreamsGroupTargetAssignmentMember: type(
    21,
    streams.streamsGroupTargetAssignmentMemberKey,
    streams.streamsGroupTargetAssignmentMemberValue,
    0,
  ),
  StreamsGroupCurrentMemberAssignment: type(
    22,
    streams.streamsGroupCurrentMemberAssignmentKey,
    streams.streamsGroupCurrentMemberAssignmentValue,
    0,
  ),
  StreamsGroupTopology: type(23, streams.streamsGroupTopologyKey, streams.streamsGroupTopologyValue, 0),
} as const;

interface RecordType<Key extends Fields, Value extends Fields> {
  readonly id: number;
  readonly key: Data<Key>;
  readonly value: Data<Value>;
  readonly writes: number;
}

function type<Key extends Fields, Value extends Fields>(
  id: number,
  key: Data<Key>,
  value: Data<Value>,
  writes: number,
): RecordType<Key, Value> {
  return { id, key, value, writes };
}

type GroupRecordType = keyof typeof types;
type KeyFields<Type extends GroupRecordType> =
  (typeof types)[Type] extends RecordType<infer F extends Fields, infer _> ? F : never;
type ValueFields<Type extends GroupRecordType> =
  (typeof types)[Type] extends RecordType<infer _, infer F extends Fields> ? F : never;

/** A record as it is replayed: every field of every version, absent ones at their default. */
export type GroupRecord = {
  [Type in GroupRecordType]: {
    readonly type: Type;
    readonly key: Immutable<Decoded<KeyFields<Type>>>;
    readonly value: Immutable<Decoded<ValueFields<Type>>> | null;
  };
}[GroupRecordType];

/** A record as it is decided: fields that have a default may be left out. */
export type EncodableGroupRecord = {
  [Type in GroupRecordType]: {
    readonly type: Type;
    readonly key: Encodable<KeyFields<Type>>;
    readonly value: Encodable<ValueFields<Type>> | null;
  };
}[GroupRecordType];

export type GroupRecordOf<Type extends GroupRecordType> = Extract<GroupRecord, { readonly type: Type }>;

interface AnyRecordType {
  readonly id: number;
  readonly key: Data<Fields>;
  readonly value: Data<Fields>;
  readonly writes: number;
}

const typesById = new Map<number, GroupRecordType>();
for (const name of Object.keys(types)) if (isType(name)) typesById.set(types[name].id, name);

function isType(name: string): name is GroupRecordType {
  return Object.hasOwn(types, name);
}

function typeOf(name: GroupRecordType): AnyRecordType {
  return types[name];
}

const KEY_VERSION = 0;
/** The one version of OffsetCommit values that carries an expiry. */
const VERSION_WITH_EXPIRY = 1;
const NO_EXPIRY = -1;

/** Key and value as they are appended to the log. */
export function encodeGroupRecord(record: EncodableGroupRecord): { key: Buffer; value: Buffer | null } {
  const { id, key, value, writes } = typeOf(record.type);
  const version = hasExpiry(record) ? VERSION_WITH_EXPIRY : writes;
  return {
    key: encodePart(id, key.at(KEY_VERSION), record.key),
    value: record.value === null ? null : encodePart(version, value.at(version), record.value),
  };
}

function hasExpiry(record: EncodableGroupRecord): boolean {
  return record.type === 'OffsetCommit' && (record.value?.expireTimestamp ?? NO_EXPIRY) !== NO_EXPIRY;
}

function encodePart(
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
 * Null for a type that this release does not know: a coordinator leaves such records alone. Throws
 * ProtocolError for bytes that are no record, and for an unknown version of a known type.
 */
export function decodeGroupRecord(record: {
  readonly key: Buffer;
  readonly value: Buffer | null;
}): GroupRecord | null {
  const keyReader = new Reader(record.key);
  const name = typesById.get(keyReader.int16());
  if (name === undefined) return null;
  const { key, value } = typeOf(name);
  return {
    type: name,
    key: key.at(KEY_VERSION).decode(keyReader),
    value: record.value === null ? null : decodeValue(name, value, new Reader(record.value)),
  } as GroupRecord;
}

function decodeValue(name: GroupRecordType, value: Data<Fields>, reader: Reader): unknown {
  const version = reader.int16();
  if (version < value.versions[0] || version > value.versions[1])
    throw new ProtocolError(`${name} value of unknown version ${version}`);
  return value.at(version).decode(reader);
}
