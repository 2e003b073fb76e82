import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { partitionKey } from '../../base/topic-partition.ts';
import type { ConnectValue, Schema } from '../kernel/schema.ts';
import { HandClock, HandKafka, HandKernel } from '../testing/hand-kernel.ts';
import { TestSinkContext } from '../testing/sink-task-context.ts';
import { mappingOf } from './mapping.ts';
import { elasticsearchSink, openSearchSink } from './opensearch-sink.ts';
import { OpenSearchTestServer } from './testing/opensearch-server.ts';

/**
 * With OPENSEARCH_URL these run against a real OpenSearch, whose indexes of these names they delete; what
 * needs its failures, or a look into it, is left to the server of the tests.
 */
const REAL = process.env.OPENSEARCH_URL;
const P = { topic: 'Orders', partition: 0 };

let server: OpenSearchTestServer;
let url: string;

beforeEach(async () => {
  server = new OpenSearchTestServer();
  url = REAL ?? (await server.listen(await freePort()));
  for (const name of ['orders', '_data_stream/logs-shop-orders', '_index_template/logs-shop-orders'])
    if (REAL) await fetch(`${REAL}/${name}`, { method: 'DELETE' });
});
afterEach(async () => {
  if (!REAL) await server.close();
});

const row = (fields: Record<string, ConnectValue>): ConnectValue => new Map(Object.entries(fields));

async function started(kafka: HandKafka, more: Record<string, string> = {}, spec = openSearchSink) {
  const texts = { 'connection.url': url, 'linger.ms': '0', ...more };
  expect(spec.problems(texts)).toEqual([]);
  const kernel = new HandKernel(kafka, await spec.task(texts), new HandClock());
  await kernel.start();
  return kernel;
}

/** The documents of an index by their ids. */
async function documents(index: string): Promise<Record<string, unknown>> {
  if (!REAL)
    return Object.fromEntries(
      [...(server.indexes.get(index) ?? [])].flatMap(([id, { source }]) => (source ? [[id, source]] : [])),
    );
  await fetch(`${REAL}/${index}/_refresh`, { method: 'POST' });
  const found = (await (await fetch(`${REAL}/${index}/_search?size=1000`)).json()) as {
    hits: { hits: { _id: string; _source: unknown }[] };
  };
  return Object.fromEntries(found.hits.hits.map(({ _id, _source }) => [_id, _source]));
}

describe('documents', () => {
  test('have the key as their id, and are deleted by records without a value', async () => {
    const kafka = new HandKafka([P]);
    kafka.add(P, { key: 'a', value: row({ n: 1n }) });
    kafka.add(P, { key: 7n, value: row({ n: 2n, deep: row({ list: [1n, 3n] }) }) });
    kafka.add(P, { key: 'b', value: row({ n: 3n }) });
    kafka.add(P, { key: 'a', value: row({ n: 4n }) });
    kafka.add(P, { key: 'b', value: null });
    kafka.add(P, { key: 'none', value: null });
    const kernel = await started(kafka, { 'behavior.on.null.values': 'delete' });
    await kernel.putAll();
    await kernel.commit();
    expect(await documents('orders')).toEqual({ a: { n: 4 }, 7: { n: 2, deep: { list: [1, 3] } } });
    expect(kafka.committed.get('Orders 0')).toBe(6);
    await kernel.stop();
  });

  test('that wait when another task has their partition are not written over those of that task', async () => {
    const Q = { topic: 'Orders', partition: 1 };
    const kafka = new HandKafka([P, Q]);
    kafka.add(P, { key: 'a', value: row({ n: 1n }) });
    kafka.add(Q, { key: 'b', value: row({ n: 2n }) });
    const clock = new HandClock();
    const task = await openSearchSink.task({ 'connection.url': url, 'linger.ms': '1000' });
    await task.start(new TestSinkContext(clock));
    await task.put([P, Q].flatMap((one) => kafka.records.get(partitionKey(one)) ?? []));
    await task.close([P]);
    clock.time += 1000;
    await task.put([]);
    expect(await documents('orders')).toEqual({ b: { n: 2 } });
    await task.stop();
  });

  test('that are written again after a crash stay at their last version', async () => {
    const kafka = new HandKafka([P]);
    for (let n = 0; n < 20; n++) kafka.add(P, { key: `k${n % 3}`, value: row({ n: BigInt(n) }) });
    await (await started(kafka)).putAll();
    // Nothing was committed: the next task begins at the first record, and dies in the middle.
    const again = await started(kafka, { 'batch.size': '2' });
    await again.put(9);
    expect(await documents('orders')).toEqual({ k0: { n: 18 }, k1: { n: 19 }, k2: { n: 17 } });
    await again.putAll();
    expect(await documents('orders')).toEqual({ k0: { n: 18 }, k1: { n: 19 }, k2: { n: 17 } });
  });

  test('have an id of their offset with key.ignore', async () => {
    const kafka = new HandKafka([P]);
    for (const n of [1n, 2n]) kafka.add(P, { value: row({ n }) });
    const kernel = await started(kafka, { 'key.ignore': 'true', 'connection.compression': 'true' });
    await kernel.putAll();
    expect(await documents('orders')).toEqual({ 'Orders+0+0': { n: 1 }, 'Orders+0+1': { n: 2 } });
    await kernel.stop();
  });

  test('are changed field by field with write.method=upsert, in order', async () => {
    const kafka = new HandKafka([P]);
    for (let n = 0; n < 10; n++) kafka.add(P, { key: 'a', value: row({ [`f${n % 3}`]: BigInt(n) }) });
    const kernel = await started(kafka, { 'write.method': 'upsert', 'batch.size': '2' });
    await kernel.putAll();
    expect(await documents('orders')).toEqual({ a: { f0: 9, f1: 7, f2: 8 } });
    await kernel.stop();
  });

  test('of a data stream have a timestamp, and are there once', async () => {
    const kafka = new HandKafka([P]);
    kafka.add(P, { value: row({ at: '2026-01-02T03:04:05Z', n: 1n }), timestamp: 5 });
    kafka.add(P, { value: row({ n: 2n }), timestamp: 1_767_323_045_123 });
    const more = {
      ...{ 'data.stream.type': 'logs', 'data.stream.dataset': 'shop', 'data.stream.timestamp.field': 'at' },
    };
    for (let times = 0; times < 2; times++) await (await started(kafka, more, elasticsearchSink)).putAll();
    expect(await documents('logs-shop-orders')).toEqual({
      'Orders+0+0': { '@timestamp': '2026-01-02T03:04:05Z', at: '2026-01-02T03:04:05Z', n: 1 },
      'Orders+0+1': { '@timestamp': 1_767_323_045_123, n: 2 },
    });
  });

  test('have the types of their schema: dates are milliseconds, decimals numbers', async () => {
    const decimal = {
      type: 'BYTES',
      optional: false,
      name: 'org.apache.kafka.connect.data.Decimal',
    } as const;
    const schema: Schema = {
      type: 'STRUCT',
      optional: false,
      fields: [
        { name: 'n', schema: { type: 'INT32', optional: false } },
        {
          name: 'born',
          schema: { type: 'INT32', optional: false, name: 'org.apache.kafka.connect.data.Date' },
        },
        { name: 'price', schema: { ...decimal, version: 1, parameters: { scale: '2' } } },
        { name: 'name', schema: { type: 'STRING', optional: true } },
      ],
    };
    const kafka = new HandKafka([P]);
    const value = { schema, values: [1, 2, Buffer.from([0x04, 0xd2]), null] };
    kafka.add(P, { key: 'a', value, valueSchema: schema });
    const kernel = await started(kafka);
    await kernel.putAll();
    expect(await documents('orders')).toEqual({ a: { n: 1, born: 172_800_000, price: 12.34, name: null } });
    const mapped = REAL
      ? await (await fetch(`${REAL}/orders/_mapping`)).json()
      : { orders: { mappings: server.mappings.get('orders') } };
    expect(mapped).toEqual({ orders: { mappings: mappingOf(schema, true) } });
    expect(mappingOf(schema, true)).toMatchObject({
      properties: {
        n: { type: 'integer' },
        born: { type: 'date' },
        price: { type: 'double' },
        name: { type: 'text' },
      },
    });
    await kernel.stop();
  });
});

describe('bad records', () => {
  async function mapped(): Promise<void> {
    const mappings = { properties: { n: { type: 'integer' } } };
    await fetch(`${url}/orders`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ mappings }),
    });
  }

  test('are reported one by one with the reason, and the others are written', async () => {
    await mapped();
    const kafka = new HandKafka([P]);
    kafka.add(P, { key: 'a', value: row({ n: 1n }) });
    kafka.add(P, { key: 'b', value: row({ n: 'no number' }) });
    kafka.add(P, { key: null, value: row({ n: 3n }) });
    kafka.add(P, { key: 'd', value: 'no object' });
    kafka.add(P, { key: 'e', value: row({ n: 5n }) });
    const kernel = await started(kafka, { 'batch.size': '10' });
    await kernel.putAll();
    await kernel.commit();
    expect(await documents('orders')).toEqual({ a: { n: 1 }, e: { n: 5 } });
    expect(
      Object.fromEntries(kernel.context.reported.map(({ record, error }) => [record.offset, error.message])),
    ).toEqual({
      1: `mapper_parsing_exception: failed to parse field [n] of type [integer] in document with id 'b'. Preview of field's value: 'no number', caused by number_format_exception: For input string: "no number"`,
      2: expect.stringContaining('The key is null'),
      3: expect.stringContaining('must be an object'),
    });
    await kernel.stop();
  });

  test('are left out where that is said', async () => {
    await mapped();
    const kafka = new HandKafka([P]);
    kafka.add(P, { key: 'b', value: row({ n: 'no number' }) });
    const kernel = await started(kafka, { 'behavior.on.malformed.documents': 'warn' });
    await kernel.putAll();
    expect(kernel.context.reported).toEqual([]);
    await kernel.stop();
  });
});

if (!REAL)
  describe('a server that is busy', () => {
    const some = (count: number): HandKafka => {
      const kafka = new HandKafka([P]);
      for (let n = 0; n < count; n++) kafka.add(P, { key: `k${n}`, value: row({ n: BigInt(n) }) });
      return kafka;
    };

    test('less than a batch waits for more, for linger.ms or until offsets are committed', async () => {
      const kafka = some(7);
      const kernel = await started(kafka, { 'batch.size': '5', 'linger.ms': '60000' });
      await kernel.put(4);
      expect(Object.keys(await documents('orders'))).toHaveLength(0);
      await kernel.put(2);
      expect(Object.keys(await documents('orders'))).toHaveLength(6);
      await kernel.put(1);
      await kernel.commit();
      expect(Object.keys(await documents('orders'))).toHaveLength(7);
    });

    test('what waits when a task is stopped is not committed', async () => {
      const kafka = some(3);
      const kernel = await started(kafka, { 'linger.ms': '60000' });
      await kernel.putAll();
      kernel.context.stopping.abort();
      await kernel.stop();
      expect(kafka.committed.size).toBe(0);
    });

    test.each([429, 503])('is asked again after %s', async (status) => {
      let left = 3;
      server.fault = (request) => (request === 'POST /_bulk' && left-- > 0 ? status : null);
      const kernel = await started(some(3));
      await kernel.putAll();
      expect(Object.keys(await documents('orders'))).toHaveLength(3);
    });

    test('is asked again for the documents that it had no room for, and for no others', async () => {
      let left = 4;
      server.isBusy = (id) => id === 'k1' && left-- > 0;
      const kernel = await started(some(3));
      await kernel.putAll();
      expect(Object.keys(await documents('orders'))).toHaveLength(3);
      expect(server.requests.filter((request) => request === 'POST /_bulk')).toHaveLength(5);
    });

    test('for too long fails the task with its reason, and nothing is committed', async () => {
      server.fault = (request) => (request === 'POST /_bulk' ? 429 : null);
      const kafka = some(1);
      const kernel = await started(kafka, { 'max.retries': '2' });
      await expect(kernel.putAll()).rejects.toThrow(
        /Given up after 2 retries: POST \/_bulk was answered with 429: rejected_execution_exception/,
      );
      expect(kafka.committed.size).toBe(0);
    });

    test('takes large requests in smaller ones', async () => {
      server.most = 300;
      const kernel = await started(some(20));
      await kernel.putAll();
      expect(Object.keys(await documents('orders'))).toHaveLength(20);
    });

    test('is another node where the first does not answer', async () => {
      const kernel = await started(some(2), {
        'connection.url': `http://127.0.0.1:${await freePort()},${url}`,
      });
      await kernel.putAll();
      expect(Object.keys(await documents('orders'))).toHaveLength(2);
    });
  });

if (!REAL)
  test('a user is signed in, and refused where the password is another', async () => {
    const closed = new OpenSearchTestServer(`Basic ${Buffer.from('u:right').toString('base64')}`);
    const address = await closed.listen(await freePort());
    const login = { 'connection.url': address, 'connection.username': 'u' };
    await started(new HandKafka([P]), { ...login, 'connection.password': 'right' });
    await expect(started(new HandKafka([P]), { ...login, 'connection.password': 'wrong' })).rejects.toThrow(
      '401',
    );
    await closed.close();
  });

test('values that do not fit together are refused by name', () => {
  const told = (more: Record<string, string>, spec = openSearchSink) =>
    spec.problems({ 'connection.url': 'http://h:9200', ...more }).map(({ property }) => property);
  expect(told({ 'key.ignore': 'true', 'behavior.on.null.values': 'delete' })).toEqual([
    'behavior.on.null.values',
  ]);
  expect(told({ 'connection.username': 'u' })).toEqual(['connection.username']);
  expect(told({ 'data.stream.type': 'logs' }, elasticsearchSink)).toEqual(['data.stream.dataset']);
  expect(told({ 'connection.url': 'h:9200' })).toEqual(['connection.url']);
});
