import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import type { Clock } from '../../base/clock.ts';
import { Sfc32 } from '../../base/random.ts';
import { NodeClock } from '../../platform/node-clock.ts';
import { S3Client } from './s3-client.ts';
import { endpointProblem, s3Address } from './s3-endpoint.ts';
import { S3Error } from './s3-error.ts';
import type { S3Options } from './s3-requests.ts';
import { S3TestServer, TEST_CREDENTIALS, TEST_REGION } from './testing/s3-server.ts';

/** Waits take no time, and are written down. */
class HurriedClock extends NodeClock implements Clock {
  readonly waits: number[] = [];

  override after(ms: number, run: () => void): { cancel(): void } {
    this.waits.push(ms);
    return super.after(0, run);
  }
}

let server: S3TestServer;
let endpoint: string;
let client: S3Client;
let clock: HurriedClock;

function clientWith(options: Partial<S3Options> = {}): S3Client {
  return new S3Client(
    { clock, random: new Sfc32(1) },
    { endpoint, region: TEST_REGION, credentials: () => TEST_CREDENTIALS, ...options },
  );
}

beforeEach(async () => {
  server = new S3TestServer();
  server.createBucket('b');
  endpoint = await server.listen(await freePort());
  clock = new HurriedClock();
  client = clientWith();
});
afterEach(async () => {
  client.close();
  await server.close();
});

const text = (name: string) => Buffer.from(name);

describe('objects', () => {
  test.each(['plain.json', 'a/b+c d%20é&?#=.json', "it's (one)!*", 'a//b', 'a/../b/./c', '<&>"', ' x '])(
    'an object is there under its key, whatever is in it: %s',
    async (key) => {
      await client.put({ bucket: 'b', key }, text('body'), { metadata: { first: '17' } });
      expect(server.keys('b')).toEqual([key]);
      expect(String(await client.get({ bucket: 'b', key }, 100))).toBe('body');
      expect(await client.head({ bucket: 'b', key })).toMatchObject({ size: 4, metadata: { first: '17' } });
      const listed = [];
      for await (const one of client.list('b', '')) listed.push(one.key);
      expect(listed).toEqual([key]);
      await client.delete({ bucket: 'b', key });
      expect(await client.head({ bucket: 'b', key })).toBeNull();
    },
  );

  test('a put with ifNoneMatch leaves an object that is there as it is', async () => {
    await client.put({ bucket: 'b', key: 'k' }, text('first'), { ifNoneMatch: true });
    const second = client.put({ bucket: 'b', key: 'k' }, text('second'), { ifNoneMatch: true });
    await expect(second).rejects.toMatchObject({ isPreconditionFailed: true, retriable: false });
    expect(String(server.object('b', 'k').body)).toBe('first');
  });

  test('a list has every page', async () => {
    server.page = 3;
    for (let n = 0; n < 10; n++) await client.put({ bucket: 'b', key: `p/${n}` }, text('x'));
    await client.put({ bucket: 'b', key: 'other' }, text('x'));
    const keys = [];
    for await (const { key } of client.list('b', 'p/')) keys.push(key);
    expect(keys).toEqual(Array.from({ length: 10 }, (_, n) => `p/${n}`));
  });

  test('more bytes than are taken are refused, not read', async () => {
    await client.put({ bucket: 'b', key: 'k' }, Buffer.alloc(1000));
    await expect(client.get({ bucket: 'b', key: 'k' }, 999)).rejects.toThrow('more than 999 bytes');
  });

  test('a download is a file for this user only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 's3-'));
    try {
      const body = Buffer.alloc(300_000, 'millrace');
      await client.put({ bucket: 'b', key: 'k' }, body);
      await client.download({ bucket: 'b', key: 'k' }, join(folder, 'k'), 300_000);
      expect(readFileSync(join(folder, 'k')).equals(body)).toBe(true);
      const other = join(folder, 'other');
      await expect(client.download({ bucket: 'b', key: 'k' }, other, 299_999)).rejects.toThrow('more than');
      await expect(client.download({ bucket: 'b', key: 'none' }, other, 10)).rejects.toThrow('NoSuchKey');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('an object in parts', () => {
  const large = Buffer.alloc(5 * 1024 ** 2, 1);

  test('is its parts in their order', async () => {
    const object = { bucket: 'b', key: 'large' };
    const id = await client.createMultipart(object, { contentType: 'text/plain' });
    const parts = [];
    for (const [index, body] of [large, text('end')].entries())
      parts.push({
        partNumber: index + 1,
        etag: await client.uploadPart(object, id, index + 1, body),
      });
    expect(await client.openUploads('b', '')).toEqual([{ key: 'large', uploadId: id }]);
    await client.completeMultipart(object, id, parts);
    expect(server.object('b', 'large').body.equals(Buffer.concat([large, text('end')]))).toBe(true);
    expect(server.object('b', 'large').headers).toEqual({ 'content-type': 'text/plain' });
  });

  test('is refused where there is an object already', async () => {
    const object = { bucket: 'b', key: 'k' };
    await client.put(object, text('first'));
    const id = await client.createMultipart(object);
    const etag = await client.uploadPart(object, id, 1, text('second'));
    await expect(
      client.completeMultipart(object, id, [{ partNumber: 1, etag }], { ifNoneMatch: true }),
    ).rejects.toMatchObject({ isPreconditionFailed: true });
    await client.abortMultipart(object, id);
    await client.abortMultipart(object, id);
    expect(await client.openUploads('b', '')).toEqual([]);
  });

  test('has parts of S3’s size', async () => {
    const object = { bucket: 'b', key: 'k' };
    const id = await client.createMultipart(object);
    const parts = [];
    for (const partNumber of [1, 2])
      parts.push({ partNumber, etag: await client.uploadPart(object, id, partNumber, text('small')) });
    await expect(client.completeMultipart(object, id, parts)).rejects.toThrow('EntityTooSmall');
  });
});

describe('what fails', () => {
  test.each([
    { status: 503, code: 'SlowDown' },
    { status: 500, code: 'InternalError' },
    { status: 429, code: 'TooManyRequests' },
    { status: 409, code: 'ConditionalRequestConflict' },
    'cut' as const,
  ])('and may pass is asked again with growing waits: %o', async (fault) => {
    let left = 3;
    server.fault = () => (left-- > 0 ? fault : null);
    await client.put({ bucket: 'b', key: 'k' }, text('body'));
    expect(String(server.object('b', 'k').body)).toBe('body');
    const [first = 0, second = 0, third = 0] = clock.waits;
    expect([first >= 160, second > first, third > second]).toEqual([true, true, true]);
  });

  test('again and again is given up, with the bucket, the key and the code in the message', async () => {
    server.fault = () => ({ status: 503, code: 'SlowDown' });
    await expect(client.put({ bucket: 'b', key: 'dir/k' }, text('body'))).rejects.toThrow(
      `PUT s3://b/dir/k at ${endpoint} was refused with 503, SlowDown: The test server says SlowDown.`,
    );
    expect(server.requests).toHaveLength(5);
  });

  test('and does not pass is asked once', async () => {
    const failures = [
      clientWith({ credentials: () => ({ ...TEST_CREDENTIALS, secretAccessKey: 'other' }) }).put(
        { bucket: 'b', key: 'k' },
        text('x'),
      ),
      client.put({ bucket: 'none', key: 'k' }, text('x')),
      client.get({ bucket: 'b', key: 'none' }, 10),
      client.headBucket('none'),
    ];
    const settled = await Promise.allSettled(failures);
    expect(
      settled.map((one) =>
        one.status === 'rejected' && one.reason instanceof S3Error ? one.reason.code : null,
      ),
    ).toEqual(['SignatureDoesNotMatch', 'NoSuchBucket', 'NoSuchKey', 'NotFound']);
    expect(clock.waits).toEqual([]);
  });

  test('an answer that got lost is asked for again, and the object is what was put', async () => {
    server.losesAnswer = () => server.requests.length === 1;
    await client.put({ bucket: 'b', key: 'k' }, text('body'));
    expect(server.requests).toHaveLength(2);
  });

  test('completing fails late: an error after 200 is an error', async () => {
    const object = { bucket: 'b', key: 'k' };
    const id = await client.createMultipart(object);
    server.fault = () => ({ status: 200, code: 'NoSuchUpload' });
    await expect(client.completeMultipart(object, id, [{ partNumber: 1, etag: 'x' }])).rejects.toThrow(
      'NoSuchUpload',
    );
  });

  test('nobody listens: the endpoint is named', async () => {
    const port = await freePort();
    const nobody = clientWith({ endpoint: `http://127.0.0.1:${port}`, attempts: 1 });
    await expect(nobody.headBucket('b')).rejects.toThrow(`s3://b at http://127.0.0.1:${port} failed`);
  });
});

describe('addresses', () => {
  test.each([
    [{ region: 'eu-central-1' }, 'https://b.s3.eu-central-1.amazonaws.com', '/a%20b/c'],
    [{ region: 'cn-north-1' }, 'https://b.s3.cn-north-1.amazonaws.com.cn', '/a%20b/c'],
    [{ region: 'r', endpoint: 'http://127.0.0.1:9000' }, 'http://127.0.0.1:9000', '/b/a%20b/c'],
    [{ region: 'r', endpoint: 'https://h/s3/' }, 'https://h', '/s3/b/a%20b/c'],
    [
      { region: 'r', endpoint: 'https://h:9', addressing: 'virtual-host' as const },
      'https://b.h:9',
      '/a%20b/c',
    ],
  ])('of %o', (location, origin, path) => {
    const address = s3Address(location, 'b', 'a b/c');
    expect([address.origin.origin, address.path]).toEqual([origin, path]);
  });

  test.each([
    ['http://127.0.0.1:9000', null],
    ['127.0.0.1:9000', 'http://'],
    ['s3.example.com', 'no URL'],
    ['https://key:secret@h', 'credentials'],
  ])('an endpoint is a URL without credentials: %s', (endpointText, problem) => {
    if (problem === null) expect(endpointProblem(endpointText)).toBeNull();
    else expect(endpointProblem(endpointText)).toContain(problem);
  });

  test('a bucket whose name has a dot is in the path, because no certificate covers it', () => {
    expect(s3Address({ region: 'r' }, 'b.c', 'k').path).toBe('/b.c/k');
  });
});
