import { type DecodedData, data, type EncodableData } from './data.ts';
import { bool, string } from './field.ts';
import { ProtocolError, Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** A principal inside an Envelope: how a broker says on whose behalf it forwards a request (KIP-590). */
export const defaultPrincipalData = data({
  name: 'DefaultPrincipalData',
  versions: [0, 0],
  flexible: 0,
  fields: {
    type: string,
    name: string,
    tokenAuthenticated: bool,
    // Ours: what the policies of IAM are that decide for the principal, as JSON. Kafka passes over the tag.
    iamRights: string.nullable().default(null).tagged(10_000).ignorable(),
  },
});

export type PrincipalData = DecodedData<typeof defaultPrincipalData>;
type NewPrincipalData = EncodableData<typeof defaultPrincipalData>;

const VERSION = 0;

/** The version (int16), then the principal. */
export function encodePrincipal(principal: NewPrincipalData): Buffer {
  const writer = new Writer(128);
  writer.int16(VERSION);
  defaultPrincipalData.at(VERSION).encode(writer, principal);
  return writer.done();
}

/** Throws ProtocolError. */
export function decodePrincipal(bytes: Buffer): PrincipalData {
  const reader = new Reader(bytes);
  const version = reader.int16();
  if (version !== VERSION) throw new ProtocolError(`principal of version ${version}`);
  return defaultPrincipalData.at(version).decode(reader);
}
