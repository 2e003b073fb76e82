import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { S3TestServer, TEST_CREDENTIALS, TEST_REGION } from '../../aws/s3/testing/s3-server.ts';
import { type ConnectValue, LOGICAL_NAMES, type Schema } from '../kernel/schema.ts';
import { HandClock, HandKafka, HandKernel } from '../testing/hand-kernel.ts';
import { s3Sink } from './s3-sink.ts';

const P0 = { topic: 't', partition: 0 };
const P1 = { topic: 't', partition: 1 };
const STORAGE = 'io.confluent.connect.storage.partitioner.';

let server: S3TestServer;
let endpoint: string;
let clock: HandClock;

beforeEach(async () => {
  server = new S3TestServer();
  server.createBucket('b');
  endpoint = await server.listen(await freePort());
  clock = new HandClock();
});
afterEach(() => server.close());

function texts(more: Record<string, string> = {}): Record<string, string> {
  return {
    's3.bucket.name': 'b',
    's3.region': TEST_REGION,
    'store.url': endpoint,
    'aws.access.key.id': TEST_CREDENTIALS.accessKeyId,
    'aws.secret.access.key': TEST_CREDENTIALS.secretAccessKey,
    's3.part.retries': '0',
    'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
    'flush.size': '3',
    ...more,
  };
}

async function started(kafka: HandKafka, more: Record<string, string> = {}): Promise<HandKernel> {
  const kernel = new HandKernel(kafka, await s3Sink.task(texts(more)), clock);
  await kernel.start();
  return kernel;
}

const ROW: Schema = {
  type: 'STRUCT',
  optional: false,
  fields: [
    { name: 'small', schema: { type: 'INT16', optional: false } },
    { name: 'big', schema: { type: 'INT64', optional: false } },
    { name: 'text', schema: { type: 'STRING', optional: true } },
    {
      name: 'price',
      schema: { type: 'BYTES', optional: false, name: LOGICAL_NAMES.decimal, parameters: { scale: '2' } },
    },
    {
      name: 'point',
      schema: {
        type: 'STRUCT',
        optional: true,
        fields: [{ name: 'x', schema: { type: 'FLOAT64', optional: false } }],
      },
    },
    {
      name: 'list',
      schema: { type: 'ARRAY', optional: true, valueSchema: { type: 'STRING', optional: false } },
    },
    {
      name: 'map',
      schema: {
        ...{ type: 'MAP', optional: false, keySchema: { type: 'STRING', optional: false } },
        valueSchema: { type: 'INT32', optional: true },
      },
    },
    { name: 'at', schema: { type: 'INT64', optional: false, name: LOGICAL_NAMES.timestamp } },
    { name: 'day', schema: { type: 'INT32', optional: true, name: LOGICAL_NAMES.date } },
  ],
};
const WIDER: Schema = {
  ...ROW,
  fields: [...(ROW.fields ?? []), { name: 'more', schema: { type: 'BOOLEAN', optional: true } }],
};
const POINT: Schema = ROW.fields?.[4]?.schema ?? ROW;

/** Read by a reader of its own. */
async function parquetRows(key: string): Promise<Record<string, unknown>[]> {
  const { body } = server.object('b', key);
  const file = body.buffer.slice(body.byteOffset, body.byteOffset + body.length);
  if (!(file instanceof ArrayBuffer)) throw new Error('the body is shared');
  return parquetReadObjects({ file, compressors: { GZIP: (bytes) => gunzipSync(bytes) } });
}

const row = (fields: Record<string, ConnectValue>): ConnectValue => new Map(Object.entries(fields));

function content(key: string): string {
  const { body } = server.object('b', key);
  return (key.endsWith('.gz') ? gunzipSync(body) : body).toString();
}

/** The numbers `n` of all records in S3, sorted. */
function stored(): number[] {
  return server
    .keys('b')
    .filter((key) => key.startsWith('topics/t/'))
    .flatMap((key) =>
      content(key)
        .split('\n')
        .filter((line) => line !== ''),
    )
    .map((line) => Number(JSON.parse(line).n))
    .sort((a, b) => a - b);
}

function numbered(
  kafka: HandKafka,
  count: number,
  fields: (n: number) => Record<string, ConnectValue> = () => ({}),
) {
  for (let n = 0; n < count; n++)
    kafka.add(n % 2 === 0 ? P0 : P1, { value: row({ n: BigInt(n), ...fields(n) }), timestamp: n * 1000 });
}

describe('objects', () => {
  test("have Confluent's names: the topic, the partition and the first offset; what is not full is not stored", async () => {
    const kafka = new HandKafka([P0, P1]);
    numbered(kafka, 14);
    const kernel = await started(kafka);
    await kernel.putAll();
    await kernel.commit();
    expect(server.keys('b')).toEqual([
      'topics/t/partition=0/t+0+0000000000.json',
      'topics/t/partition=0/t+0+0000000003.json',
      'topics/t/partition=1/t+1+0000000000.json',
      'topics/t/partition=1/t+1+0000000003.json',
    ]);
    expect(content('topics/t/partition=1/t+1+0000000000.json')).toBe('{"n":1}\n{"n":3}\n{"n":5}\n');
    expect(Object.fromEntries(kafka.committed)).toEqual({ 't 0': 6, 't 1': 6 });
    await kernel.stop();
  });

  test('are gzip where that is said', async () => {
    const kafka = new HandKafka([P0]);
    for (const n of [1n, 2n]) kafka.add(P0, { value: row({ n }) });
    const kernel = await started(kafka, { 's3.compression.type': 'gzip', 'flush.size': '2' });
    await kernel.putAll();
    expect(content('topics/t/partition=0/t+0+0000000000.json.gz')).toBe('{"n":1}\n{"n":2}\n');
    await kernel.stop();
  });

  test('of bytes are the bytes, with the separator behind each', async () => {
    const kafka = new HandKafka([P0]);
    for (const text of ['a', 'b']) kafka.add(P0, { value: Buffer.from(text) });
    kafka.add(P0, { value: 'no bytes' });
    kafka.add(P0, { value: Buffer.from('c') });
    const kernel = await started(kafka, {
      'format.class': 'io.confluent.connect.s3.format.bytearray.ByteArrayFormat',
      'format.bytearray.separator': '|',
      'topics.dir': 'raw/in',
    });
    await kernel.putAll();
    expect(content('raw/in/t/partition=0/t+0+0000000000.bin')).toBe('a|b|c|');
    expect(kernel.context.reported.map(({ record }) => record.offset)).toEqual([2]);
    await kernel.stop();
  });

  test.each(['none', 'snappy', 'gzip'])('are Parquet files, one for each schema: %s', async (codec) => {
    const value = (schema: Schema, n: number): ConnectValue => ({
      schema,
      values: [
        n,
        BigInt(n),
        n % 2 === 0 ? `text ${n}` : null,
        Buffer.from([0xfb, 0x2e]),
        { schema: POINT, values: [n + 0.5] },
        [`a${n}`, 'b'],
        new Map([['k', n]]),
        1_767_323_045_123n,
        20_000,
        ...(schema === WIDER ? [true] : []),
      ],
    });
    const kafka = new HandKafka([P0]);
    for (let n = 0; n < 5; n++) {
      const valueSchema = n < 3 ? ROW : WIDER;
      kafka.add(P0, { value: value(valueSchema, n), valueSchema });
    }
    kafka.add(P0, { value: row({ n: 1n }) });
    kafka.add(P0, { value: value(ROW, 6), valueSchema: ROW });
    const format = 'io.confluent.connect.s3.format.parquet.ParquetFormat';
    const more = { 'format.class': format, 'parquet.codec': codec, 'flush.size': '100' };
    const kernel = await started(kafka, more);
    await kernel.putAll();
    expect(kernel.context.reported.map(({ record }) => record.offset)).toEqual([5]);
    const extension = { none: '', snappy: '.snappy', gzip: '.gz' }[codec];
    const keys = [0, 3].map((offset) => `topics/t/partition=0/t+0+000000000${offset}${extension}.parquet`);
    expect(server.keys('b')).toEqual(keys);
    const rows = await parquetRows(keys[0] ?? '');
    expect(rows).toHaveLength(3);
    expect(rows[2]).toEqual({
      ...{
        small: 2,
        big: 2n,
        text: 'text 2',
        price: -12.34,
        point: { x: 2.5 },
        list: ['a2', 'b'],
        map: { k: 2 },
      },
      at: new Date(1_767_323_045_123),
      day: new Date(20_000 * 86_400_000),
    });
    expect(rows[1]).toMatchObject({ text: null });
    expect((await parquetRows(keys[1] ?? '')).map((one) => one.more)).toEqual([true, true]);
    await kernel.stop();
  });

  test('that a transform leaves out are behind the committed offset, unless an object before them is open', async () => {
    const kafka = new HandKafka([P0]);
    for (const offset of [0, 1, 2]) kafka.add(P0, { value: row({ n: BigInt(offset) }), offset });
    const kernel = await started(kafka);
    await kernel.putAll();
    kernel.leaveOut(P0, 10);
    await kernel.commit();
    expect(kafka.committed.get('t 0')).toBe(10);
    kafka.add(P0, { value: row({ n: 10n }), offset: 10 });
    await kernel.putAll();
    kernel.leaveOut(P0, 20);
    await kernel.commit();
    expect(kafka.committed.get('t 0')).toBe(10);
    await kernel.stop();
  });

  test('without a value are bad records, or left out; an offset behind them is committed', async () => {
    const kafka = new HandKafka([P0]);
    for (const n of [1n, 2n, 3n]) kafka.add(P0, { value: row({ n }) });
    for (let n = 0; n < 3; n++) kafka.add(P0, { value: null });
    const ignoring = await started(kafka, { 'behavior.on.null.values': 'ignore' });
    await ignoring.putAll();
    await ignoring.commit();
    expect(ignoring.context.reported).toEqual([]);
    expect(kafka.committed.get('t 0')).toBe(6);
    kafka.committed.clear();
    const failing = await started(kafka);
    await failing.putAll();
    expect(failing.context.reported.map(({ record }) => record.offset)).toEqual([3, 4, 5]);
  });
});

describe('folders', () => {
  test('by fields', async () => {
    const kafka = new HandKafka([P0]);
    for (let n = 0; n < 4; n++)
      kafka.add(P0, {
        value: row({ n: BigInt(n), kind: n < 3 ? 'a' : 'b', deep: row({ eu: n % 2 === 0 }) }),
      });
    kafka.add(P0, { value: row({ n: 4n }) });
    const kernel = await started(kafka, {
      'partitioner.class': `${STORAGE}FieldPartitioner`,
      'partition.field.name': 'kind,deep.eu',
      'flush.size': '4',
    });
    await kernel.putAll();
    expect(server.keys('b')).toEqual([
      'topics/t/kind=a/deep.eu=false/t+0+0000000001.json',
      'topics/t/kind=a/deep.eu=true/t+0+0000000000.json',
      'topics/t/kind=b/deep.eu=false/t+0+0000000003.json',
    ]);
    expect(kernel.context.reported.map(({ error }) => error.message)).toEqual([
      'The value has no field kind, or null there.',
    ]);
    await kernel.stop();
  });

  test.each([
    ['Daily', {}, 'year=2026/month=03/day=29'],
    ['Hourly', {}, 'year=2026/month=03/day=29/hour=03'],
    [
      'TimeBased',
      { 'path.format': "yyyy-MM-dd/'at'-HHmm/EEE_MMM", 'partition.duration.ms': '1800000', locale: 'de-DE' },
      '2026-03-29/at-0300/So_Mär',
    ],
  ])('by time are those of the local day: %s', async (name, more, folder) => {
    const kafka = new HandKafka([P0]);
    // A quarter past three in Berlin, an hour and a quarter after the clocks were put forward.
    kafka.add(P0, { value: row({ n: 1n }), timestamp: Date.UTC(2026, 2, 29, 1, 15) });
    const kernel = await started(kafka, {
      'partitioner.class': `${STORAGE}${name}Partitioner`,
      ...{ locale: 'en-US', timezone: 'Europe/Berlin', 'timestamp.extractor': 'Record', 'flush.size': '1' },
      ...more,
    });
    await kernel.putAll();
    expect(server.keys('b')).toEqual([`topics/t/${folder}/t+0+0000000000.json`]);
    await kernel.stop();
  });

  test('by the time in a field', async () => {
    const kafka = new HandKafka([P0]);
    // The times that are none, and that no calendar has, are reported.
    const none = ['never', 9_007_199_254_740_993n, -(2n ** 63n), Number.NaN];
    for (const at of [BigInt(Date.UTC(2026, 0, 2)), ...none, '2026-01-02T03:04:05Z'])
      kafka.add(P0, { value: row({ at }) });
    const kernel = await started(kafka, {
      'partitioner.class': `${STORAGE}DailyPartitioner`,
      ...{ locale: 'en-US', timezone: 'UTC', 'timestamp.extractor': 'RecordField', 'timestamp.field': 'at' },
      'flush.size': '2',
    });
    await kernel.putAll();
    expect(server.keys('b')).toEqual(['topics/t/year=2026/month=01/day=02/t+0+0000000000.json']);
    expect(kernel.context.reported).toHaveLength(4);
    await kernel.stop();
  });
});

describe('rotation', () => {
  test('by the times of records', async () => {
    const kafka = new HandKafka([P0]);
    for (const [n, timestamp] of [0, 400, 999, 1000, 1100, 2500].entries())
      kafka.add(P0, { value: row({ n: BigInt(n) }), timestamp });
    const kernel = await started(kafka, { 'flush.size': '100', 'rotate.interval.ms': '1000' });
    await kernel.putAll();
    expect(stored()).toEqual([0, 1, 2, 3, 4]);
    expect(server.keys('b').map((key) => key.slice(-15))).toEqual(['0000000000.json', '0000000003.json']);
    await kernel.stop();
  });

  test('by the clock, also when no record comes', async () => {
    const kafka = new HandKafka([P0, P1]);
    numbered(kafka, 2);
    const kernel = await started(kafka, {
      ...{ 'flush.size': '100', 'rotate.schedule.interval.ms': '600000', timezone: 'UTC' },
    });
    await kernel.putAll();
    clock.time += 599_999;
    await kernel.put(1);
    expect(stored()).toEqual([]);
    clock.time += 1;
    await kernel.put(1);
    expect(stored()).toEqual([0, 1]);
    await kernel.commit();
    expect(Object.fromEntries(kafka.committed)).toEqual({ 't 0': 1, 't 1': 1 });
    await kernel.stop();
  });
});

describe('exactly once', () => {
  /** What happens to a task, in any order; a new one follows one that was killed. */
  const events = fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ type: fc.constant('put' as const), most: fc.integer({ min: 1, max: 7 }) }),
      },
      { weight: 2, arbitrary: fc.constant({ type: 'commit' as const }) },
      { weight: 2, arbitrary: fc.constant({ type: 'kill' as const }) },
      { weight: 2, arbitrary: fc.constant({ type: 'zombie' as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          type: fc.constantFrom('refuse' as const, 'lose' as const),
          after: fc.integer({ min: 0, max: 4 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 900 }) }),
      },
    ),
    { maxLength: 30 },
  );

  test.each([
    ['by count', { 'flush.size': '4' }],
    ['by the clock', { 'flush.size': '9', 'rotate.schedule.interval.ms': '1000', timezone: 'UTC' }],
    [
      'by fields, in gzip',
      {
        'partitioner.class': `${STORAGE}FieldPartitioner`,
        ...{ 'partition.field.name': 'kind', 'flush.size': '5', 's3.compression.type': 'gzip' },
        ...{ 'rotate.schedule.interval.ms': '1000', timezone: 'UTC' },
      },
    ],
    [
      'by the time of records',
      {
        'partitioner.class': `${STORAGE}HourlyPartitioner`,
        ...{ locale: 'en-US', timezone: 'UTC', 'timestamp.extractor': 'Record', 'flush.size': '7' },
        'rotate.interval.ms': '5000',
      },
    ],
  ])('whatever dies, is refused or gets lost: %s', async (_, more) => {
    await fc.assert(
      fc.asyncProperty(events, async (happens) => {
        server.createBucket('b');
        server.uploads.clear();
        const kafka = new HandKafka([P0, P1]);
        const count = 60;
        numbered(kafka, count, (n) => ({ kind: `k${n % 3}` }));
        // Offsets that no record has, as of markers of transactions.
        for (const [name, list] of kafka.records)
          kafka.records.set(
            name,
            list.map((record) => ({ ...record, offset: record.offset + Math.floor(record.offset / 4) })),
          );
        let kernel = await started(kafka, more);
        let zombie: HandKernel | null = null;
        for (const event of happens) {
          switch (event.type) {
            case 'put':
              await kernel.put(event.most);
              await zombie?.put(event.most);
              break;
            case 'commit':
              await kernel.commit();
              break;
            case 'kill':
            case 'zombie':
              zombie = event.type === 'zombie' ? kernel : null;
              server.fault = () => null;
              server.losesAnswer = () => false;
              kernel = await started(kafka, more);
              break;
            case 'refuse':
            case 'lose': {
              let left = event.after;
              const isNow = () => left-- === 0;
              if (event.type === 'lose') server.losesAnswer = isNow;
              else server.fault = () => (isNow() ? { status: 503, code: 'SlowDown' } : null);
              break;
            }
            case 'wait':
              clock.time += event.ms;
          }
        }
        server.fault = () => null;
        server.losesAnswer = () => false;
        const last = await started(kafka, {
          ...more,
          'rotate.schedule.interval.ms': '1000',
          timezone: 'UTC',
        });
        await last.putAll();
        clock.time += 1000;
        await last.putAll();
        await last.putAll();
        await last.stop();
        expect(stored()).toEqual(Array.from({ length: count }, (__, n) => n));
      }),
      { numRuns: 20 },
    );
  });

  test('records that are put again after a refusal do not pass for those that are read again', async () => {
    const more = { ...{ 'rotate.schedule.interval.ms': '1000', timezone: 'UTC' }, 'flush.size': '4' };
    const kafka = new HandKafka([P0, P1]);
    for (let n = 0; n < 12; n++) kafka.add(n % 2 === 0 ? P0 : P1, { value: row({ n: BigInt(n) }) });
    const died = await started(kafka, more);
    await died.put(2);
    clock.time += 1000;
    await died.put(0);
    expect(stored()).toEqual([0, 1, 2, 3]);
    // The next one has the first record when it gets the others, learns then that two were stored, and is
    // refused elsewhere.
    const next = await started(kafka, more);
    await next.put(1);
    server.fault = ({ method, path }) =>
      method === 'PUT' && path.includes('partition%3D1') ? { status: 503, code: 'SlowDown' } : null;
    expect(await next.put(3)).toBe(false);
    expect(await next.put(3)).toBe(false);
    server.fault = () => null;
    await next.putAll();
    clock.time += 1000;
    await next.putAll();
    expect(stored()).toEqual(Array.from({ length: 12 }, (_, n) => n));
    await next.stop();
  });

  test('large objects are uploaded in parts before they are complete, and a killed task leaves no part', async () => {
    const kafka = new HandKafka([P0]);
    const text = 'x'.repeat(3 * 1024 ** 2);
    for (let n = 0; n < 6; n++) kafka.add(P0, { value: row({ n: BigInt(n), text }) });
    const more = { 'flush.size': '5', 's3.part.size': String(5 * 1024 ** 2) };
    const killed = await started(kafka, more);
    await killed.put(4);
    expect([...server.uploads.values()].map(({ parts }) => parts.size)).toEqual([2]);
    const next = await started(kafka, more);
    expect(server.uploads.size).toBe(0);
    await next.put(5);
    // The offset is not committed: the next task reads the same again, and is told to end where this one did.
    const last = await started(kafka, { ...more, 'flush.size': '6' });
    await last.putAll();
    await last.put(1);
    await last.commit();
    expect(kafka.committed.get('t 0')).toBe(5);
    expect(stored()).toEqual([0, 1, 2, 3, 4]);
    await last.stop();
    expect(server.uploads.size).toBe(0);
  });

  test('what a task holds is bounded, however many objects it has open', async () => {
    const partitions = Array.from({ length: 40 }, (_, partition) => ({ topic: 't', partition }));
    const kafka = new HandKafka(partitions);
    const text = 'x'.repeat(1024 ** 2);
    for (let n = 0; n < 80; n++)
      kafka.add({ topic: 't', partition: n % 40 }, { value: row({ n: BigInt(n), text }) });
    const kernel = await started(kafka, { 'flush.size': '1000' });
    expect(await kernel.put(1)).toBe(true);
    expect(await kernel.put(1)).toBe(true);
    expect(80 - stored().length).toBeLessThanOrEqual(64);
    await kernel.stop();
  });

  test('what a task holds is bounded also where rows are gathered for Parquet', async () => {
    const partitions = Array.from({ length: 3 }, (_, partition) => ({ topic: 't', partition }));
    const kafka = new HandKafka(partitions);
    const schema: Schema = {
      ...{ type: 'STRUCT', optional: false },
      fields: [{ name: 'text', schema: { type: 'STRING', optional: false } }],
    };
    for (const partition of partitions)
      kafka.add(partition, {
        value: { schema, values: ['x'.repeat(6 * 1024 ** 2)] },
        valueSchema: schema,
      });
    const format = 'io.confluent.connect.s3.format.parquet.ParquetFormat';
    const kernel = await started(kafka, { 'format.class': format, 'flush.size': '1000' });
    kernel.context.bufferBytes = 7 * 1024 ** 2;
    expect(await kernel.put(1)).toBe(true);
    // Of the three one has room.
    expect(server.keys('b')).toHaveLength(2);
    await kernel.stop();
  });

  test('an object of another time of the topic is not taken for this one', async () => {
    const kafka = new HandKafka([P0]);
    for (const n of [1n, 2n, 3n]) kafka.add(P0, { value: row({ n }), timestamp: 1 });
    await (await started(kafka)).putAll();
    const again = new HandKafka([P0]);
    for (const n of [1n, 2n, 3n]) again.add(P0, { value: row({ n }), timestamp: 2 });
    const kernel = await started(again);
    await expect(kernel.putAll()).rejects.toThrow(
      's3://b/topics/t/partition=0/t+0+0000000000.json is there and is not of these records',
    );
  });
});

describe('what is wrong is told', () => {
  test('in the configuration', () => {
    const wrong = s3Sink.problems({
      ...texts(),
      'partitioner.class': `${STORAGE}TimeBasedPartitioner`,
      'rotate.schedule.interval.ms': '1000',
    });
    expect(wrong.map(({ property }) => property)).toEqual([
      'path.format',
      'partition.duration.ms',
      'locale',
      'timezone',
    ]);
    expect(
      s3Sink
        .problems({ ...texts(), 'path.format': "'year'=xxxx", 'store.url': 'minio:9000', timezone: 'Mars' })
        .map(({ message }) => message),
    ).toEqual([
      expect.stringContaining('http://'),
      expect.stringContaining('has the letter x'),
      expect.stringContaining('must be a time zone'),
    ]);
  });

  test('of a bucket that is not there, when the task starts', async () => {
    await expect(started(new HandKafka([P0]), { 's3.bucket.name': 'none' })).rejects.toThrow('s3://none');
  });
});
