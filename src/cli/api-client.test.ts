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

test('a Millrace that ends before it answers is not told as none', async () => {
  const server = createServer((request) => request.socket.destroy());
  onTestFinished(() => void server.close());
  const port = await freePort();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const api = new ApiClient(`http://127.0.0.1:${port}`);
  await expect(api.send('POST', ['v1', 'clusters'], { clusterName: 'orders' })).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(/ended the connection before it answered\. .* may still be done/),
  });
});

test('a Millrace that is there and does not answer in time is not told as none', async () => {
  const server = createServer(() => undefined);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = await freePort();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const api = new ApiClient(`http://127.0.0.1:${port}`, 50);
  await expect(api.send('GET', ['v1', 'custom-plugins'])).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(/did not answer within 0.05 s\. .* may still be done/),
  });
});
