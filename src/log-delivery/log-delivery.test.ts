import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../test/support/free-port.ts';
import { TEST_CREDENTIALS, TEST_REGION } from '../aws/s3/testing/s3-server.ts';
import { silent } from '../base/log.ts';
import { nodeWorld } from '../platform/node-world.ts';
import { LogDelivery } from './log-delivery.ts';

test('whoever waits for the last delivery waits for one answer of S3 that does not come, not for one of each log', async () => {
  const data = mkdtempSync(join(tmpdir(), 'millrace-last-delivery-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  vi.stubEnv('AWS_ACCESS_KEY_ID', TEST_CREDENTIALS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', TEST_CREDENTIALS.secretAccessKey);
  onTestFinished(() => void vi.unstubAllEnvs());
  let asked = 0;
  const mute = createServer((socket) => {
    asked++;
    socket.destroy();
  });
  const port = await freePort();
  await new Promise<void>((listening) => mute.listen(port, '127.0.0.1', listening));
  onTestFinished(() => void mute.close());
  const logs = [1, 2, 3].map((worker) => {
    const folder = join(data, `worker-${worker}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'worker.log'), 'a line\n');
    const bucket = { bucket: 'logs', folder: 'all', source: `Worker-${worker}` };
    return { owner: 'orders', file: join(folder, 'worker.log'), folder, targets: { bucket } };
  });
  const delivery = new LogDelivery(
    nodeWorld(silent),
    { dataDirectory: data, region: TEST_REGION, s3Endpoint: `http://127.0.0.1:${port}` },
    () => [],
  );
  expect(await delivery.deliver(logs)).toBe(false);
  expect(asked).toBe(1);
  await delivery.stop();
});
