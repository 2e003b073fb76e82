import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { LogDelivery } from '../../log-delivery/log-delivery.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import type { Connector } from '../state/connector.ts';
import { connectorLogs } from './connector-logs.ts';

const PLACE = { account: '000000000000', region: 'us-east-1' };
const UUID = '0f6e2d3c-1111-4222-8333-444455556666';

function connector(workerLogDelivery: object): Connector {
  const arn = `arn:aws:kafkaconnect:us-east-1:000000000000:connector/orders/${UUID}-1`;
  return { name: 'orders', uuid: UUID, arn, logDelivery: { workerLogDelivery } } as unknown as Connector;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

test('the logs of all workers arrive in a log group and a bucket, in the names of MSK Connect and without secrets', async () => {
  const data = mkdtempSync(join(tmpdir(), 'millrace-connector-logs-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const folder = join(data, 'connect/connectors', UUID);
  const say = (worker: number, text: string) =>
    appendFileSync(join(folder, `worker-${worker}/worker.log`), text);
  for (const worker of [1, 2]) mkdirSync(join(folder, `worker-${worker}`), { recursive: true });
  writeFileSync(join(folder, 'password'), 'of the workers');
  say(1, '[2026-11-29 06:00:00,000] ERROR cannot sign in with staple (Login:7)\n\tat Login\n');
  say(2, '[2026-11-29 06:00:00,000] INFO half');
  const logs = () =>
    connectorLogs(
      connector({
        cloudWatchLogs: { enabled: true, logGroup: '/msk/connect' },
        s3: { enabled: true, bucket: 'logs', prefix: 'connect' },
      }),
      PLACE,
      folder,
      (text) => text.replaceAll('staple', '[hidden]'),
    );
  const delivery = new LogDelivery(nodeWorld(silent), { dataDirectory: data, region: 'us-east-1' }, logs, {
    ...{ logGroup: 600_000, bucket: 600_000 },
  });
  await delivery.deliver(logs());
  say(2, ' a line\n');
  await delivery.deliver(logs());
  await delivery.stop();

  const group = join(data, 'log-groups/msk/connect');
  const [first = '', second = ''] = [1, 2].map(
    (worker) => logs().find(({ file }) => file.includes(`worker-${worker}`))?.targets.bucket?.source,
  );
  const stream = (worker: string) => `orders-${UUID}-1_${worker}.log`;
  expect(filesBelow(group)).toEqual([first, second].map(stream).sort());
  expect(first).toMatch(/^Worker-[0-9a-f]{17}$/);
  expect(readFileSync(join(group, stream(first)), 'utf8')).toBe(
    `[${first}] [2026-11-29 06:00:00,000] ERROR cannot sign in with [hidden] (Login:7)\n[${first}] \tat Login\n`,
  );
  expect(readFileSync(join(group, stream(second)), 'utf8')).toBe(
    `[${second}] [2026-11-29 06:00:00,000] INFO half a line\n`,
  );

  const bucket = join(data, 'buckets/logs');
  const objects = filesBelow(bucket);
  expect(objects).toHaveLength(2);
  const key = `connect/AWSLogs/000000000000/KafkaConnectLogs/us-east-1/${UUID}-1`;
  for (const object of objects)
    expect(object).toMatch(
      new RegExp(`^${key}/[\\d-]{13}/(${first}|${second})_\\d\\d-\\d\\d_[0-9a-f]{8}\\.log\\.gz$`),
    );
  const texts = objects.map((object) => gunzipSync(readFileSync(join(bucket, object))).toString());
  expect(texts.join('')).not.toContain('staple');
  expect(texts.some((text) => text.endsWith('INFO half a line\n'))).toBe(true);
});

test('a line begins with its worker once, whatever is in it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-connector-logs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'worker-1'));
  const targets = { cloudWatchLogs: { enabled: true, logGroup: 'g' } };
  const [log] = connectorLogs(connector(targets), PLACE, folder, (text) => text);
  const told = log?.told?.(Buffer.from('10 %\r20 %\u2028and\n\n$1\n')).toString() ?? '';
  expect(told.replaceAll(/\[Worker-[0-9a-f]{17}\]/g, 'W')).toBe('W 10 %\r20 %\u2028and\n\nW $1\n');
});

test('targets that are not enabled get nothing', () => {
  const disabled = {
    cloudWatchLogs: { enabled: false, logGroup: 'g' },
    s3: { enabled: false, bucket: 'logs' },
  };
  expect(connectorLogs(connector(disabled), PLACE, tmpdir(), (text) => text)).toEqual([]);
});
