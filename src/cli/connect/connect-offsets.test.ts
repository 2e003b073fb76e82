import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { run } from '../run.ts';
import { connectOffsets } from './connect-offsets.ts';

const OFFSETS = '{"offsets":[{"partition":{"shard":1},"offset":{"lsn":9223372036854775807}}]}';
const CONNECTOR = JSON.stringify({ connectorName: 'c', connectorArn: 'arn', connectorState: 'PAUSED' });

test('offsets that are printed and set again keep every digit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-offsets-'));
  const set: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    if (request.method === 'PATCH') set.push(body);
    if (request.url?.includes('/offsets')) response.end(OFFSETS);
    else response.end(request.url === '/v1/connectors' ? `{"connectors":[${CONNECTOR}]}` : CONNECTOR);
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const printed: string[] = [];
  const offsets = (...words: readonly string[]) =>
    run(
      { version: '1', commands: [{ ...connectOffsets, load: async () => connectOffsets }] },
      ['connect', 'offsets', 'c', '--json', '--api', `http://127.0.0.1:${port}`, ...words],
      { line: (text) => void printed.push(text), complain: expect.unreachable, onUnheard() {} },
    );
  expect(await offsets()).toBe(0);
  expect(printed).toEqual([OFFSETS]);
  const file = join(folder, 'offsets.json');
  writeFileSync(file, printed.join());
  expect(await offsets('--to', file, '--yes')).toBe(0);
  expect(set).toEqual([OFFSETS]);
  server.close();
  rmSync(folder, { recursive: true });
});
