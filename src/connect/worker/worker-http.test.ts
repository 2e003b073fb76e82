import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { WorkerHttp } from './worker-http.ts';

const sent: { readonly request: IncomingMessage; readonly body: string }[] = [];
let answer: (response: ServerResponse) => void;
const server = createServer(async (request, response) => {
  sent.push({ request, body: await text(request) });
  answer(response);
});
let http: WorkerHttp;

function answers(said: string, status: number): void {
  answer = (response) => response.writeHead(status).end(said);
}

beforeEach(async () => {
  sent.length = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  http = new WorkerHttp(port, 'Basic known', { pid: process.pid, user: process.getuid?.() ?? 0 });
});
afterEach(async () => {
  http.close();
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

test('a worker is told who asks, and what', async () => {
  answers('{"version":"4.3.1"}', 200);
  expect(await http.send('PATCH', '/connectors/a%20b/config?x=1', { 'tasks.max': '2' })).toEqual({
    version: '4.3.1',
  });
  await http.send('PUT', '/connectors/a/pause');
  const [patch, put] = sent.map(({ request, body }) => ({ request, body }));
  expect([patch?.request.method, patch?.request.url]).toEqual(['PATCH', '/connectors/a%20b/config?x=1']);
  expect(patch?.request.headers).toMatchObject({
    ...{ authorization: 'Basic known', 'content-type': 'application/json' },
    'content-length': '17',
  });
  expect(JSON.parse(patch?.body ?? '')).toEqual({ 'tasks.max': '2' });
  expect([put?.request.headers['content-type'], put?.body]).toEqual([undefined, '']);
  // One connection serves both.
  expect(put?.request.socket).toBe(patch?.request.socket);
});

test('connections that nothing is awaited on are closed with it', async () => {
  answers('{}', 200);
  await http.send('GET', '/');
  const [first] = sent;
  const closed = once(first?.request.socket ?? server, 'close');
  http.close();
  await closed;
});

test('a worker that is not there is told as a failed connection', async () => {
  const { port } = server.address() as AddressInfo;
  http = new WorkerHttp(port, 'Basic known', { pid: process.pid, user: 0 });
  server.close();
  await once(server, 'close');
  await expect(http.send('GET', '/')).rejects.toMatchObject({
    message: `connect ECONNREFUSED 127.0.0.1:${port}`,
    retriable: true,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

test('a worker that ends a connection as soon as it is there is told as one that did', async () => {
  const ending = createNetServer({ allowHalfOpen: true }, (socket) => void socket.end());
  ending.listen(0, '127.0.0.1');
  await once(ending, 'listening');
  onTestFinished(() => void ending.close());
  const { port } = ending.address() as AddressInfo;
  http = new WorkerHttp(port, 'Basic known', { pid: process.pid, user: process.getuid?.() ?? 0 });
  // Its end comes while it is looked at, or to the request that was given it; else it is waited for in vain.
  await expect(http.send('GET', '/')).rejects.toMatchObject({
    message: expect.stringMatching(/ended a connection at once|socket hang up|ECONNRESET/),
    retriable: true,
  });
});

test('an error of Connect is told with its status, by what sends and what passes', async () => {
  answers('{"error_code":400,"message":"no such class"}', 400);
  await expect(http.send('PUT', '/')).rejects.toMatchObject({ message: 'no such class', retriable: false });
  expect(await http.pass('PUT', '/')).toEqual({
    status: 400,
    body: { error_code: 400, message: 'no such class' },
  });
});

test('an error that is no JSON is of a server that may still start', async () => {
  answers('<html>starting</html>', 500);
  await expect(http.send('GET', '/')).rejects.toMatchObject({ status: null, retriable: true });
  expect(await http.pass('GET', '/')).toEqual({ status: 500, body: '<html>starting</html>' });
});

test('an answer that ends too early is none', async () => {
  answer = (response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('{"name":', () => response.destroy());
  };
  await expect(http.send('GET', '/')).rejects.toMatchObject({ status: null, retriable: true });
  await expect(http.pass('GET', '/')).rejects.toMatchObject({ status: null });
});

test('whole numbers of offsets keep every digit on their way to a worker and back', async () => {
  const offsets = '{"offsets":[{"partition":{"shard":1},"offset":{"lsn":9223372036854775807}}]}';
  answers(offsets, 200);
  const { body } = await http.pass('GET', '/offsets');
  await http.pass('PATCH', '/offsets', body);
  expect(sent.map((one) => one.body)).toEqual(['', offsets]);
});

test('a connector has the time that Kafka Connect gives it to look at a configuration', async () => {
  const limits: number[] = [];
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    limits.push(ms);
    return new AbortController().signal;
  });
  answers('{}', 200);
  await http.send('PUT', '/connector-plugins/Any/config/validate', {});
  await http.send('PUT', '/connectors/any/config', {});
  await http.send('GET', '/connectors/any/config');
  vi.restoreAllMocks();
  // DEFAULT_REST_REQUEST_TIMEOUT_MS of Kafka Connect is 90 s.
  expect(limits.map((ms) => ms > 90_000)).toEqual([true, true, false]);
});
