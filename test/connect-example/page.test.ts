import { afterAll, beforeAll, expect, test } from 'vitest';
import { S3TestServer } from '../../src/aws/s3/testing/s3-server.ts';
import { silent } from '../../src/base/log.ts';
import { OpenSearchTestServer } from '../../src/connectors/opensearch-sink/testing/opensearch-server.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { freePort } from '../support/free-port.ts';
import { eventually, type ReadyEvent } from '../support/millrace.ts';
import { Reader } from '../support/reader.ts';
import { BUCKET, commands, KEYS } from './page.ts';

/**
 * The commands of docs/connect-example.md that need no servers of other vendors: the cluster and both sinks.
 * The test writes Debezium's records itself; `npm run connect-example` runs all ten commands with real
 * servers.
 */

const TOPIC = 'shop.public.orders';
/** Longer than the ten seconds of the objects, on a machine that is busy with other tests. */
const ARRIVES_MS = 180_000;
const OBJECT = `topics/${TOPIC}/partition=0/${TOPIC}+0+0000000000.json`;
/** The rows that the page inserts, as records after its transforms, and the deletion of the first. */
const ROWS = [
  { id: 1, customer: 'Ann', amount: '12.50' },
  { id: 2, customer: 'Zoë', amount: '7.00' },
];

const s3 = new S3TestServer(KEYS, 'us-east-1');
const opensearch = new OpenSearchTestServer();
let reader: Reader;
beforeAll(async () => {
  reader = await Reader.create();
  s3.buckets.set(BUCKET, new Map());
});
afterAll(async () => {
  await reader[Symbol.asyncDispose]();
  await Promise.all([s3.close(), opensearch.close()]);
});

test('the sinks of the page bring what Debezium writes to both ends', async () => {
  const ports = { opensearch: await freePort(), s3: await freePort() };
  await opensearch.listen(ports.opensearch);
  await s3.listen(ports.s3);
  const page = commands({ kafkaHome: '', postgres: await freePort(), ...ports });
  expect(page).toHaveLength(10);
  const [, , up = '', , , search = '', archive = ''] = page;

  const ready: ReadyEvent = JSON.parse(await reader.types(`${up.replace(/--kafka-home *$/, '')} --json`));
  const [host, port] = (ready.clusters[0]?.bootstrap ?? '').split(',')[0]?.split(':') ?? [];
  const client = new KafkaClient(nodeWorld(silent, undefined, false), {
    bootstrap: [{ host: host ?? '', port: Number(port) }],
    clientId: 'debezium',
  });
  await client.admin.topics.create({
    ...{ name: TOPIC, partitions: 1, replicationFactor: 3, configs: new Map() },
  });
  await reader.types(search);
  await reader.types(archive);
  const producer = client.producer();
  const records = [
    ...ROWS.map((row) => ({ id: row.id, value: Buffer.from(JSON.stringify(row)) })),
    { id: 1, value: null },
  ];
  for (const { id, value } of records)
    await producer.send({ topic: TOPIC, partition: 0, key: Buffer.from(String(id)), value });
  await producer.close();
  client.close();

  const sources = () => [...(opensearch.indexes.get(TOPIC)?.values() ?? [])].map(({ source }) => source);
  await eventually(
    'the document of the deleted row is gone',
    () => sources().length === ROWS.length && sources().includes(null),
    ARRIVES_MS,
  );
  expect(opensearch.indexes.get(TOPIC)?.get('2')?.source).toEqual(ROWS[1]);
  await eventually(
    'the object of ten seconds is there',
    () => s3.buckets.get(BUCKET)?.has(OBJECT) === true,
    ARRIVES_MS,
  );
  const lines = s3.buckets.get(BUCKET)?.get(OBJECT)?.body.toString().trim().split('\n');
  expect(lines?.map((line) => JSON.parse(line))).toEqual(ROWS);
});
