import { type Data, type DecodedData, data, type EncodableData, type MessageCodec } from './data.ts';
import type { Decoded, Encodable, Fields } from './field.ts';
import { array, bytes, int32, string } from './field.ts';
import { ProtocolError, REQUESTED_ELEMENTS_MAX, Reader } from './reader.ts';
import { Writer } from './writer.ts';

export const consumerProtocolSubscription = data({
  name: 'ConsumerProtocolSubscription',
  versions: [0, 3],
  fields: {
    topics: array(string),
    userData: bytes.nullable().default(null),
    ownedPartitions: array({
      topic: string,
      partitions: array(int32),
    })
      .since(1)
      .ignorable(),
    generationId: int32.since(2).default(-1).ignorable(),
    rackId: string.nullable(3).since(3).default(null).ignorable(),
  },
});

export const consumerProtocolAssignment = data({
  name: 'ConsumerProtocolAssignment',
  versions: [0, 3],
  fields: {
    assignedPartitions: array({
      topic: string,
      partitions: array(int32),
    }),
    userData: bytes.nullable().default(null),
  },
});

export type Subscription = DecodedData<typeof consumerProtocolSubscription>;
export type ConsumerProtocolAssignment = DecodedData<typeof consumerProtocolAssignment>;

/**
 * The metadata that a member of protocol type `consumer` joins its group with; the version comes first
 * (int16).
 */
export function decodeSubscription(bytes: Buffer): Subscription {
  return decode(consumerProtocolSubscription, bytes);
}

export function encodeSubscription(
  subscription: EncodableData<typeof consumerProtocolSubscription>,
  version = consumerProtocolSubscription.versions[1],
): Buffer {
  return encode(version, consumerProtocolSubscription.at(version), subscription);
}

/**
 * What the leader of the group assigns to a member. Empty bytes, as a member of no group has, assign nothing.
 */
export function decodeAssignment(bytes: Buffer): ConsumerProtocolAssignment {
  if (bytes.length === 0) return { assignedPartitions: [], userData: null };
  return decode(consumerProtocolAssignment, bytes);
}

export function encodeAssignment(
  assignment: EncodableData<typeof consumerProtocolAssignment>,
  version = consumerProtocolAssignment.versions[1],
): Buffer {
  return encode(version, consumerProtocolAssignment.at(version), assignment);
}

/** Later versions only append fields: a newer one than ours is read as ours. Throws ProtocolError. */
function decode<F extends Fields>(schema: Data<F>, bytes: Buffer): Decoded<F> {
  const reader = new Reader(bytes, REQUESTED_ELEMENTS_MAX);
  const version = reader.int16();
  if (version < 0) throw new ProtocolError(`${schema.name} of version ${version}`);
  return schema.at(Math.min(version, schema.versions[1])).decode(reader);
}

function encode<F extends Fields>(
  version: number,
  codec: MessageCodec<Decoded<F>, Encodable<F>>,
  message: Encodable<F>,
): Buffer {
  const writer = new Writer(256);
  writer.int16(version);
  codec.encode(writer, message);
  return writer.done();
}
