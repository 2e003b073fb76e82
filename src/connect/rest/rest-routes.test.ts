import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import type { ConnectControl } from '../api/connect-operation.ts';
import { builtInPlugin } from '../plugins/built-in-plugin.ts';
import type { Connector } from '../state/connector.ts';
import { BuiltInConnector } from '../worker/built-in-connector.ts';
import type { WorkerHttp } from '../worker/worker-http.ts';
import { addRestRoutes } from './rest-routes.ts';

const OFFSETS = '{"offsets":[{"partition":{"shard":1},"offset":{"lsn":9223372036854775807}}]}';

/** The routes before a connector that is built in, stopped, and has a worker that answers what it is sent. */
function server() {
  const place = { region: 'us-east-1', account: '000000000000' };
  const { arn } = builtInPlugin(place);
  const connector = { name: 'c', arn: 'arn', state: 'PAUSED', plugin: { arn, revision: 1 } } as Connector;
  const http = { pass: async (_method: string, _path: string, body: unknown) => ({ status: 200, body }) };
  const worker = { number: 1, address: 'here:1', http: http as unknown as WorkerHttp };
  const control = {
    store: { state: { connectors: { all: () => [connector] } } },
    values: { without: (_uuid: string, text: string) => text },
    worker: () => new BuiltInConnector(() => [worker]),
  } as unknown as ConnectControl;
  const routes = fastify();
  routes.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  addRestRoutes(routes, control);
  return routes;
}

async function patched(payload: string) {
  const headers = { 'content-type': 'application/json' };
  const url = '/connect/connectors/c/offsets';
  return server().inject({ method: 'PATCH', url, headers, payload });
}

test('whole numbers of offsets keep every digit in a request and in its answer', async () => {
  const { statusCode, body, headers } = await patched(OFFSETS);
  expect(statusCode).toBe(200);
  expect(body).toBe(OFFSETS);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
});

test('a body that is no JSON is refused as that', async () => {
  const { statusCode, body } = await patched('{"offsets":9223372036854775807');
  expect(statusCode).toBe(400);
  expect(JSON.parse(body).message).toMatch(/^The request body is no JSON: Expected/);
});
