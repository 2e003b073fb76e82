import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConnectRest } from './connect-rest.ts';
import { WorkerHttp } from './worker-http.ts';

const VALIDATION = 'PUT /connector-plugins/com.acme.Sink/config/validate';
/** What the worker answers to each request; what it has no answer to it answers by its end. */
let answers: Readonly<Record<string, readonly [status: number, body: string]>>;
const server = createServer((request, response) => {
  const answer = answers[`${request.method} ${request.url}`];
  if (answer) response.writeHead(answer[0]).end(answer[1]);
  else response.destroy();
});
let http: WorkerHttp;

beforeEach(async () => {
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

function validated() {
  return new ConnectRest(http).validate('orders', { 'connector.class': 'com.acme.Sink' });
}

test('an exception of the connector is what is wrong with its configuration', async () => {
  answers = {
    [VALIDATION]: [500, '{"error_code":500,"message":"Failed to find any class that implements Connector"}'],
    'GET /connectors': [200, '[]'],
  };
  expect(await validated()).toEqual({
    errors: ['Failed to find any class that implements Connector'],
    types: new Map(),
  });
});

test('an exception without a message is told as one', async () => {
  answers = {
    [VALIDATION]: [500, '{"error_code":500,"message":null}'],
    'GET /connectors': [200, '[]'],
  };
  expect((await validated()).errors).toEqual([
    'the worker answered 500 without a reason: its log has the exception',
  ]);
});

// Jetty answers 500 with nothing where it ends while a connector still looks for its server; a herder that
// ends answers what it has not done with its own exceptions.
test.each([
  ['nothing', ''],
  ['an exception', '{"error_code":500,"message":"Worker is shutting down"}'],
])('a worker that answers %s because it ends says nothing of the connector', async (_, body) => {
  answers = { [VALIDATION]: [500, body] };
  await expect(validated()).rejects.toMatchObject({ retriable: true });
});
