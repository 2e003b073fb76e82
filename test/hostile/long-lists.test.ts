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
