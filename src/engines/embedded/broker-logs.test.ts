import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { S3TestServer, TEST_CREDENTIALS, TEST_REGION } from '../../aws/s3/testing/s3-server.ts';
import { silent } from '../../base/log.ts';
import { withDefaults } from '../../control/api/provisioned.ts';
import { isApiError } from '../../control/aws/api-error.ts';
import type { Control } from '../../control/control.ts';
import { Clusters } from '../../control/state/clusters.ts';
import { createCluster } from '../../control/state/create-cluster.ts';
import { LogDelivery } from '../../log-delivery/log-delivery.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { limitLog } from '../../processes/log-limit.ts';
import { brokerLogs } from './broker-logs.ts';

const NAMES = { name: 'orders', uuid: 'abc', clusterId: 'id', region: 'us-east-1' };
const GROUP = 'log-groups/msk/orders/orders-abc-1_Broker-1.log';
const BUCKET = 'buckets/logs/kafka/AWSLogs/000000000000/KafkaBrokerLogs/us-east-1/orders-abc-1';

class Delivered {
  readonly data = mkdtempSync(join(tmpdir(), 'millrace-log-delivery-'));
  readonly log = join(this.data, 'clusters/orders-abc/broker-1/process.log');
  readonly #clusters = new Clusters();

  constructor() {
    onTestFinished(() => rmSync(this.data, { recursive: true, force: true }));
    mkdirSync(join(this.log, '..'), { recursive: true });
    const created = createCluster(this.#clusters, {
      ...NAMES,
      arn: 'arn:aws:kafka:us-east-1:000000000000:cluster/orders/abc-1',
      now: 0,
      spec: withDefaults({
        kafkaVersion: '3.9.x.kraft',
        numberOfBrokerNodes: 1,
        brokerNodeGroupInfo: { instanceType: 'kafka.m5.large', clientSubnets: ['a'] },
        loggingInfo: {
          brokerLogs: {
            cloudWatchLogs: { enabled: true, logGroup: '/msk/orders' },
            s3: { enabled: true, bucket: 'logs', prefix: 'kafka' },
          },
        },
      }),
      tags: {},
      brokerConfig: {},
      busy: new Set<number>(),
    });
    if (isApiError(created.answer)) throw new Error(created.answer.message);
    for (const record of created.records) this.#clusters.replay(record);
  }

  /** A life of the control plane that looks once at its beginning and once at its end. */
  async life(meanwhile: () => void = () => {}, s3Endpoint?: string): Promise<void> {
    const place = { dataDirectory: this.data, account: '000000000000', region: 'us-east-1' };
    const control = {
      store: { clusters: this.#clusters },
      options: { ...place, ...(s3Endpoint === undefined ? {} : { s3Endpoint }) },
    } as unknown as Pick<Control, 'store' | 'options'>;
    const delivery = new LogDelivery(nodeWorld(silent), control.options, () => brokerLogs(control), {
      ...{ logGroup: 60_000, bucket: 60_000 },
    });
    await delivery.start();
    meanwhile();
    await delivery.stop();
  }

  get group(): string {
    return readFileSync(join(this.data, GROUP), 'utf8');
  }

  get objects(): string[] {
    const folder = join(this.data, BUCKET);
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'));
  }

  get bucket(): string {
    return this.objects
      .map((name) => gunzipSync(readFileSync(join(this.data, BUCKET, name))).toString())
      .sort()
      .join('');
  }
}

test('whole lines arrive once in a log group and in a bucket, also over lives of the control plane', async () => {
  const delivered = new Delivered();
  writeFileSync(delivered.log, '1 first\n2 sec');
  await delivered.life();
  expect(delivered.group).toBe('1 first\n');
  await delivered.life(() => appendFileSync(delivered.log, 'ond\n'));
  await delivered.life();
  expect(delivered.group).toBe('1 first\n2 second\n');
  expect(delivered.bucket).toBe('1 first\n2 second\n');
});

test('objects have the keys that MSK gives them', async () => {
  const delivered = new Delivered();
  writeFileSync(delivered.log, 'a line\n');
  await delivered.life();
  expect(delivered.objects).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\d-\d\d\/Broker-1_\d\d-\d\d_[0-9a-f]{8}\.log\.gz$/),
  ]);
});

test('a log that is put aside and begun again loses no line', async () => {
  const delivered = new Delivered();
  // Longer than what is read at once, and than a log may be.
  const lines = Array.from({ length: 17 * 1024 }, (_, index) => `${index} ${'x'.repeat(1024)}`);
  writeFileSync(delivered.log, `${lines[0]}\n`);
  await delivered.life(() => {
    appendFileSync(delivered.log, `${lines.slice(1, -1).join('\n')}\n`);
    limitLog(delivered.log);
    appendFileSync(delivered.log, `${lines.at(-1)}\n`);
  });
  for (let lives = 0; lives < 6; lives++) await delivered.life();
  const arrived = delivered.bucket.trimEnd().split('\n');
  expect(arrived.map((line) => Number.parseInt(line, 10)).sort((one, other) => one - other)).toEqual(
    lines.map((_, index) => index),
  );
  // Of a log group two files are kept.
  expect(delivered.group.endsWith(`${lines.at(-1)}\n`)).toBe(true);
});

test('with an endpoint of S3 the objects are there, and what it did not take comes later', async () => {
  const keys = {
    AWS_ACCESS_KEY_ID: TEST_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIALS.secretAccessKey,
    AWS_REGION: TEST_REGION,
  };
  for (const [name, value] of Object.entries(keys)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const server = new S3TestServer();
  onTestFinished(() => server.close());
  const endpoint = await server.listen(await freePort());
  const delivered = new Delivered();
  writeFileSync(delivered.log, '1 first\n');
  // There is no such bucket yet.
  await delivered.life(undefined, endpoint);
  server.createBucket('logs');
  await delivered.life(() => appendFileSync(delivered.log, '2 second\n'), endpoint);
  const arrived = server.keys('logs');
  expect(
    arrived
      .map((key) => gunzipSync(server.object('logs', key).body).toString())
      .sort()
      .join(''),
  ).toBe('1 first\n2 second\n');
  for (const key of arrived)
    expect(key).toMatch(
      /^kafka\/AWSLogs\/000000000000\/KafkaBrokerLogs\/us-east-1\/orders-abc-1\/\d{4}-\d\d-\d\d-\d\d\/Broker-1_\d\d-\d\d_[0-9a-f]{8}\.log\.gz$/,
    );
  // The log group, which is beside S3, has each line once.
  expect(delivered.group).toBe('1 first\n2 second\n');
  await server.close();
  await delivered.life(() => appendFileSync(delivered.log, '3 third\n'), endpoint);
  expect(delivered.group).toBe('1 first\n2 second\n3 third\n');
});

test('a target that takes nothing holds up neither the others nor the control plane, and gets it later', async () => {
  const delivered = new Delivered();
  writeFileSync(delivered.log, '1 first\n');
  writeFileSync(join(delivered.data, 'log-groups'), 'a file where a folder should be');
  await delivered.life();
  expect(delivered.bucket).toBe('1 first\n');
  rmSync(join(delivered.data, 'log-groups'));
  await delivered.life();
  expect(delivered.group).toBe('1 first\n');
  truncateSync(join(delivered.log, '../log-delivery.json'));
  await delivered.life();
  expect(delivered.group).toBe('1 first\n1 first\n');
});
