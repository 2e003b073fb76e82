import type { AnyApi } from '../../src/protocol/api.ts';
import { apiByKey, apis } from '../../src/protocol/apis.ts';
import { decodeResponseHeader } from '../../src/protocol/headers.ts';
import { Reader } from '../../src/protocol/reader.ts';
import type { KnownPlace } from '../../src/protocol/testing/sample-requests.ts';
import { METADATA_TOPIC, METADATA_TOPIC_ID } from '../../src/raft/metadata-topic.ts';
import type { ListenerName, NodeUnderFire } from './node-under-fire.ts';

export interface ServedVersion {
  readonly api: AnyApi;
  readonly version: number;
}

/** Every version of every API that a listener advertises and really answers. */
export async function servedVersions(node: NodeUnderFire, listener: ListenerName): Promise<ServedVersion[]> {
  const connection = await node.connect(listener);
  const { apiKeys } = await connection.send(apis.apiVersions, {}, { version: 0 });
  connection.close();
  return apiKeys.flatMap(({ apiKey, minVersion, maxVersion }) => {
    const api = apiByKey(apiKey);
    if (!api) throw new Error(`no API has the key ${apiKey}`);
    const first = Math.max(minVersion, api.versions[0]);
    return Array.from({ length: maxVersion - first + 1 }, (_, i) => ({ api, version: first + i }));
  });
}

/**
 * The content of an answer after its header. Throws ProtocolError if the bytes are no answer of this version.
 */
export function decodeAnswer({ api, version }: ServedVersion, answer: Buffer): unknown {
  const reader = new Reader(answer);
  decodeResponseHeader(reader, api, version);
  const decoded = api.response(version).decode(reader);
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes after the answer`);
  return decoded;
}

/** The existing things that an API can name: on the controller's listener, Fetch is for the metadata log. */
export function placeFor({ api }: ServedVersion, listener: ListenerName, place: KnownPlace): KnownPlace {
  const isOfLog =
    listener === 'CONTROLLER' && (api.key === apis.fetch.key || api.key === apis.fetchSnapshot.key);
  return isOfLog ? { topic: METADATA_TOPIC, topicId: METADATA_TOPIC_ID } : place;
}
