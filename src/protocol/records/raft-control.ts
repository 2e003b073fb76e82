import { type Data, type DecodedData, data, type EncodableData } from '../data.ts';
import type { Encodable, Fields } from '../field.ts';
import { array, int16, int32, offset, string, struct, uint16, uuid } from '../field.ts';
import { ProtocolError, Reader } from '../reader.ts';
import { Writer } from '../writer.ts';
import { controlKey, controlType } from './control.ts';

const voter = {
  voterId: int32,
  voterDirectoryId: uuid.since(1),
};

export const leaderChangeMessage = data({
  name: 'LeaderChangeMessage',
  versions: [0, 1],
  flexible: 0,
  fields: {
    version: int16,
    leaderId: int32,
    voters: array(voter),
    grantingVoters: array(voter),
  },
});

export const snapshotHeaderRecord = data({
  name: 'SnapshotHeaderRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: int16,
    lastContainedLogTimestamp: offset,
  },
});

export const snapshotFooterRecord = data({
  name: 'SnapshotFooterRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: int16,
  },
});

export const kRaftVersionRecord = data({
  name: 'KRaftVersionRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: int16,
    kRaftVersion: int16,
  },
});

export const votersRecord = data({
  name: 'VotersRecord',
  versions: [0, 0],
  flexible: 0,
  fields: {
    version: int16,
    voters: array({
      voterId: int32,
      voterDirectoryId: uuid,
      endpoints: array({
        name: string,
        host: string,
        port: uint16,
      }),
      kRaftVersionFeature: struct({
        minSupportedVersion: int16,
        maxSupportedVersion: int16,
      }),
    }),
  },
});

/**
 * What the control records of the metadata log say, beside the markers of transactions: who leads (at the
 * beginning of each epoch), where a snapshot begins and ends, and who the voters are (KIP-630, KIP-853). The
 * value is the message itself; its first field repeats the version it has.
 */
const definitions = {
  LEADER_CHANGE: leaderChangeMessage,
  SNAPSHOT_HEADER: snapshotHeaderRecord,
  SNAPSHOT_FOOTER: snapshotFooterRecord,
  KRAFT_VERSION: kRaftVersionRecord,
  KRAFT_VOTERS: votersRecord,
} as const;

type Definitions = typeof definitions;
type RaftControlType = keyof Definitions;

/** `version` in it is the version of the layout it had. */
export type RaftControlRecord = {
  [Type in RaftControlType]: { readonly type: Type } & DecodedData<Definitions[Type]>;
}[RaftControlType];

/**
 * `version` is the layout to write: 1 of LEADER_CHANGE carries directory ids (kraft.version 1), all others
 * are 0.
 */
export type EncodableRaftControlRecord = {
  [Type in RaftControlType]: { readonly type: Type } & EncodableData<Definitions[Type]>;
}[RaftControlType];

function definitionOf(type: RaftControlType): Data<Fields> {
  return definitions[type];
}

/** Key and value of a record in a control batch. */
export function encodeRaftControl(record: EncodableRaftControlRecord): { key: Buffer; value: Buffer } {
  const writer = new Writer(128);
  definitionOf(record.type)
    .at(record.version)
    .encode(writer, record as Encodable<Fields>);
  return { key: controlKey(record.type), value: writer.done() };
}

/**
 * Null for a control record of another type. Throws ProtocolError for bytes that are no such record; a
 * version newer than we know is read as the newest we know, since later ones only add tagged fields.
 */
export function decodeRaftControl(record: {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}): RaftControlRecord | null {
  const type = controlType(record.key);
  if (type === null || type === 'ABORT' || type === 'COMMIT') return null;
  if (record.value === null) throw new ProtocolError(`${type} control record without a value`);
  const { versions, at } = definitionOf(type);
  const version = new Reader(record.value).int16();
  if (version < versions[0]) throw new ProtocolError(`${type} control record of version ${version}`);
  const fields = at(Math.min(version, versions[1])).decode(new Reader(record.value));
  return { type, ...fields } as RaftControlRecord;
}
