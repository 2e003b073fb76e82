import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import {
  CreateConnectorCommand,
  type CreateConnectorCommandInput,
  CreateCustomPluginCommand,
  CreateWorkerConfigurationCommand,
  DeleteConnectorCommand,
  DeleteCustomPluginCommand,
  DeleteWorkerConfigurationCommand,
  DescribeConnectorCommand,
  DescribeCustomPluginCommand,
  DescribeWorkerConfigurationCommand,
  KafkaConnectClient,
  ListConnectorsCommand,
  ListCustomPluginsCommand,
  ListTagsForResourceCommand,
  ListWorkerConfigurationsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateConnectorCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { S3TestServer, TEST_CREDENTIALS, TEST_REGION } from '../../src/aws/s3/testing/s3-server.ts';
import { silent } from '../../src/base/log.ts';
import { ConnectService } from '../../src/connect/connect-service.ts';
import { classBytes } from '../../src/connect/plugins/testing/class-bytes.ts';
import { zipBytes } from '../../src/connect/plugins/zip-bytes.ts';
import { tgz } from '../../src/connect/release/testing/tar-bytes.ts';
import { ControlPlane } from '../../src/control/control-plane.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { FakeEngine } from '../aws/fake-engine.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/millrace.ts';

/** The API with a fake Java for workers: it starts, prints nothing, and is stopped. */

const SINK = 'org.apache.kafka.connect.sink.SinkConnector';
const JAR = zipBytes([
  { name: `META-INF/services/${SINK}`, bytes: 'com.acme.AcmeSink\n' },
  { name: 'com/acme/AcmeSink.class', bytes: classBytes({ name: 'com.acme.AcmeSink', superclass: SINK }) },
]);
const S3 = { s3Location: { bucketArn: 'arn:aws:s3:::plugins', fileKey: 'acme/sink-1.0.jar' } };
const PROPERTIES = 'key.converter=a.B\nvalue.converter=a.B\n';

let data: string;
let control: ControlPlane;
let aws: KafkaConnectClient;
const environment = process.env.JAVA_HOME;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'millrace-connect-'));
  mkdirSync(join(data, 'buckets/plugins/acme'), { recursive: true });
  writeFileSync(join(data, 'buckets/plugins', S3.s3Location.fileKey), JAR);
  writeFileSync(join(data, 'secret.jar'), JAR);
  const kafkaHome = join(data, 'kafka');
  mkdirSync(join(kafkaHome, 'libs'), { recursive: true });
  for (const jar of ['connect-runtime-3.7.2.jar', 'connect-basic-auth-extension-3.7.2.jar'])
    writeFileSync(join(kafkaHome, 'libs', jar), '');
  mkdirSync(join(data, 'java/bin'), { recursive: true });
  writeFileSync(
    join(data, 'java/bin/java'),
    // Answers as a release of Kafka Connect that cannot load plugins in advance.
    `#!/bin/sh
[ "$1" = -version ] && { echo 'openjdk version "17.0.1"' >&2; exit; }
for argument; do [ "$before" = millrace.PluginCheck ] && { echo "$argument{\\"unknown\\":true}"; exit; }; before=$argument; done
while :; do sleep 0.1; done
`,
  );
  chmodSync(join(data, 'java/bin/java'), 0o700);
  process.env.JAVA_HOME = join(data, 'java');
  const options = {
    ...{ dataDirectory: data, kafkaHome, region: 'us-east-1', account: '000000000000', hungAfterMs: 30_000 },
    ...{ host: '127.0.0.1', port: await freePort() },
    advertised: [{ host: '127.0.0.1', name: '127.0.0.1' }] as const,
  };
  const world = nodeWorld(silent);
  control = await ControlPlane.start(world, options, new FakeEngine(), undefined, (plane) => [
    new ConnectService({ world, options, control: plane, builtInWorker: ['node'] }),
  ]);
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  aws = new KafkaConnectClient({ endpoint: control.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  if (environment === undefined) delete process.env.JAVA_HOME;
  else process.env.JAVA_HOME = environment;
  aws.destroy();
  await control.stop();
  rmSync(data, { recursive: true, force: true });
});

async function plugin(name: string): Promise<string> {
  const { customPluginArn = '' } = await aws.send(
    new CreateCustomPluginCommand({ name, contentType: 'JAR', location: S3 }),
  );
  return customPluginArn;
}

/** A worker that validated this would show the password of its sign-in. */
const REFERENCE = JSON.stringify({ topics: ['$', '{millrace:/proc/self/fd/3:sign-in.1.jaas}'].join('') });

const base64 = (text: string) => Buffer.from(text).toString('base64');

function connector(name: string, customPluginArn: string): CreateConnectorCommandInput {
  return {
    connectorName: name,
    connectorDescription: 'to somewhere',
    capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 1 } },
    connectorConfiguration: { 'connector.class': 'com.acme.AcmeSink', topics: 'orders' },
    kafkaCluster: {
      apacheKafkaCluster: {
        bootstrapServers: '127.0.0.1:1',
        vpc: { subnets: ['subnet-b', 'subnet-a'], securityGroups: ['sg-1'] },
      },
    },
    kafkaClusterClientAuthentication: { authenticationType: 'NONE' },
    kafkaClusterEncryptionInTransit: { encryptionType: 'PLAINTEXT' },
    kafkaConnectVersion: '3.7.x',
    logDelivery: { workerLogDelivery: { cloudWatchLogs: { enabled: false } } },
    plugins: [{ customPlugin: { customPluginArn, revision: 1 } }],
    serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/connect',
    tags: { team: 'billing' },
  };
}

async function isGone(describe: () => Promise<unknown>): Promise<boolean> {
  try {
    await describe();
    return false;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return true;
    throw error;
  }
}

describe('custom plugins', () => {
  test('are described as they came, with the classes that were found', async () => {
    const customPluginArn = await plugin('described');
    expect(customPluginArn).toMatch(
      /^arn:aws:kafkaconnect:us-east-1:000000000000:custom-plugin\/described\/[0-9a-f-]+-1$/,
    );
    expect(await aws.send(new DescribeCustomPluginCommand({ customPluginArn }))).toMatchObject({
      name: 'described',
      customPluginState: 'ACTIVE',
      latestRevision: {
        revision: 1,
        contentType: 'JAR',
        location: S3,
        fileDescription: { fileSize: JAR.length, fileMd5: expect.stringMatching(/^[0-9a-f]{32}$/) },
      },
    });
    const raw = await fetch(`${control.url}/v1/custom-plugins/${encodeURIComponent(customPluginArn)}`);
    expect(await raw.json()).toMatchObject({
      classes: [{ class: 'com.acme.AcmeSink', type: 'sink', version: '1.0' }],
    });
  });

  test('are listed by prefix and page, and a name is free again after deletion', async () => {
    const arns = [await plugin('list-a'), await plugin('list-b'), await plugin('list-c')];
    const first = await aws.send(new ListCustomPluginsCommand({ namePrefix: 'list-', maxResults: 2 }));
    expect(first.customPlugins?.map(({ name }) => name)).toEqual(['list-a', 'list-b']);
    const { nextToken } = first;
    const second = await aws.send(
      new ListCustomPluginsCommand({ namePrefix: 'list-', maxResults: 2, nextToken }),
    );
    expect(second.customPlugins?.map(({ name }) => name)).toEqual(['list-c']);
    expect(second.nextToken).toBeUndefined();
    await expect(plugin('list-a')).rejects.toThrow('A resource with this name already exists.');
    const [customPluginArn] = arns;
    await aws.send(new DeleteCustomPluginCommand({ customPluginArn }));
    expect(await isGone(() => aws.send(new DescribeCustomPluginCommand({ customPluginArn })))).toBe(true);
    expect(await plugin('list-a')).not.toBe(customPluginArn);
  });

  test.each([
    ['another bucket', { bucketArn: 'arn:aws:s3:::others' }, /There is no bucket others/],
    ['no bucket', { bucketArn: 'plugins' }, /must be the ARN of a bucket/],
    ['no such object', { fileKey: 'acme/sink-2.0.jar' }, /has no object acme\/sink-2\.0\.jar/],
    ['a key that leads out of the bucket', { fileKey: '../../secret.jar' }, /has no object/],
    ['a folder', { fileKey: 'acme' }, /has no object/],
    ['a version', { objectVersion: '1' }, /keep no versions/],
  ])('%s is refused', async (_, change, says) => {
    const location = { s3Location: { ...S3.s3Location, ...change } };
    const command = new CreateCustomPluginCommand({ name: 'refused', contentType: 'JAR', location });
    await expect(aws.send(command)).rejects.toThrow(says);
  });
});

describe('by an ARN that is of nothing in MSK Connect here', () => {
  const uuid = '1c4d5e6f-0000-4000-8000-00000000000a-1';
  const KINDS = [
    ['connector', 'connectors', 'The connector'],
    ['custom-plugin', 'custom-plugins', 'The custom plugin'],
    ['worker-configuration', 'worker-configurations', 'The worker configuration'],
    ['connector-operation', 'connectorOperations', 'The connector operation'],
  ] as const;
  const asked = async (path: string) => {
    const response = await fetch(`${control.url}${path}`);
    return { status: response.status, ...JSON.parse(await response.text()) };
  };

  test.each(KINDS)('%s', async (kind, collection, noun) => {
    const tail = kind === 'connector-operation' ? `acme/${uuid}/${uuid}` : `acme/${uuid}`;
    const here = `arn:aws:kafkaconnect:us-east-1:000000000000:${kind}/${tail}`;
    // Gone, to Terraform: a resource that could be here.
    expect(await asked(`/v1/${collection}/${encodeURIComponent(here)}`)).toMatchObject({
      status: 404,
      message: `${noun} ${here} does not exist.`,
    });
    for (const elsewhere of [
      'acme',
      here.replace('us-east-1', 'eu-west-1'),
      here.replace('000000000000', '123456789012'),
      here.replace('arn:aws:', 'arn:aws-cn:'),
      here.replace(':kafkaconnect:', ':kafka:'),
      here.replace(`:${kind}/`, ':cluster/'),
      here.replace(/\/[^/]*$/, ''),
    ])
      expect(await asked(`/v1/${collection}/${encodeURIComponent(elsewhere)}`), elsewhere).toMatchObject({
        status: 400,
        message: expect.stringContaining('in the region us-east-1 and the account 000000000000'),
      });
  });

  test('tags of it', async () => {
    const here = `arn:aws:kafkaconnect:us-east-1:000000000000:connector/acme/${uuid}`;
    const tags = (arn: string) => asked(`/v1/tags/${encodeURIComponent(arn)}`);
    expect(await tags(here)).toMatchObject({ status: 404 });
    for (const elsewhere of [
      here.replace('us-east-1', 'eu-west-1'),
      here.replace('000000000000', '123456789012'),
      here.replace(':connector/', ':cluster/'),
    ])
      expect(await tags(elsewhere), elsewhere).toMatchObject({ status: 400 });
  });
});

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
    folder = mkdtempSync(join(tmpdir(), 'millrace-connect-'));
    mkdirSync(join(folder, 'buckets/plugins/acme'), { recursive: true });
    writeFileSync(join(folder, 'buckets/plugins', S3.s3Location.fileKey), JAR);
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

  async function started(path: string): Promise<{ client: KafkaConnectClient; plane: ControlPlane }> {
    const sha512 = createHash('sha512')
      .update(archives.get(path) ?? '')
      .digest('hex');
    const options = {
      ...{ dataDirectory: folder, region: 'us-east-1', account: '000000000000', hungAfterMs: 30_000 },
      ...{ host: '127.0.0.1', port: await freePort() },
      kafkaConnect: { kind: 'archive', location: `${origin}${path}`, sha512 } as const,
      advertised: [{ host: '127.0.0.1', name: '127.0.0.1' }] as const,
    };
    const world = nodeWorld(silent);
    const plane = await ControlPlane.start(world, options, new FakeEngine(), undefined, (one) => [
      new ConnectService({ world, options, control: one, builtInWorker: ['node'] }),
    ]);
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const client = new KafkaConnectClient({
      ...{ endpoint: plane.url, region: 'us-east-1', credentials, maxAttempts: 1 },
    });
    return { client, plane };
  }

  test('plugins and connectors wait for it, and say so', async () => {
    const first = await started('/kafka_2.13-3.7.2.tgz');
    const { customPluginArn = '', customPluginState } = await first.client.send(
      new CreateCustomPluginCommand({ name: 'waiting', contentType: 'JAR', location: S3 }),
    );
    expect(customPluginState).toBe('CREATING');
    const describePlugin = () => first.client.send(new DescribeCustomPluginCommand({ customPluginArn }));
    const stateDescription = {
      code: 'INSTALLING_KAFKA_CONNECT',
      message: expect.stringMatching(/^Kafka Connect is .*fetched/),
    };
    expect(await describePlugin()).toMatchObject({ customPluginState, stateDescription });
    await eventually('the archive is asked for', () => waiting.length > 0);
    for (const go of waiting) go();
    waiting = [];
    await eventually('it is loaded', async () => (await describePlugin()).customPluginState === 'ACTIVE');
    first.client.destroy();
    await first.plane.stop();

    // Another release, which is fetched while the plugin exists.
    const second = await started('/kafka_2.13-4.3.1.tgz');
    const wish = { ...connector('waits', customPluginArn), kafkaConnectVersion: '4.3.1' };
    const { connectorArn } = await second.client.send(new CreateConnectorCommand(wish));
    const describeIt = () => second.client.send(new DescribeConnectorCommand({ connectorArn }));
    expect(await describeIt()).toMatchObject({ connectorState: 'CREATING', stateDescription });
    await eventually('the archive is asked for', () => waiting.length > 0);
    for (const go of waiting) go();
    await eventually('it is there', async () => (await describeIt()).stateDescription === undefined);
    second.client.destroy();
    await second.plane.stop();
  });
});

describe('custom plugins from S3', () => {
  const bucket = new S3TestServer();
  const keys = {
    AWS_ACCESS_KEY_ID: TEST_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: TEST_CREDENTIALS.secretAccessKey,
    AWS_REGION: TEST_REGION,
  };
  const before = Object.keys(keys).map((name) => [name, process.env[name]] as const);
  let folder: string;
  let plane: ControlPlane;
  let client: KafkaConnectClient;

  beforeAll(async () => {
    Object.assign(process.env, keys);
    folder = mkdtempSync(join(tmpdir(), 'millrace-connect-'));
    bucket.createBucket('plugins').set(S3.s3Location.fileKey, { body: JAR, etag: 'x', headers: {} });
    const options = {
      ...{ dataDirectory: folder, region: 'us-east-1', account: '000000000000', hungAfterMs: 30_000 },
      ...{ host: '127.0.0.1', port: await freePort(), s3Endpoint: await bucket.listen(await freePort()) },
      advertised: [{ host: '127.0.0.1', name: '127.0.0.1' }] as const,
    };
    const world = nodeWorld(silent);
    plane = await ControlPlane.start(world, options, new FakeEngine(), undefined, (one) => [
      new ConnectService({ world, options, control: one, builtInWorker: ['node'] }),
    ]);
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    client = new KafkaConnectClient({
      endpoint: plane.url,
      region: 'us-east-1',
      credentials,
      maxAttempts: 1,
    });
  });
  afterAll(async () => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    client.destroy();
    await plane.stop();
    await bucket.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const create = (name: string, change: object = {}) =>
    client.send(
      new CreateCustomPluginCommand({
        name,
        contentType: 'JAR',
        location: { s3Location: { ...S3.s3Location, ...change } },
      }),
    );

  test('are read from the endpoint, signed with the keys of the environment', async () => {
    const { customPluginArn } = await create('of-s3');
    expect(await client.send(new DescribeCustomPluginCommand({ customPluginArn }))).toMatchObject({
      customPluginState: 'ACTIVE',
      latestRevision: { location: S3, fileDescription: { fileSize: JAR.length } },
    });
    expect(filesBelow(join(folder, 'connect/plugins')).map((file) => basename(file))).toEqual([
      'sink-1.0.jar',
    ]);
  });

  test('what S3 refuses is told with its code, and leaves nothing behind', async () => {
    const files = filesBelow(folder);
    await expect(create('no-key', { fileKey: 'acme/other.jar' })).rejects.toThrow(
      /GET s3:\/\/plugins\/acme\/other\.jar at http.* was refused with 404, NoSuchKey/,
    );
    await expect(create('no-bucket', { bucketArn: 'arn:aws:s3:::others' })).rejects.toThrow('NoSuchBucket');
    bucket.fault = () => ({ status: 403, code: 'AccessDenied' });
    await expect(create('denied')).rejects.toThrow('AccessDenied');
    bucket.fault = () => null;
    expect(filesBelow(folder)).toEqual(files);
  });

  test('a version of an object is asked for', async () => {
    await create('versioned', { objectVersion: 'v/1' });
    expect(bucket.requests.at(-1)).toBe(`GET /plugins/${S3.s3Location.fileKey}?versionId=v%2F1`);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

describe('worker configurations', () => {
  test('keep their text, and are gone when they are deleted', async () => {
    const made = await aws.send(
      new CreateWorkerConfigurationCommand({
        name: 'json',
        description: 'as JSON',
        propertiesFileContent: base64(PROPERTIES),
      }),
    );
    expect(made).toMatchObject({
      name: 'json',
      latestRevision: { revision: 1 },
      workerConfigurationState: 'ACTIVE',
    });
    const { workerConfigurationArn } = made;
    const described = () => aws.send(new DescribeWorkerConfigurationCommand({ workerConfigurationArn }));
    expect(await described()).toMatchObject({
      description: 'as JSON',
      latestRevision: { revision: 1, propertiesFileContent: base64(PROPERTIES) },
    });
    const { workerConfigurations } = await aws.send(new ListWorkerConfigurationsCommand({}));
    expect(workerConfigurations?.map(({ name }) => name)).toEqual(['json']);
    await aws.send(new DeleteWorkerConfigurationCommand({ workerConfigurationArn }));
    expect(await isGone(described)).toBe(true);
  });

  test.each([
    ['key.converter=a.B', /value\.converter is required/],
    [`${PROPERTIES}group.id=mine`, /group\.id cannot be set/],
    [`${PROPERTIES}sasl.jaas.config=x`, /sasl\.jaas\.config cannot be set/],
    [`${PROPERTIES}producer.bootstrap.servers=x`, /producer\.bootstrap\.servers cannot be set/],
    [`${PROPERTIES}consumer.group.id=x`, /consumer\.group\.id cannot be set/],
    [
      `${PROPERTIES}config.providers.f.class=org.apache.kafka.common.config.provider.FileConfigProvider`,
      /would read files or the environment/,
    ],
  ])('%j is refused', async (text, says) => {
    const command = new CreateWorkerConfigurationCommand({
      name: 'wrong',
      propertiesFileContent: base64(text),
    });
    await expect(aws.send(command)).rejects.toThrow(says);
  });
});

describe('connectors', () => {
  test('are CREATING until their tasks run, come back as they were sent, and are gone when they are deleted', async () => {
    const wish = connector('orders', await plugin('orders'));
    const { connectorArn, connectorState } = await aws.send(new CreateConnectorCommand(wish));
    expect(connectorState).toBe('CREATING');
    const described = () => aws.send(new DescribeConnectorCommand({ connectorArn }));
    const { tags, ...echoed } = wish;
    expect(await described()).toMatchObject({ ...echoed, connectorState: 'CREATING', networkType: 'IPV4' });
    const tagged = await aws.send(new ListTagsForResourceCommand({ resourceArn: connectorArn }));
    expect(tagged.tags).toEqual(tags);
    const { connectors } = await aws.send(new ListConnectorsCommand({ connectorNamePrefix: 'ord' }));
    expect(connectors?.map(({ connectorName }) => connectorName)).toEqual(['orders']);
    await expect(aws.send(new CreateConnectorCommand(wish))).rejects.toThrow('already exists');
    const [used] = wish.plugins ?? [];
    const customPluginArn = used?.customPlugin?.customPluginArn;
    await expect(aws.send(new DeleteCustomPluginCommand({ customPluginArn }))).rejects.toThrow(
      'in use by orders',
    );
    await expect(
      aws.send(new DeleteConnectorCommand({ connectorArn, currentVersion: 'K1' })),
    ).rejects.toThrow('The version of the connector');
    const deleted = await aws.send(new DeleteConnectorCommand({ connectorArn }));
    expect(deleted.connectorState).toBe('DELETING');
    await eventually('it is gone', () => isGone(described));
    await aws.send(new DeleteCustomPluginCommand({ customPluginArn }));
  });

  test('say which release stands for an older one', async () => {
    const wish = { ...connector('older', await plugin('older')), kafkaConnectVersion: '2.7.1' };
    const { connectorArn } = await aws.send(new CreateConnectorCommand(wish));
    const { stateDescription } = await aws.send(new DescribeConnectorCommand({ connectorArn }));
    expect(stateDescription?.message).toBe('Kafka Connect 3.7.2 runs, where 2.7.1 was asked for.');
  });

  test('have tags, beside those of clusters', async () => {
    const resourceArn = await plugin('tagged');
    const tags = async () => (await aws.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    expect(await tags()).toEqual({});
    await aws.send(new TagResourceCommand({ resourceArn, tags: { a: '1', b: '2' } }));
    await aws.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    expect(await tags()).toEqual({ b: '2' });
    const unknown = new ListTagsForResourceCommand({ resourceArn: `${resourceArn}0` });
    await expect(aws.send(unknown)).rejects.toThrow('does not exist');
  });

  test('cannot be updated before they run, and not to another class', async () => {
    const wish = connector('early', await plugin('early'));
    const { connectorArn } = await aws.send(new CreateConnectorCommand(wish));
    const { currentVersion } = await aws.send(new DescribeConnectorCommand({ connectorArn }));
    const update = (change: object) =>
      aws.send(new UpdateConnectorCommand({ connectorArn, currentVersion, ...change }));
    const { connectorConfiguration, capacity } = wish;
    await expect(update({ connectorConfiguration })).rejects.toThrow('is CREATING: it must be RUNNING');
    await expect(update({})).rejects.toThrow('Exactly one of capacity and connectorConfiguration');
    await expect(update({ capacity, connectorConfiguration })).rejects.toThrow('Exactly one of');
    await expect(update({ connectorConfiguration: { 'connector.class': 'Other' } })).rejects.toThrow(
      'connector.class cannot be changed',
    );
  });

  test('are in the REST interface of Kafka Connect, also while no worker serves', async () => {
    const wish = connector('rest', await plugin('rest'));
    const { connectorArn } = await aws.send(
      new CreateConnectorCommand({
        ...wish,
        connectorConfiguration: { ...wish.connectorConfiguration, 'my.password': 'staple' },
      }),
    );
    const asks = async (method: string, path: string, body?: string) => {
      const response = await fetch(`${control.url}/connect${path}`, { method, body: body ?? null });
      return { status: response.status, body: await response.json() };
    };
    expect((await asks('GET', '/connectors')).body).toContain('rest');
    const ofPage = await fetch(`${control.url}/connect/connectors`, {
      headers: { origin: 'http://evil.example' },
    });
    expect(ofPage.status).toBe(403);
    expect((await asks('GET', '/connectors/rest')).body).toMatchObject({
      config: { 'connector.class': 'com.acme.AcmeSink', 'my.password': '[hidden]' },
      tasks: [],
    });
    expect((await asks('GET', '/connectors/rest/status')).body).toMatchObject({
      connector: { state: 'UNASSIGNED' },
    });
    expect((await asks('GET', '/connector-plugins')).body).toContainEqual({
      ...{ class: 'com.acme.AcmeSink', type: 'sink', version: '1.0' },
    });
    const refusals = [
      await asks('POST', '/connectors', '{"name":"x","config":{}}'),
      await asks('GET', '/connectors/none'),
      await asks('GET', '/connectors/rest/offsets'),
      await asks('PUT', '/connectors/rest/config', '{"connector.class":"com.acme.AcmeSink"}'),
      await asks('PUT', '/connectors/rest/config', '["no configuration"]'),
      await asks('PUT', '/connectors/rest/config', '{'),
      await asks('PUT', '/connectors/rest/pause'),
      await asks('PUT', '/nothing'),
      await asks('PUT', '/connector-plugins/AcmeSink/config/validate', REFERENCE),
      await asks('DELETE', '/admin/loggers/root'),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([400, 404, 503, 503, 400, 400, 400, 404, 400, 404]);
    for (const { status, body } of refusals)
      expect(body).toEqual({ error_code: status, message: expect.any(String) });
    await aws.send(new DeleteConnectorCommand({ connectorArn }));
  });

  test('that are built in are in the REST interface of Kafka Connect, without what only its workers have', async () => {
    const { connectorArn } = await aws.send(
      new CreateConnectorCommand({
        ...connector('own', ''),
        plugins: [],
        connectorConfiguration: {
          ...{
            'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
            topics: 'orders',
            'tasks.max': '2',
          },
          ...{ 's3.bucket.name': 'archive', 's3.region': 'us-east-1', 'flush.size': '1' },
          ...{ 'aws.access.key.id': 'AKIA', 'aws.secret.access.key': 'staple' },
          'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
        },
      }),
    );
    const asks = async (method: string, path: string) => {
      const response = await fetch(`${control.url}/connect${path}`, { method });
      const text = await response.text();
      expect(text).not.toContain('staple');
      return { status: response.status, body: JSON.parse(text) };
    };
    const config = { name: 'own', 'flush.size': '1', 'aws.secret.access.key': '[hidden]' };
    const ids = [0, 1].map((task) => ({ connector: 'own', task }));
    expect(await asks('GET', '/connectors/own')).toMatchObject({
      ...{ status: 200, body: { name: 'own', type: 'sink', config, tasks: ids } },
    });
    expect((await asks('GET', '/connectors/own/tasks')).body).toMatchObject(
      ids.map((id) => ({ id, config })),
    );
    expect((await asks('GET', '/connectors/own/config')).body).toMatchObject(config);
    expect((await asks('GET', '/connectors?expand=status&expand=info')).body).toMatchObject({
      own: { status: { name: 'own', tasks: [] }, info: { config } },
    });
    expect((await asks('GET', '/connector-plugins')).body).toContainEqual(
      expect.objectContaining({ class: 'io.confluent.connect.s3.S3SinkConnector', type: 'sink' }),
    );
    const refusals = [
      await asks('GET', '/connectors/own/topics'),
      await asks('GET', '/connectors/own/offsets'),
      await asks('PATCH', '/connectors/own/offsets'),
      await asks('POST', '/connectors/own/tasks/0/restart'),
      await asks('PUT', '/connector-plugins/S3Sink/config/validate'),
      await asks('GET', '/connectors/own/tasks/0/status'),
      await asks('PUT', '/connectors/own/nothing'),
      await asks('GET', '/admin/loggers'),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([501, 503, 400, 503, 400, 503, 404, 503]);
    // Clients ask this first, and give up where it is refused.
    expect(await asks('GET', '/')).toEqual({
      status: 200,
      body: {
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
        commit: 'unknown',
        kafka_cluster_id: expect.any(String),
      },
    });
    expect(await asks('GET', '/health')).toMatchObject({ status: 200, body: { status: 'healthy' } });
    expect(refusals[0]?.body.message).toBe(
      "GET topics is of Kafka Connect's workers, and own is built in: there is nothing in its place.",
    );
    await aws.send(new DeleteConnectorCommand({ connectorArn }));
  });

  test('that are autoscaled come back with their policies, and with AWS’s own where none was given', async () => {
    const wish = connector('scaled', await plugin('scaled'));
    const autoScaling = { mcuCount: 2, minWorkerCount: 1, maxWorkerCount: 3 };
    const { connectorArn } = await aws.send(
      new CreateConnectorCommand({ ...wish, capacity: { autoScaling } }),
    );
    const { capacity } = await aws.send(new DescribeConnectorCommand({ connectorArn }));
    expect(capacity).toEqual({
      autoScaling: {
        ...autoScaling,
        scaleInPolicy: { cpuUtilizationPercentage: 20 },
        scaleOutPolicy: { cpuUtilizationPercentage: 80 },
      },
    });
    await aws.send(new DeleteConnectorCommand({ connectorArn }));
  });

  test('are made through the REST interface of Kafka Connect, where it is plain what it does not say', async () => {
    const asks = async (method: string, path: string, body: object) => {
      const response = await fetch(`${control.url}/connect${path}`, { method, body: JSON.stringify(body) });
      const answer: { message?: string } = JSON.parse(await response.text());
      return { status: response.status, body: answer };
    };
    const config = {
      ...{ 'connector.class': 'io.confluent.connect.s3.S3SinkConnector', topics: 'orders' },
      ...{ 's3.bucket.name': 'archive', 's3.region': 'us-east-1', 'flush.size': '1' },
      ...{ 'aws.access.key.id': 'AKIA', 'aws.secret.access.key': 'staple' },
      'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
    };
    expect(await asks('POST', '/connectors', { name: 'posted', config })).toMatchObject({
      ...{ status: 400, body: { message: /^There is no cluster/ } },
    });
    await createCluster('first');
    const told = (name: string) => ({
      ...{ name, type: 'sink', tasks: [{ connector: name, task: 0 }] },
      config: { ...config, name, 'aws.secret.access.key': '[hidden]' },
    });
    const withName = { ...config, name: 'posted' };
    expect(await asks('POST', '/connectors', { name: 'posted', config: withName })).toEqual({
      ...{ status: 201, body: told('posted') },
    });
    expect(await asks('POST', '/connectors', { name: 'posted', config })).toMatchObject({
      ...{ status: 409, body: { message: 'Connector posted already exists' } },
    });
    // Kafka Connect has this path too, for tools that cannot send POST.
    expect(await asks('PUT', '/connectors/put/config', config)).toEqual({ status: 201, body: told('put') });
    const { connectors } = await aws.send(new ListConnectorsCommand({ connectorNamePrefix: 'p' }));
    expect(connectors?.map(({ connectorName, capacity }) => [connectorName, capacity])).toEqual(
      ['posted', 'put'].map((name) => [name, { provisionedCapacity: { mcuCount: 1, workerCount: 1 } }]),
    );
    const refused = async (change: object) =>
      (await asks('POST', '/connectors', { name: 'refused', config, ...change })).body.message;
    expect(await refused({ config: { ...config, 'connector.class': 'com.acme.None' } })).toMatch(
      /^No plugin has a connector class com\.acme\.None/,
    );
    expect(await refused({ config: { ...config, nonsense: '1' } })).toMatch(/nonsense/);
    expect(await refused({ config: 'none' })).toMatch(/"config"/);
    expect(await refused({ name: undefined })).toMatch(/"name"/);
    expect(await refused({ initial_state: 'STOPPED' })).toMatch(/initial_state RUNNING alone/);
    await createCluster('second');
    expect(await refused({})).toMatch(/the only cluster, and there are first and second/);
    for (const { connectorArn } of connectors ?? [])
      await aws.send(new DeleteConnectorCommand({ connectorArn }));
  });

  async function createCluster(clusterName: string): Promise<void> {
    const response = await fetch(`${control.url}/v1/clusters`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ clusterName, kafkaVersion: '3.9.x', numberOfBrokerNodes: 2 },
        brokerNodeGroupInfo: { clientSubnets: ['subnet-a', 'subnet-b'], instanceType: 'kafka.m5.large' },
        encryptionInfo: { encryptionInTransit: { clientBroker: 'PLAINTEXT', inCluster: false } },
      }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  describe('are refused with', () => {
    const config = (more: Record<string, string>) => ({
      connectorConfiguration: { 'connector.class': 'AcmeSink', topics: 'orders', ...more },
    });
    // AWS's client has no member for these.
    const signIn = (authenticationType: string) =>
      ({ authenticationType }) as CreateConnectorCommandInput['kafkaClusterClientAuthentication'];
    test.each<[string, Partial<CreateConnectorCommandInput>, RegExp]>([
      ['a name that is no part of a topic', { connectorName: 'a/b' }, /connectorName must have letters/],
      ['no capacity', { capacity: {} }, /One of autoScaling and provisionedCapacity/],
      [
        'both kinds of capacity',
        {
          capacity: {
            autoScaling: { minWorkerCount: 1, maxWorkerCount: 2, mcuCount: 1 },
            provisionedCapacity: { mcuCount: 1, workerCount: 1 },
          },
        },
        /Exactly one of autoScaling and provisionedCapacity/,
      ],
      [
        'more workers at least than at most',
        { capacity: { autoScaling: { minWorkerCount: 3, maxWorkerCount: 2, mcuCount: 1 } } },
        /minWorkerCount cannot be more than maxWorkerCount/,
      ],
      [
        'fewer tasks than workers',
        {
          capacity: {
            autoScaling: { minWorkerCount: 1, maxWorkerCount: 3, mcuCount: 1, maxAutoscalingTaskCount: 2 },
          },
        },
        /maxAutoscalingTaskCount cannot be less than maxWorkerCount/,
      ],
      [
        'policies that contradict each other',
        {
          capacity: {
            autoScaling: {
              ...{ minWorkerCount: 1, maxWorkerCount: 2, mcuCount: 1 },
              scaleInPolicy: { cpuUtilizationPercentage: 80 },
            },
          },
        },
        /scaleInPolicy \(80 %\) must be below the scaleOutPolicy \(80 %\)/,
      ],
      [
        'three units of scaled workers',
        { capacity: { autoScaling: { minWorkerCount: 1, maxWorkerCount: 2, mcuCount: 3 } } },
        /mcuCount must be 1, 2, 4 or 8/,
      ],
      [
        'three units',
        { capacity: { provisionedCapacity: { mcuCount: 3, workerCount: 1 } } },
        /mcuCount must be 1, 2, 4 or 8/,
      ],
      [
        'no worker',
        { capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 0 } } },
        /must be from 1 to/,
      ],
      ['no class', { connectorConfiguration: { topics: 'orders' } }, /connector\.class is required/],
      ['a class that the plugin has not', config({ 'connector.class': 'Other' }), /has com\.acme\.AcmeSink/],
      ['another name in the configuration', config({ name: 'other' }), /must be the connectorName/],
      [
        'an override of the sign-in',
        config({ 'consumer.override.sasl.jaas.config': 'x' }),
        /consumer\.override\.sasl\.jaas\.config cannot be overridden/,
      ],
      [
        'sign-in by IAM',
        { kafkaClusterClientAuthentication: { authenticationType: 'IAM' } },
        /Workers cannot sign in by IAM yet/,
      ],
      [
        'sign-in without encryption',
        { kafkaClusterClientAuthentication: signIn('TLS') },
        /TLS needs TLS as the encryptionType/,
      ],
      [
        'SCRAM without a user',
        {
          kafkaClusterClientAuthentication: signIn('SCRAM'),
          kafkaClusterEncryptionInTransit: { encryptionType: 'TLS' },
        },
        /SCRAM needs the secretArn/,
      ],
      [
        'a version that does not run',
        { kafkaConnectVersion: '1.0' },
        /Unsupported kafkaConnectVersion \[1\.0\]/,
      ],
      [
        'delivery of logs to Firehose',
        { logDelivery: { workerLogDelivery: { firehose: { enabled: true, deliveryStream: 'd' } } } },
        /cannot be delivered to firehose yet/,
      ],
      [
        'a log group outside its folder',
        { logDelivery: { workerLogDelivery: { cloudWatchLogs: { enabled: true, logGroup: '/a/../../b' } } } },
        /A log group has/,
      ],
      [
        'a bucket for logs without a name',
        { logDelivery: { workerLogDelivery: { s3: { enabled: true } } } },
        /The name of a bucket must be given/,
      ],
      [
        'no plugin, and a class that is not built in',
        { plugins: [], connectorConfiguration: { 'connector.class': 'com.acme.Sink' } },
        /connector\.class is com\.acme\.Sink, and the plugin millrace-built-in has org\.apache\.kafka\.connect\.file/,
      ],
      [
        'another revision of the worker configuration',
        { workerConfiguration: { workerConfigurationArn: 'arn:none', revision: 1 } },
        /The worker configuration arn:none does not exist/,
      ],
    ])('%s', async (_, change, says) => {
      const { customPlugins } = await aws.send(new ListCustomPluginsCommand({ namePrefix: 'refusing' }));
      const arn = customPlugins?.[0]?.customPluginArn ?? (await plugin('refusing'));
      const command = new CreateConnectorCommand({ ...connector('refused', arn), ...change });
      await expect(aws.send(command)).rejects.toThrow(says);
    });

    test('a plugin that is not there', async () => {
      const command = new CreateConnectorCommand(connector('refused', 'arn:none'));
      await expect(aws.send(command)).rejects.toThrow('The custom plugin arn:none does not exist.');
    });
  });
});
