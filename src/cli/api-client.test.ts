import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { ApiClient } from './api-client.ts';

test('an answer that is no list is told as that of another server, not as an empty list', async () => {
  const server = createServer((_, response) => response.end('{"hello":"world"}'));
  onTestFinished(() => void server.close());
  const port = await freePort();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const api = new ApiClient(`http://127.0.0.1:${port}`);
  await expect(api.list(['connect', 'connector-plugins'])).rejects.toThrow(
    /does not answer as Millrace does/,
  );
});
