import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { startCluster } from '../../src/index.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { apis } from '../../src/protocol/apis.ts';
import { type KnownPlace, requestFrame, sampleRequest } from '../../src/protocol/testing/sample-requests.ts';
import { populate } from '../fuzz/populated.ts';
import { FrameSocket } from '../support/frame-socket.ts';

/** Of the 100,000 that a request may hold; an element of a list may have lists of its own. */
const NAMES = 20_000;
/** Requests of another client that are answered while the long one is: without turns, hardly any. */
const OTHERS_LEAST = 20;
const ANSWER_MS = 60_000;
const WAITING = 99_000;
/** As they are read, the requests of so many have more than the memory for all that clients have sent. */
const WAITING_CLIENTS = 8;

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
    clientId: 'lists',
    timeoutMs: ANSWER_MS,
  });
}

const names = Array.from({ length: NAMES }, (_, i) => i.toString(36));

// A set of 3,000 such names takes a minute, in which nobody else is served.
test('a request with a thousand of the longest names ends its connection', async () => {
  const transactionalIds = Array.from({ length: 1000 }, (_, index) => String(index).padStart(32_767, 'x'));
  const socket = new FrameSocket(port);
  const frame = requestFrame(apis.describeTransactions, 0, { transactionalIds }, 1);
  expect(await socket.ask(frame, ANSWER_MS)).toBeNull();
  const few = new FrameSocket(port);
  const some = { transactionalIds: transactionalIds.slice(0, 32) };
  expect(await few.ask(requestFrame(apis.describeTransactions, 0, some, 1), ANSWER_MS)).toBeInstanceOf(
    Buffer,
  );
  few.destroy();
});

test.each([
  {
    api: apis.offsetFetch,
    version: 9,
    list: { groups: names.map((groupId) => ({ groupId, memberEpoch: -1, topics: null })) },
  },
  { api: apis.findCoordinator, version: 4, list: { coordinatorKeys: names } },
  { api: apis.describeGroups, version: 5, list: { groups: names } },
  { api: apis.consumerGroupDescribe, version: 0, list: { groupIds: names } },
  { api: apis.deleteGroups, version: 2, list: { groupsNames: names } },
  { api: apis.describeTransactions, version: 0, list: { transactionalIds: names } },
  {
    api: apis.writeTxnMarkers,
    version: 1,
    list: {
      markers: names.map((_, producerId) => ({
        producerId,
        topics: [{ name: 'none', partitionIndexes: [0] }],
      })),
    },
  },
  {
    api: apis.addPartitionsToTxn,
    version: 4,
    list: {
      transactions: names.map((transactionalId) => ({
        transactionalId,
        topics: [{ name: 'orders', partitions: [0] }],
      })),
    },
  },
])(
  'others are served while one client asks about 20,000 names in $api.name',
  async ({ api, version, list }) => {
    const frame = requestFrame(api, version, { ...sampleRequest(api, version, place), ...list }, 1);
    const socket = new FrameSocket(port);
    const other = await connect();
    let isAnswered = false;
    const asked = socket.ask(frame, ANSWER_MS).then((answer) => {
      isAnswered = true;
      return answer;
    });
    let others = 0;
    while (!isAnswered) {
      await other.send(apis.apiVersions, {}, { version: 0 });
      others++;
    }
    expect(await asked).toBeInstanceOf(Buffer);
    expect(others).toBeGreaterThan(OTHERS_LEAST);
    other.close();
    socket.destroy();
  },
);

test('clients whose fetches name a hundred thousand partitions and wait for ten minutes keep nobody else out', async () => {
  const one = {
    ...{ partition: 0, currentLeaderEpoch: -1, lastFetchedEpoch: -1, logStartOffset: -1 },
    ...{ fetchOffset: 0, partitionMaxBytes: 1000 },
  };
  const list = {
    ...{ maxWaitMs: 600_000, minBytes: 1_000_000, topics: [{ topic: 'orders', partitions: [] as object[] }] },
    ...{ sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [] },
  };
  list.topics[0]?.partitions.push(...new Array(WAITING).fill(one));
  const frame = requestFrame(apis.fetch, 11, { ...sampleRequest(apis.fetch, 11, place), ...list }, 1);
  const sockets = Array.from({ length: WAITING_CLIENTS }, () => new FrameSocket(port));
  let unanswered = WAITING_CLIENTS;
  const asked = sockets.map(async (socket) => {
    const answer = await socket.ask(frame, ANSWER_MS);
    unanswered--;
    return answer;
  });
  const other = await connect();
  while (unanswered > 0)
    expect((await other.send(apis.metadata, { topics: null }, { version: 9 })).brokers).toHaveLength(1);
  for (const answer of asked) expect(await answer).toBeInstanceOf(Buffer);
  other.close();
  for (const socket of sockets) socket.destroy();
});
