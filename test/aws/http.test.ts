import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answered } from '../support/answered.ts';
import { eventually } from '../support/millrace.ts';
import { ApiHarness } from './api-harness.ts';
import { ORDERS_BODY } from './orders-cluster.ts';

let api: ApiHarness;

beforeEach(async () => {
  api = await ApiHarness.start();
});

afterEach(() => api[Symbol.asyncDispose]());

/** The answer to a request as it stands here, whatever is wrong with it. */
function asked(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.control.url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    socket.on('error', reject).on('close', () => resolve(answer));
  });
}

test('what is no request, one with too many headers and HEAD have the envelope of AWS', async () => {
  const head = `HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n`;
  const envelope = /x-amzn-errortype: \w+Exception/i;
  const tooLarge = await asked(`GET /v1/clusters ${head}x: ${'y'.repeat(20_000)}\r\n\r\n`);
  expect(tooLarge).toMatch(/^HTTP\/1.1 431 /);
  const noPath = await asked(`GET /v1/clusters/%zz ${head}\r\n`);
  expect(noPath).toMatch(/^HTTP\/1.1 400 /);
  const noRequest = await asked('this is no HTTP\r\n\r\n');
  expect(noRequest).toMatch(/^HTTP\/1.1 400 /);
  const headRequest = await asked(`HEAD /v1/clusters ${head}\r\n`);
  expect(headRequest).toMatch(/^HTTP\/1.1 404 /);
  const noHost = await asked('GET /v1/clusters HTTP/1.1\r\nconnection: close\r\n\r\n');
  expect(noHost).toMatch(/^HTTP\/1.1 400 /);
  expect(noHost).toContain('The Host header is missing');
  for (const answer of [tooLarge, noPath, noRequest, headRequest, noHost]) {
    expect(answer).toMatch(envelope);
    expect(answer).toMatch(/x-amzn-requestid: [0-9a-f-]{36}/i);
  }
});

test('somebody who holds as many connections open as there may be keeps nobody out', async () => {
  const { hostname, port } = new URL(api.control.url);
  const head = 'POST /v1/clusters HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{';
  // More than the API has at a time; half of them are silent, the others begin a request and do not end it.
  const sockets = Array.from({ length: 600 }, (_, i) => {
    const socket = connect(Number(port), hostname, () => socket.write(i % 2 === 0 ? '' : head));
    return socket.on('error', () => {});
  });
  const isClosed = new Promise((resolve) => sockets[0]?.once('close', resolve));
  await Promise.all(sockets.map((socket) => socket.connecting && once(socket, 'connect')));
  await isClosed;
  const answer = await fetch(`${api.control.url}/v1/clusters`);
  await answered(200, answer);
  for (const socket of sockets) socket.destroy();
});

// RFC 9112: 3.2 and 3.2.2 for hosts, 6.1 and 6.3 for lengths. Each of them another reader may take for another.
test.each([
  ['two Host headers', 'GET /v1/clusters', ['host: localhost', 'host: localhost'], 400],
  ['a second Host that is foreign', 'GET /v1/clusters', ['host: localhost', 'Host: evil.test'], 400],
  ['a whole URL as target', 'GET http://localhost/v1/clusters', ['host: localhost'], 200],
  ['a whole URL of another host', 'GET http://evil.test/v1/clusters', ['host: localhost'], 403],
  ['the same below /connect', 'GET http://evil.test/connect/connectors', ['host: localhost'], 403],
  ['and without a path', 'GET http://evil.test', ['host: localhost'], 403],
  [
    'a length beside chunks',
    'POST /v1/clusters',
    ['host: localhost', 'content-length: 5', 'transfer-encoding: chunked'],
    400,
  ],
  ['two lengths', 'POST /v1/clusters', ['host: localhost', 'content-length: 5', 'content-length: 6'], 400],
  ['a length that is none', 'POST /v1/clusters', ['host: localhost', 'content-length: +5'], 400],
  [
    'chunks that are not last',
    'POST /v1/clusters',
    ['host: localhost', 'transfer-encoding: chunked, x'],
    400,
  ],
] as const)('%s', async (_, line, headers, status) => {
  const answer = await asked(
    `${line} HTTP/1.1\r\n${headers.join('\r\n')}\r\nconnection: close\r\n\r\n${line.startsWith('POST') ? '0\r\n\r\n' : ''}`,
  );
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  if (status !== 200) expect(answer).toMatch(/x-amzn-errortype: \w+Exception/i);
});

test('a body is JSON whatever its content type says', async () => {
  for (const type of [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'application/x-amz-json-1.0',
    '',
    'json',
  ]) {
    const response = await fetch(`${api.control.url}/v1/clusters`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: '{}',
    });
    expect(await response.json()).toMatchObject({ invalidParameter: 'clusterName' });
  }
});

test('a byte order mark before the JSON of a body is no part of it', async () => {
  const asked = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const text = `\ufeff${JSON.stringify(body)}`;
    const response = await fetch(`${api.control.url}${path}`, { method: 'POST', body: text, headers });
    return response.json();
  };
  expect(await asked('/v1/clusters', {})).toMatchObject({ invalidParameter: 'clusterName' });
  expect(await asked('/', { Description: '' }, { 'x-amz-target': 'TrentService.CreateKey' })).toHaveProperty(
    'KeyMetadata.KeyId',
  );
});

test('requests that clients send seldom are read: in chunks, after 100 Continue, and several on one connection', async () => {
  const { hostname, port } = new URL(api.control.url);
  const body = JSON.stringify({ ...ORDERS_BODY, clusterName: 'chunked' });
  const chunks = (body.match(/.{1,7}/gs) ?? []).map(
    (chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`,
  );
  const head = 'HTTP/1.1\r\nhost: localhost\r\n';
  const socket = connect(Number(port), hostname);
  let answers = '';
  socket.on('data', (bytes) => {
    answers += bytes;
  });
  const statuses = () => answers.match(/HTTP\/1\.1 \d{3}/g) ?? [];
  socket.write(`POST /v1/clusters ${head}transfer-encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`);
  socket.write(`GET /v1/clusters ${head}\r\nGET /v1/nothing ${head}\r\n`);
  await eventually('three answers are there', () => statuses().length === 3);
  expect(statuses()).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
  const second = JSON.stringify({ ...ORDERS_BODY, clusterName: 'expected' });
  socket.write(`POST /v1/clusters ${head}content-length: ${second.length}\r\nexpect: 100-continue\r\n\r\n`);
  await eventually('the body is asked for', () => statuses().at(-1) === 'HTTP/1.1 100');
  socket.write(second);
  await eventually('the cluster is made', () => statuses().at(-1) === 'HTTP/1.1 200');
  socket.destroy();
  const names = api.control.store.clusters.all().map(({ name }) => name);
  expect(names).toEqual(['chunked', 'expected']);
});

test('a compressed body is refused by its Content-Encoding, not as what is no JSON', async () => {
  const response = await fetch(`${api.control.url}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify(ORDERS_BODY)),
  });
  expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'BadRequestException']);
  expect(await response.json()).toEqual({
    message: "The request's Content-Encoding is gzip: this API reads bodies that are not compressed.",
  });
});

test('a path that names no operation, a label that is no percent-encoding and a body that is no JSON are errors of AWS', async () => {
  const asked = async (method: string, path: string, body?: string) => {
    const response = await fetch(`${api.control.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    const answer: unknown = await response.json();
    expect(answer).toHaveProperty('message');
    return [response.status, response.headers.get('x-amzn-errortype')];
  };
  const bad = [400, 'BadRequestException'];
  const missing = [404, 'NotFoundException'];
  expect(await asked('GET', '/v1/nothing')).toEqual(missing);
  expect(await asked('PATCH', '/v1/clusters')).toEqual(missing);
  expect(await asked('GET', '/v1/clusters/%zz')).toEqual(bad);
  expect(await asked('GET', `/v1/clusters/${'a'.repeat(3000)}`)).toEqual(bad);
  for (const body of ['{', '[]', '7', '"x"', '', '{"clusterName":', '\0'])
    expect(await asked('POST', '/v1/clusters', body)).toEqual(bad);
  expect(await asked('POST', '/v1/clusters', `{"x":"${'y'.repeat(2 ** 20)}"}`)).toEqual(bad);
  expect(await asked('GET', '/v1/clusters?maxResults=1&maxResults=2')).toEqual(bad);
});

test.each([
  ['of a length that is said', `content-length: 8000000\r\n\r\n${' '.repeat(8_000_000)}`],
  ['in a chunk', `transfer-encoding: chunked\r\n\r\n7a1200\r\n${' '.repeat(8_000_000)}\r\n0\r\n\r\n`],
])(
  'who sends the whole of too large a body, %s, before they read is told why it is refused',
  async (_, rest) => {
    const { hostname, port } = new URL(api.control.url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    await new Promise<void>((done, failed) => {
      socket.once('error', failed);
      socket.write(`POST /v1/configurations HTTP/1.1\r\nhost: localhost\r\n${rest}`, () => done());
    });
    const answer = Buffer.concat(await socket.toArray()).toString();
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('{"message":"The body of a request has at most 1048576 bytes."}');
  },
);

test('of a body that does not end only so much is read', async () => {
  const sent = request(`${api.control.url}/v1/configurations`, { method: 'POST' });
  const piece = Buffer.alloc(65_536, ' ');
  let written = 0;
  const ended = new Promise((done) => sent.once('error', done).once('response', done));
  const write = (): void => {
    while (!sent.destroyed && sent.write(piece)) written += piece.length;
  };
  sent.on('drain', write);
  write();
  await ended;
  sent.destroy();
  expect(written).toBeLessThan(100_000_000);
});

test('a path with the slashes of an ARN in it is told to be percent-encoded', async () => {
  const arn = 'arn:aws:kafka:us-east-1:000000000000:cluster/orders/8a1b6c2e-5d0f-4f53-9a3e-0c4b7e1d2f36-1';
  const said = async (path: string) => (await fetch(`${api.control.url}${path}`)).text();
  expect(await said(`/v1/clusters/${arn}`)).toContain('An ARN in a path is percent-encoded, with %2F for');
  expect(await said(`/v1/clusters/${encodeURIComponent(arn)}`)).toContain('The cluster arn:aws');
  expect(await said('/v1/nothing/x?arn:x/')).not.toContain('percent-encoded');
});

test('of connections that say nothing only so many stay open, and the API answers when they are gone', async () => {
  const { hostname, port } = new URL(api.control.url);
  let closed = 0;
  const sockets = Array.from({ length: 520 }, () => {
    const socket = connect({ host: hostname, port: Number(port) });
    return socket
      .on('error', () => undefined)
      .once('close', () => closed++)
      .resume();
  });
  await eventually('those beyond the limit are closed', () => closed >= 20);
  for (const socket of sockets) socket.destroy();
  await eventually('it answers', async () =>
    fetch(`${api.control.url}/health/live`).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
});

describe('a web page does not reach the API', () => {
  function get(headers: Record<string, string>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const sent = request(`${api.control.url}/v1/clusters`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });
  }

  test.each([
    [{ host: 'evil.example' }, 403],
    [{ host: 'evil.example:7070' }, 403],
    [{ host: 'localhost.evil.example' }, 403],
    [{ host: 'localhost' }, 200],
    [{ host: '127.0.0.1:1' }, 200],
    [{ host: '[::1]:7070' }, 200],
    [{ host: 'localhost:7070', origin: 'http://localhost:3000' }, 403],
    [{ host: 'localhost:7070', origin: 'null' }, 403],
    [{ host: 'localhost:7070', origin: 'https://evil.example' }, 403],
    [{ host: 'localhost:7070', origin: 'http://localhost:7070' }, 200],
  ])('%j: %i', async (headers, status) => {
    expect(await get(headers)).toBe(status);
  });
});
