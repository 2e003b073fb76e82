import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { startCluster } from '../../src/index.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { apiByKey, apis } from '../../src/protocol/apis.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { type KnownPlace, requestFrame, sampleRequest } from '../../src/protocol/testing/sample-requests.ts';
import { populate } from '../fuzz/populated.ts';
import { decodeAnswer, type ServedVersion } from '../fuzz/served.ts';
import { type ApacheKafka, startApacheKafka } from '../support/apache-kafka.ts';
import { FrameSocket } from '../support/frame-socket.ts';

/**
 * Sends every version of every API from a client without rights to a cluster in which everything that is
 * named exists.
 */
const CONFIG = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  // Allows everything until the first ACLs exist; then every resource has one.
  'allow.everyone.if.no.acl.found': 'true',
} as const;
/** Nobody signs in here, so clients differ by address. */
const OWNER = '127.0.0.1';
const STRANGER = '127.0.0.2';
const ANSWER_MS = 20_000;
const missing = !kafkaJars('tools');

const world = nodeWorld(silent);
let cluster: Awaited<ReturnType<typeof startCluster>>;
let apache: ApacheKafka;

interface Asked {
  readonly port: number;
  readonly place: KnownPlace;
}
let ours: Asked;
let theirs: Asked;

beforeAll(async () => {
  cluster = await startCluster({ brokers: 1, config: CONFIG });
  ours = await filled(Number(cluster.bootstrap.split(':')[1]));
  if (missing) return;
  apache = await startApacheKafka(CONFIG);
  theirs = await filled(Number(apache.bootstrap.split(':')[1]));
});

afterAll(async () => {
  await apache?.stop();
  await cluster?.stop();
});

async function filled(port: number): Promise<Asked> {
  const connect = () =>
    KafkaConnection.connect(world, { host: '127.0.0.1', port, clientId: 'owner', timeoutMs: ANSWER_MS });
  const connection = await connect();
  const place = await populate({
    connect,
    async createTopic(name) {
      await connection.send(apis.createTopics, {
        topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      });
      for (;;) {
        const { topics } = await connection.send(apis.metadata, { topics: [{ name }] });
        if (topics[0]?.errorCode === 0 && (topics[0].partitions[0]?.leaderId ?? -1) >= 0) return;
      }
    },
  });
  const ownersOnly = [2, 3, 4, 5, 6, 7].map((resourceType) => ({
    resourceType,
    resourceName: resourceType === 4 ? 'kafka-cluster' : '*',
    resourcePatternType: 3,
    principal: 'User:ANONYMOUS',
    host: OWNER,
    operation: 2,
    permissionType: 3,
  }));
  const { results } = await connection.send(apis.createAcls, { creations: ownersOnly });
  expect(results.map(({ errorCode }) => errorName(errorCode))).toEqual(ownersOnly.map(() => 'NONE'));
  connection.close();
  return { port, place };
}

/** Values that the samples lack or have too small: Kafka checks them before it checks rights. */
const acl = {
  resourceType: 2,
  resourceName: 'orders',
  resourcePatternType: 3,
  host: '*',
  operation: 3,
  permissionType: 3,
};
const filter = { resourceTypeFilter: 2, patternTypeFilter: 3, operation: 3, permissionType: 3 };
const valid: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  DescribeAcls: { ...filter, resourceNameFilter: null, principalFilter: null, hostFilter: null },
  CreateAcls: { creations: [{ ...acl, principal: 'User:a' }] },
  DeleteAcls: {
    filters: [{ ...filter, resourceNameFilter: null, principalFilter: null, hostFilter: null }],
  },
  DeleteTopics: { timeoutMs: ANSWER_MS },
};

/** Requests about the connection or the client's own identity, which need no rights. */
const WITHOUT_RIGHTS: readonly string[] = ['ApiVersions', 'SaslHandshake', 'SaslAuthenticate'];

/** The answer to the client without rights, as text without what differs from cluster to cluster. */
async function answerTo(asked: Asked, served: ServedVersion, place: KnownPlace): Promise<string> {
  const { api, version } = served;
  const socket = new FrameSocket(asked.port, STRANGER);
  const message = { ...sampleRequest(api, version, place), ...valid[api.name] };
  const answer = await socket.ask(requestFrame(api, version, message, 1), ANSWER_MS);
  socket.destroy();
  if (answer === null || answer === 'late') return answer ?? 'closed';
  const text = JSON.stringify(decodeAnswer(served, answer), (name, value) => {
    if (typeof value === 'bigint') return Number(value);
    return /errorCode$/i.test(name) ? errorName(value) : value;
  });
  return (
    text
      .replaceAll(place.topicId, 'TOPIC-ID')
      .replaceAll(`"${place.topic}"`, '"TOPIC"')
      .replaceAll(String(asked.port), 'PORT')
      .replace(/"rack":[^}]*/g, '"rack":…')
      .replace(/"clusterId":"[^"]+"/, '"clusterId":"…"')
      // Kafka's error message contains the parsed request, with names of Kafka's classes.
      .replace(/"Request Request\((?:[^"\\]|\\.)*"/g, 'null')
  );
}

async function versionsOf(port: number): Promise<Map<number, readonly [number, number]>> {
  const connection = await KafkaConnection.connect(world, {
    host: '127.0.0.1',
    port,
    clientId: 'owner',
    timeoutMs: ANSWER_MS,
  });
  const { apiKeys } = await connection.send(apis.apiVersions, {}, { version: 0 });
  connection.close();
  return new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]));
}

async function servedBoth(): Promise<ServedVersion[]> {
  const [here, there] = [await versionsOf(ours.port), await versionsOf(theirs.port)];
  const both = [...here].flatMap(([key, [first, last]]) => {
    const api = apiByKey(key);
    const other = there.get(key);
    if (!api || !other || WITHOUT_RIGHTS.includes(api.name)) return [];
    const from = Math.max(first, other[0], api.versions[0]);
    const to = Math.min(last, other[1]);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => ({ api, version: from + i }));
  });
  expect(both.length).toBeGreaterThan(150);
  return both;
}

/** Two answers, each from the first difference on. */
function apart(one: string, other: string): readonly string[] {
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  return [one, other].map((text) => text.slice(Math.max(0, same - 60), same + 60));
}

describe.skipIf(missing)('somebody who may do nothing', () => {
  test('is answered as by Apache Kafka, in every version of every API', async () => {
    const differing: Record<string, unknown> = {};
    for (const served of await servedBoth()) {
      const name = `${served.api.name} v${served.version}`;
      const [here, there] = [
        await answerTo(ours, served, ours.place),
        await answerTo(theirs, served, theirs.place),
      ];
      if (here !== there) differing[name] = apart(here, there);
    }
    expect(differing).toEqual({});
  });

  test('does not learn whether a topic exists', async () => {
    const telling: Record<string, unknown> = {};
    for (const served of await servedBoth()) {
      const name = `${served.api.name} v${served.version}`;
      const [known, unknown] = [
        await answerTo(ours, served, ours.place),
        await answerTo(ours, served, { ...ours.place, topic: 'nowhere' }),
      ];
      if (known !== unknown) telling[name] = apart(known, unknown);
    }
    expect(telling).toEqual({});
  });
});
