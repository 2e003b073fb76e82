import { expect } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { startCluster } from '../../src/index.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import type { AnyApi } from '../../src/protocol/api.ts';
import { apiByKey, apis } from '../../src/protocol/apis.ts';
import { errorName } from '../../src/protocol/errors.ts';
import {
  type KnownPlace,
  type Message,
  requestFrame,
  sampleRequest,
} from '../../src/protocol/testing/sample-requests.ts';
import type { Acl } from '../../src/security/acl/acl.ts';
import { populate } from '../fuzz/populated.ts';
import { decodeAnswer, type ServedVersion } from '../fuzz/served.ts';
import { startApacheKafka } from '../support/apache-kafka.ts';
import { FrameSocket } from '../support/frame-socket.ts';

/** A cluster with something of everything, and what of it samples name. */
export interface Filled {
  readonly port: number;
  readonly place: KnownPlace;
}

export interface BesideKafka {
  readonly ours: Filled;
  readonly theirs: Filled;
  stop(): Promise<void>;
}

/** Nobody signs in here, so clients differ by address: this one may do everything. */
const OWNER = '127.0.0.1';
/** A share group of the owner’s. */
const SHARE_GROUP = 'shared';
const ANSWER_MS = 90_000;
const CONFIG = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  // Allows everything until the first ACLs exist; then every resource has one.
  'allow.everyone.if.no.acl.found': 'true',
  // The records of samples are of 1970.
  'log.retention.ms': '-1',
} as const;
export const withoutKafka = !kafkaJars('tools');

const world = nodeWorld(silent);

/**
 * A cluster of ours and an Apache Kafka, both filled alike, in which the owner may do everything and
 * everybody else what `acls` say.
 */
export async function startBesideKafka(acls: readonly Acl[] = []): Promise<BesideKafka> {
  const cluster = await startCluster({ brokers: 1, config: CONFIG });
  const apache = await startApacheKafka(CONFIG);
  const portOf = (bootstrap: string) => Number(bootstrap.split(':')[1]);
  return {
    ours: await filled(portOf(cluster.bootstrap), acls),
    theirs: await filled(portOf(apache.bootstrap), acls),
    async stop() {
      await apache.stop();
      await cluster.stop();
    },
  };
}

function connect(port: number): Promise<KafkaConnection> {
  return KafkaConnection.connect(world, { host: '127.0.0.1', port, clientId: 'owner', timeoutMs: ANSWER_MS });
}

async function filled(port: number, acls: readonly Acl[]): Promise<Filled> {
  const connection = await connect(port);
  const place = await populate({
    connect: () => connect(port),
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
  await makeShareGroup(connection, place.topic);
  const ownersOnly = [2, 3, 4, 5, 6, 7].map((resourceType) => ({
    resourceType,
    resourceName: resourceType === 4 ? 'kafka-cluster' : '*',
    patternType: 3,
    principal: 'User:ANONYMOUS',
    host: OWNER,
    operation: 2,
    permissionType: 3,
  }));
  const { results } = await connection.send(apis.createAcls, {
    // The owner's last: they close what everybody may do until then.
    creations: [...acls, ...ownersOnly].map(({ patternType, ...acl }) => ({
      ...acl,
      resourcePatternType: patternType,
    })),
  });
  expect([...new Set(results.map(({ errorCode }) => errorName(errorCode)))]).toEqual(['NONE']);
  connection.close();
  return { port, place };
}

async function makeShareGroup(connection: KafkaConnection, topicName: string): Promise<void> {
  for (;;) {
    const { errorCode, responses } = await connection.send(apis.alterShareGroupOffsets, {
      groupId: SHARE_GROUP,
      topics: [{ topicName, partitions: [{ partitionIndex: 0, startOffset: 0 }] }],
    });
    if (errorCode === 0 && responses[0]?.partitions[0]?.errorCode === 0) return;
  }
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
const inTime = { timeoutMs: ANSWER_MS };
const ofShareGroup = { groupId: SHARE_GROUP };
const valid: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  DescribeAcls: { ...filter, resourceNameFilter: null, principalFilter: null, hostFilter: null },
  CreateAcls: { creations: [{ ...acl, principal: 'User:a' }] },
  DeleteAcls: {
    filters: [{ ...filter, resourceNameFilter: null, principalFilter: null, hostFilter: null }],
  },
  DeleteTopics: inTime,
  CreateTopics: inTime,
  CreatePartitions: inTime,
  ElectLeaders: inTime,
  AlterPartitionReassignments: inTime,
  AlterShareGroupOffsets: ofShareGroup,
  DeleteShareGroupOffsets: ofShareGroup,
};

/** The request that answers are compared of. */
function validRequest(api: AnyApi, version: number, place: KnownPlace): Message {
  const message: Message = { ...sampleRequest(api, version, place), ...valid[api.name] };
  if (api.name !== 'DescribeShareGroupOffsets') return message;
  const topics = [{ topicName: place.topic, partitions: [0] }];
  return { ...message, groups: [{ ...ofShareGroup, topics }] };
}

/** The answer to a client at the address `from`, as text without what differs from cluster to cluster. */
export async function answerTo(
  asked: Filled,
  { api, version }: ServedVersion,
  { from, place = asked.place }: { readonly from: string; readonly place?: KnownPlace },
): Promise<string> {
  const socket = new FrameSocket(asked.port, from);
  const answer = await socket.ask(
    requestFrame(api, version, validRequest(api, version, place), 1),
    ANSWER_MS,
  );
  socket.destroy();
  if (answer === null || answer === 'late') return answer ?? 'closed';
  const text = JSON.stringify(decodeAnswer({ api, version }, answer), (name, value) => {
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

/** Requests about the connection or the client's own identity, which need no rights. */
const WITHOUT_RIGHTS: readonly string[] = ['ApiVersions', 'SaslHandshake', 'SaslAuthenticate'];

/** Every version of every API that asks for rights and that both serve, an API's versions from the first on. */
export async function servedByBoth({ ours, theirs }: BesideKafka): Promise<ServedVersion[]> {
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

async function versionsOf(port: number): Promise<Map<number, readonly [number, number]>> {
  const connection = await connect(port);
  const { apiKeys } = await connection.send(apis.apiVersions, {}, { version: 0 });
  connection.close();
  return new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]));
}

/** Two answers, each from the first difference on. */
export function apart(one: string, other: string): readonly string[] {
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  return [one, other].map((text) => text.slice(Math.max(0, same - 60), same + 60));
}
