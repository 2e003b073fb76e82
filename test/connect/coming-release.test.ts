import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import {
  CreateConnectorCommand,
  CreateCustomPluginCommand,
  DescribeConnectorCommand,
  DescribeCustomPluginCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tgz } from '../../src/connect/release/testing/tar-bytes.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/millrace.ts';
import { connector, S3 } from './acme.ts';
import { ConnectHarness, connectFolder, fillBucket } from './connect-harness.ts';

describe('while Kafka Connect is being fetched', () => {
  const release = (version: string) =>
    tgz([
      { name: `kafka/libs/connect-runtime-${version}.jar` },
      { name: `kafka/libs/connect-basic-auth-extension-${version}.jar` },
    ]);
  const archives = new Map([
    ['/kafka_2.13-3.7.2.tgz', release('3.7.2')],
    ['/kafka_2.13-4.3.1.tgz', release('4.3.1')],
  ]);
  let folder: string;
  let origin: string;
  let server: Server;
  /** Answers wait here until a test lets them go. */
  let waiting: (() => void)[] = [];

  beforeAll(async () => {
    folder = connectFolder();
    fillBucket(folder);
    server = createServer((request, response) => {
      waiting.push(() => response.end(archives.get(request.url ?? '')));
    });
    const port = await freePort();
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    origin = `http://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(path: string): Promise<ConnectHarness> {
    const sha512 = createHash('sha512')
      .update(archives.get(path) ?? '')
      .digest('hex');
    return ConnectHarness.startIn(folder, {
      kafkaConnect: { kind: 'archive', location: `${origin}${path}`, sha512 },
    });
  }

  test('plugins and connectors wait for it, and say so', async () => {
    const first = await started('/kafka_2.13-3.7.2.tgz');
    const { customPluginArn = '', customPluginState } = await first.aws.send(
      new CreateCustomPluginCommand({ name: 'waiting', contentType: 'JAR', location: S3 }),
    );
    expect(customPluginState).toBe('CREATING');
    const describePlugin = () => first.aws.send(new DescribeCustomPluginCommand({ customPluginArn }));
    const stateDescription = {
      code: 'INSTALLING_KAFKA_CONNECT',
      message: expect.stringMatching(/^Kafka Connect is .*fetched/),
    };
    expect(await describePlugin()).toMatchObject({ customPluginState, stateDescription });
    await eventually('the archive is asked for', () => waiting.length > 0);
    for (const go of waiting) go();
    waiting = [];
    await eventually('it is loaded', async () => (await describePlugin()).customPluginState === 'ACTIVE');
    await first.stop();

    // Another release, which is fetched while the plugin exists.
    const second = await started('/kafka_2.13-4.3.1.tgz');
    const wish = { ...connector('waits', customPluginArn), kafkaConnectVersion: '4.3.1' };
    const { connectorArn } = await second.aws.send(new CreateConnectorCommand(wish));
    const describeIt = () => second.aws.send(new DescribeConnectorCommand({ connectorArn }));
    expect(await describeIt()).toMatchObject({ connectorState: 'CREATING', stateDescription });
    await eventually('the archive is asked for', () => waiting.length > 0);
    for (const go of waiting) go();
    await eventually('it is there', async () => (await describeIt()).stateDescription === undefined);
    await second.stop();
  });
});
