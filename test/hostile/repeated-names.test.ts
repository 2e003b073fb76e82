import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { startCluster } from '../../src/index.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { apiByKey, apis } from '../../src/protocol/apis.ts';
import {
  type KnownPlace,
  type Message,
  requestFrame,
  sampleRequest,
} from '../../src/protocol/testing/sample-requests.ts';
import { populate } from '../fuzz/populated.ts';
import { FrameSocket } from '../support/frame-socket.ts';

/**
 * Whoever names the same thing again and again in one request must not be told all about it as often: a
 * request of a megabyte would be answered with gigabytes.
 */
const TIMES = 1000;
/** What an answer may say of each repetition: a name, an id, an error and a sentence. */
const BYTES_EACH = 100;
const ANSWER_MS = 20_000;
/** They do something each time, and their answers say no more than what was done. */
const NOT_ASKED: readonly string[] = ['SaslHandshake', 'SaslAuthenticate', 'UnregisterBroker'];

/** What asks for the most: all configs, and all offsets of a group. */
const ASKS_FOR_ALL: Readonly<Record<string, Message>> = {
  DescribeConfigs: {
    resources: [
      { resourceType: 4, resourceName: '1', configurationKeys: null },
      { resourceType: 2, resourceName: 'orders', configurationKeys: null },
    ],
  },
  OffsetFetch: { groups: [{ groupId: 'group', memberId: null, memberEpoch: -1, topics: null }] },
};

const world = nodeWorld(silent);
let cluster: Awaited<ReturnType<typeof startCluster>>;
let port: number;
let place: KnownPlace;

beforeAll(async () => {
  cluster = await startCluster({ brokers: 1, topics: ['orders'] });
  port = Number(cluster.bootstrap.split(':')[1]);
  place = await populate({ connect, createTopic: async () => {} });
});

afterAll(() => cluster?.stop());

function connect(): Promise<KafkaConnection> {
  return KafkaConnection.connect(world, {
    host: '127.0.0.1',
    port,
    clientId: 'repeats',
    timeoutMs: ANSWER_MS,
  });
}

async function answerBytes(frame: Buffer): Promise<number> {
  const socket = new FrameSocket(port);
  const answer = await socket.ask(frame, ANSWER_MS);
  socket.destroy();
  expect(answer).not.toBe('late');
  return answer instanceof Buffer ? answer.length : 0;
}

/** The message with each of its lists, and with lists in those, of one element so many times. */
function* repeatedIn(message: Message): Generator<[string, Message]> {
  for (const [name, value] of Object.entries(message)) {
    if (!Array.isArray(value) || value.length === 0) continue;
    const [first] = value;
    yield [name, { ...message, [name]: new Array(TIMES).fill(first) }];
    if (typeof first !== 'object' || first === null || first instanceof Uint8Array) continue;
    for (const [inner, changed] of repeatedIn(first))
      yield [`${name}.${inner}`, { ...message, [name]: [changed] }];
  }
}

test('what is named again is not told again, by any API', async () => {
  const connection = await connect();
  const { apiKeys } = await connection.send(apis.apiVersions, {}, { version: 0 });
  connection.close();
  expect(apiKeys.length).toBeGreaterThan(50);
  const telling: Record<string, number> = {};
  for (const { apiKey, maxVersion } of apiKeys) {
    const api = apiByKey(apiKey);
    if (!api || NOT_ASKED.includes(api.name)) continue;
    const version = Math.min(maxVersion, api.versions[1]);
    const message = { ...sampleRequest(api, version, place), ...ASKS_FOR_ALL[api.name] };
    for (const [name, repeated] of repeatedIn(message)) {
      const once = await answerBytes(requestFrame(api, version, message, 1));
      const often = await answerBytes(requestFrame(api, version, repeated, 1));
      if (often > once + TIMES * BYTES_EACH)
        telling[`${api.name} v${version}, ${name}`] = Math.round((often - once) / TIMES);
    }
  }
  expect(telling).toEqual({});
}, 120_000);
