import { afterAll, beforeAll, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { startCluster } from '../../src/index.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { apis } from '../../src/protocol/apis.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';

/** Clients over a quota are told so, and nothing more is done for them meanwhile. */
const world = nodeWorld(silent);
const BYTES = 60_000;
/** One batch of a second's worth is what one window allows: a second batch at once is too much. */
const RATE = 60_000;
const records = buildBatch({
  records: [{ timestamp: Date.now(), key: null, value: Buffer.alloc(BYTES) }],
});

let cluster: Awaited<ReturnType<typeof startCluster>>;
beforeAll(async () => {
  cluster = await startCluster({
    brokers: 1,
    topics: ['orders'],
    config: { 'quota.window.num': 2, 'controller.quota.window.num': 1 },
  });
});
afterAll(() => cluster?.stop());

async function connect(clientId: string): Promise<KafkaConnection> {
  const [host = '', port] = (cluster.brokers[0] ?? '').split(':');
  return KafkaConnection.connect(world, { host, port: Number(port), clientId, timeoutMs: 60_000 });
}

async function setQuota(clientId: string, key: string, value: number): Promise<void> {
  const admin = await connect('admin');
  const { entries } = await admin.send(apis.alterClientQuotas, {
    entries: [
      {
        entity: [{ entityType: 'client-id', entityName: clientId }],
        ops: [{ key, value, remove: false }],
      },
    ],
    validateOnly: false,
  });
  expect(entries.map(({ errorCode }) => errorName(errorCode))).toEqual(['NONE']);
  // A broker applies the quota when it reports it.
  const filter = { components: [{ entityType: 'client-id', matchType: 0, match: clientId }], strict: true };
  for (;;) {
    const { entries: told } = await admin.send(apis.describeClientQuotas, filter);
    if ((told ?? []).length > 0) break;
  }
  admin.close();
}

function produceTo(connection: KafkaConnection) {
  return connection.send(
    apis.produce,
    { acks: -1, timeoutMs: 60_000, topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }] },
    { version: 9 },
  );
}

/**
 * Asks until an answer says that the client has to wait, and then for the next answer. `waitedMs` is from before
 * the former was asked for, so that it is no less than the broker waits; all in milliseconds.
 */
async function throttled<Answer extends { readonly throttleTimeMs: number }>(
  connection: KafkaConnection,
  ask: () => Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly waitedMs: number }> {
  for (;;) {
    const began = performance.now();
    const answer = await ask();
    if (answer.throttleTimeMs === 0) continue;
    await connection.send(apis.metadata, { topics: [] });
    return { answer, waitedMs: performance.now() - began };
  }
}

test('a producer over its quota is told for how long, and nothing is read from it meanwhile', async () => {
  await setQuota('heavy', 'producer_byte_rate', RATE);
  const heavy = await connect('heavy');
  const light = await connect('light');
  const { answer, waitedMs } = await throttled(heavy, () => produceTo(heavy));
  expect(waitedMs).toBeGreaterThan(answer.throttleTimeMs - 50);
  for (let i = 0; i < 5; i++) expect((await produceTo(light)).throttleTimeMs).toBe(0);
  heavy.close();
  light.close();
});

test('a consumer over its quota gets nothing and has to wait, and then goes on', async () => {
  const writer = await connect('light');
  for (let i = 0; i < 5; i++) await produceTo(writer);
  writer.close();
  await setQuota('reader', 'consumer_byte_rate', RATE);
  const reader = await connect('reader');
  const fetched = async () => {
    const { throttleTimeMs, responses } = await reader.send(
      apis.fetch,
      {
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 1_000_000,
        sessionEpoch: -1,
        topics: [
          { topic: 'orders', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }] },
        ],
      },
      { version: 12 },
    );
    const bytes = Buffer.concat(
      responses.flatMap(({ partitions }) => partitions.flatMap((one) => one.records ?? [])),
    );
    return { throttleTimeMs, bytes: bytes.length };
  };
  let last = await fetched();
  // No more than a second's worth, except for one batch.
  expect(last.bytes).toBeLessThan(2 * BYTES + 1000);
  const { answer, waitedMs } = await throttled(reader, fetched);
  expect(answer.bytes).toBe(0);
  expect(waitedMs).toBeGreaterThan(answer.throttleTimeMs - 50);
  last = answer;
  while (last.throttleTimeMs > 0) last = await fetched();
  expect(last.bytes).toBeGreaterThan(BYTES);
  reader.close();
});

test('who makes partitions faster than it may is refused', async () => {
  await setQuota('maker', 'controller_mutation_rate', 2);
  const maker = await connect('maker');
  const make = async (name: string) => {
    const topic = { name, numPartitions: 10, replicationFactor: 1, assignments: [], configs: [] };
    const { topics, throttleTimeMs } = await maker.send(apis.createTopics, { topics: [topic] });
    return { error: errorName(topics[0]?.errorCode ?? -1), throttleTimeMs };
  };
  expect(await make('first')).toEqual({ error: 'NONE', throttleTimeMs: 0 });
  // Ten partitions are four seconds' worth. A machine that takes as long for one request comes in time with
  // a later one.
  let made = 1;
  const { answer, waitedMs } = await throttled(maker, () => make(`topic-${made++}`));
  expect(answer.error).toBe('THROTTLING_QUOTA_EXCEEDED');
  expect(waitedMs).toBeGreaterThan(answer.throttleTimeMs - 50);
  maker.close();
});

test('who takes more of the broker’s time than it may is told for how long, and nothing is read from it meanwhile', async () => {
  // A tenth of a millisecond of each second: a few requests are too many.
  await setQuota('busy', 'request_percentage', 0.01);
  const busy = await connect('busy');
  const light = await connect('light');
  const { answer, waitedMs } = await throttled(busy, () => busy.send(apis.metadata, { topics: [] }));
  // Never more than a window (quota.window.size.seconds).
  expect(answer.throttleTimeMs).toBeLessThanOrEqual(1000);
  expect(waitedMs).toBeGreaterThan(answer.throttleTimeMs - 50);
  for (let i = 0; i < 5; i++)
    expect((await light.send(apis.metadata, { topics: [] })).throttleTimeMs).toBe(0);
  busy.close();
  light.close();
});

test('the parts of an entity are told in the order of Apache Kafka, the client id first, however they were named', async () => {
  const admin = await connect('admin');
  const user = { entityType: 'user', entityName: 'alice' };
  const client = { entityType: 'client-id', entityName: 'billing' };
  const { entries } = await admin.send(apis.alterClientQuotas, {
    entries: [{ entity: [user, client], ops: [{ key: 'producer_byte_rate', value: 1000, remove: false }] }],
    validateOnly: false,
  });
  expect(entries).toMatchObject([{ errorCode: 0, entity: [client, user] }]);
  const filter = { components: [{ entityType: 'user', matchType: 0, match: 'alice' }], strict: false };
  await expect
    .poll(() => admin.send(apis.describeClientQuotas, filter))
    .toMatchObject({ entries: [{ entity: [client, user] }] });
  admin.close();
});
