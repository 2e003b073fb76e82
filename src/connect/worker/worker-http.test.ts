import { afterEach, expect, test, vi } from 'vitest';
import { WorkerHttp } from './worker-http.ts';

const http = new WorkerHttp(1, 'nobody');

function answers(text: string, status: number): void {
  vi.stubGlobal('fetch', async () => new Response(text, { status }));
}

afterEach(() => {
  vi.unstubAllGlobals();
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
  answers('{"name":', 200);
  await expect(http.send('GET', '/')).rejects.toMatchObject({ status: null, retriable: true });
  await expect(http.pass('GET', '/')).rejects.toMatchObject({ status: null });
});

test('whole numbers of offsets keep every digit on their way to a worker and back', async () => {
  const text = '{"offsets":[{"partition":{"shard":1},"offset":{"lsn":9223372036854775807}}]}';
  const sent: unknown[] = [];
  vi.stubGlobal('fetch', async (_: string, { body }: RequestInit) => {
    sent.push(body);
    return new Response(text, { status: 200 });
  });
  const { body } = await http.pass('GET', '/offsets');
  await http.pass('PATCH', '/offsets', body);
  expect(sent).toEqual([undefined, text]);
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
