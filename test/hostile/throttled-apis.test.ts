import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { startCluster } from '../../src/index.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { apiByKey, apis } from '../../src/protocol/apis.ts';
import { isPresent } from '../../src/protocol/compile.ts';
import { type KnownPlace, requestFrame, sampleRequest } from '../../src/protocol/testing/sample-requests.ts';
import { decodeAnswer, type ServedVersion } from '../fuzz/served.ts';
import { FrameSocket } from '../support/frame-socket.ts';

/**
 * Apache Kafka's RequestQuotaTest, which looks into its own brokers and cannot run here: a client that is over
 * its request_percentage is told so by every API, also where what it asks for is refused.
 */
const ANSWER_MS = 60_000;
/** The client that samples come from. */
const CLIENT_ID = 'sample';
const world = nodeWorld(silent);

let cluster: Awaited<ReturnType<typeof startCluster>>;
let admin: KafkaConnection;
let port: number;
let place: KnownPlace;

beforeAll(async () => {
  cluster = await startCluster({ brokers: 1, topics: ['orders'] });
  port = Number(cluster.bootstrap.split(':')[1]);
  admin = await KafkaConnection.connect(world, {
    host: '127.0.0.1',
    port,
    clientId: 'admin',
    timeoutMs: ANSWER_MS,
  });
  const { topics } = await admin.send(apis.metadata, { topics: [{ name: 'orders' }] });
  place = { topic: 'orders', topicId: topics[0]?.topicId ?? '' };
});

afterAll(async () => {
  admin?.close();
  await cluster?.stop();
});

test('a client over its quota of time is told so by every version of every API', async () => {
  await admin.send(apis.alterClientQuotas, {
    entries: [
      {
        entity: [{ entityType: 'client-id', entityName: CLIENT_ID }],
        ops: [{ key: 'request_percentage', value: 0.0001, remove: false }],
      },
    ],
    validateOnly: false,
  });
  const [first] = await served();
  if (!first) throw new Error('No API is served.');
  await expect.poll(() => toldThrottle(first), { timeout: ANSWER_MS }).toBeGreaterThan(0);

  const told = await Promise.all(
    (await served()).map(async (one) => ({
      asked: `${one.api.name} v${one.version}`,
      throttleTimeMs: await toldThrottle(one),
    })),
  );
  expect(told.filter(({ throttleTimeMs }) => throttleTimeMs === 0)).toEqual([]);
  expect(told.length).toBeGreaterThan(150);
});

/** Those whose answers have a place for the time. */
async function served(): Promise<ServedVersion[]> {
  const { apiKeys } = await admin.send(apis.apiVersions, {}, { version: 0 });
  return apiKeys.flatMap(({ apiKey, minVersion, maxVersion }) => {
    const api = apiByKey(apiKey);
    const field = api?.definition.response.fields.throttleTimeMs;
    if (!api || !field) return [];
    return Array.from({ length: maxVersion - minVersion + 1 }, (_, i) => ({
      api,
      version: minVersion + i,
    })).filter(({ version }) => version >= api.versions[0] && isPresent(field.spec, version));
  });
}

/** On a connection of its own, because nothing is read from a throttled one. */
async function toldThrottle({ api, version }: ServedVersion): Promise<number> {
  const socket = new FrameSocket(port);
  const frame = requestFrame(api, version, sampleRequest(api, version, place), 1);
  const answer = await socket.ask(frame, ANSWER_MS);
  socket.destroy();
  if (answer === null || answer === 'late') throw new Error(`${api.name} v${version}: ${answer ?? 'closed'}`);
  return Number(
    (decodeAnswer({ api, version }, answer) as { readonly throttleTimeMs: number }).throttleTimeMs,
  );
}
