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
const ANSWER_MS = 60_000;
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
});

/** In all lists of a request, of the 100,000 that it may have. */
const ELEMENTS = 60_000;
/**
 * Of processor time, since a busy machine makes every answer late. In proportion it takes a twentieth of a
 * second, by the square of the length a quarter of a minute.
 */
const IN_PROPORTION_MS = 5000;

/**
 * The message with each of its lists that has lists in it filled with one name, each time with other numbers
 * in these, as if every partition were named for itself.
 */
function* fannedOut(message: Message): Generator<[string, Message]> {
  for (const [name, value] of Object.entries(message)) {
    if (!Array.isArray(value) || value.length === 0) continue;
    const [first] = value;
    if (typeof first !== 'object' || first === null || first instanceof Uint8Array) continue;
    const inner = elementsIn(first);
    if (inner === 0) continue;
    const times = Math.floor(ELEMENTS / (1 + inner));
    yield [name, { ...message, [name]: Array.from({ length: times }, (_, i) => numbered(first, i)) }];
    for (const [deeper, changed] of fannedOut(first))
      yield [`${name}.${deeper}`, { ...message, [name]: [changed] }];
  }
}

function elementsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum, one) => sum + 1 + elementsIn(one), 0);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  return Object.values(value).reduce((sum, one) => sum + elementsIn(one), 0);
}

/** The message with this number as every partition in its lists. */
function numbered(message: Message, number: number): Message {
  const changed = (value: unknown): unknown => {
    if (typeof value === 'number') return number;
    return isMessage(value)
      ? Object.fromEntries(
          Object.entries(value).map(([name, one]) => [
            name,
            /^partition(Index|Id)?$/.test(name) ? changed(one) : one,
          ]),
        )
      : value;
  };
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => [
      name,
      Array.isArray(value) && /partition/i.test(name) ? value.map(changed) : value,
    ]),
  );
}

function isMessage(value: unknown): value is Message {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

test('a name that is repeated with other parts each time takes time in proportion, in every API', async () => {
  const connection = await connect();
  const { apiKeys } = await connection.send(apis.apiVersions, {}, { version: 0 });
  connection.close();
  let asked = 0;
  for (const { apiKey, maxVersion } of apiKeys) {
    const api = apiByKey(apiKey);
    if (!api) continue;
    const version = Math.min(maxVersion, api.versions[1]);
    for (const [name, message] of fannedOut(sampleRequest(api, version, place))) {
      const frame = requestFrame(api, version, message, 1);
      const began = process.cpuUsage();
      await answerBytes(frame);
      const { user, system } = process.cpuUsage(began);
      expect((user + system) / 1000, `${api.name} v${version}, ${name}`).toBeLessThan(IN_PROPORTION_MS);
      asked++;
    }
  }
  expect(asked).toBeGreaterThan(20);
});
