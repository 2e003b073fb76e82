import type { AnyApi } from './api.ts';
import { apiByKey, apis } from './apis.ts';
import { ProtocolError, type Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export interface RequestHeader {
  readonly apiKey: number;
  /** As the client says: not checked against the versions of the API. */
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/**
 * The header of a request: version 1, or 2 with tagged fields where the request is flexible. Throws
 * ProtocolError for an unknown API key too: what follows the key then has an unknown layout, and Kafka closes
 * the connection as well.
 */
export function decodeRequestHeader(reader: Reader): RequestHeader {
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  const api = apiByKey(apiKey);
  if (!api) throw new ProtocolError(`no API has the key ${apiKey}`);
  // The client id never has a compact length: a broker must be able to read the header of an ApiVersions
  // request that is newer than itself (KIP-511).
  const length = reader.int16();
  const clientId = length < 0 ? null : reader.text(length);
  if (apiVersion >= api.flexible) reader.skipTags();
  return { apiKey, apiVersion, correlationId, clientId };
}

export function encodeRequestHeader(
  writer: Writer,
  api: AnyApi,
  version: number,
  correlationId: number,
  clientId: string | null,
): void {
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  if (clientId === null) writer.int16(-1);
  else writer.string(clientId);
  if (version >= api.flexible) writer.uvarint(0);
}

/**
 * ApiVersions is answered with header version 0 whatever its version: a client asks it before it knows what
 * the broker speaks, and finds the answer of an older broker by the correlation id alone (KIP-511).
 */
function hasResponseTags(api: AnyApi, version: number): boolean {
  return version >= api.flexible && api.key !== apis.apiVersions.key;
}

export function encodeResponseHeader(
  writer: Writer,
  api: AnyApi,
  version: number,
  correlationId: number,
): void {
  writer.int32(correlationId);
  if (hasResponseTags(api, version)) writer.uvarint(0);
}

export function decodeResponseHeader(
  reader: Reader,
  api: AnyApi,
  version: number,
): { readonly correlationId: number } {
  const correlationId = reader.int32();
  if (hasResponseTags(api, version)) reader.skipTags();
  return { correlationId };
}
