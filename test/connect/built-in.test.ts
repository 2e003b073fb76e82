import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  CreateWorkerConfigurationCommand,
  DeleteConnectorCommand,
  DeleteWorkerConfigurationCommand,
  DescribeConnectorCommand,
  DescribeConnectorOperationCommand,
  KafkaConnectClient,
  PauseConnectorCommand,
  ResumeConnectorCommand,
  UpdateConnectorCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { S3TestServer, TEST_CREDENTIALS, TEST_REGION } from '../../src/aws/s3/testing/s3-server.ts';
import { silent } from '../../src/base/log.ts';
import { workersBelow } from '../../src/connect/worker/running-workers.ts';
import { OpenSearchTestServer } from '../../src/connectors/opensearch-sink/testing/opensearch-server.ts';
import type { ConsumedRecord } from '../../src/kafka-client/consumer/consumer-options.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { answered } from '../support/answered.ts';
import { freePort } from '../support/free-port.ts';
import { run } from '../support/kafka-tools.ts';
import { eventually, Millrace } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';
import { DECIDED_MS } from './decided.ts';

/**
 * Built-in connectors, with a control plane that has no Java: lines of a file become records, and records
 * become lines of another file. All tests of this file share one cluster and its connectors, and each
 * continues from the state that the test before it left.
 */

const PASSWORD = `of "users" \\ ${secret('all')}`;

describe('built-in file connectors', () => {
  let millrace: Millrace;
  let aws: KafkaConnectClient;
  let files: string;
  let client: KafkaClient;
  const arns = new Map<string, string>();
  const file = (name: string) => join(files, name);
  const connectorArn = (name: string) => arns.get(name) ?? '';

  beforeAll(async () => {
    files = mkdtempSync(join(tmpdir(), 'millrace-files-'));
    // The workers may run as other users.
    chmodSync(files, 0o777);
    const passwords = join(files, 'password');
    writeFileSync(passwords, `${PASSWORD}\n`, { mode: 0o600 });
    millrace = await Millrace.up(
      ['--brokers', '1', '--scram', `alice:${passwords}`, '--connect-files', files],
      undefined,
      { args: [], env: { KAFKA_HOME: '', JAVA_HOME: '', PATH: '/nowhere' } },
    );
    rmSync(passwords);
    aws = new KafkaConnectClient({
      endpoint: millrace.ready.api,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
    const { hostname, port } = new URL(`kafka://${bootstrap()}`);
    client = new KafkaClient(nodeWorld(silent, undefined, false), {
      bootstrap: [{ host: hostname, port: Number(port) }],
      clientId: 'test',
      tls: { serverCas: await (await fetch(`${millrace.ready.api}/ca.pem`)).text() },
      login: { mechanism: 'SCRAM-SHA-512', user: 'alice', password: PASSWORD },
    });
    for (const topic of ['lines', 'json'])
      await client.admin.topics.create({
        ...{ name: topic, partitions: 2, replicationFactor: 1, configs: new Map() },
      });
  });
  afterAll(async () => {
    client.close();
    await millrace[Symbol.asyncDispose]();
    rmSync(files, { recursive: true });
  });

  const bootstrap = () => millrace.ready.clusters[0]?.bootstrap;

  async function asked(
    connectorName: string,
    connectorConfiguration: Record<string, string>,
    more: object = {},
  ) {
    // AWS's own client has no member for the secret.
    const response = await fetch(`${millrace.ready.api}/v1/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        connectorName,
        capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 1 } },
        connectorConfiguration,
        kafkaCluster: {
          apacheKafkaCluster: { bootstrapServers: bootstrap(), vpc: { subnets: ['subnet-a'] } },
        },
        kafkaClusterClientAuthentication: { authenticationType: 'SCRAM', secretArn: 'AmazonMSK_alice' },
        kafkaClusterEncryptionInTransit: { encryptionType: 'TLS' },
        kafkaConnectVersion: '3.7.x',
        plugins: [],
        serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/connect',
        ...more,
      }),
    });
    const answer: { connectorArn?: string; message?: string } = JSON.parse(await response.text());
    if (answer.connectorArn !== undefined) arns.set(connectorName, answer.connectorArn);
    return answer;
  }

  const described = (name: string) =>
    aws.send(new DescribeConnectorCommand({ connectorArn: connectorArn(name) }));

  async function becomes(name: string, state: string): Promise<string | undefined> {
    let why: string | undefined;
    await eventually(
      `${name} is ${state}`,
      async () => {
        const { connectorState, stateDescription } = await described(name);
        if (connectorState === 'FAILED' && state === 'RUNNING') throw new Error(stateDescription?.message);
        why = stateDescription?.message;
        return connectorState === state;
      },
      DECIDED_MS,
    );
    return why;
  }

  async function ends(connectorOperationArn: string | undefined) {
    await eventually(
      'the operation ends',
      async () => {
        const { endTime } = await aws.send(new DescribeConnectorOperationCommand({ connectorOperationArn }));
        return endTime !== undefined;
      },
      DECIDED_MS,
    );
    return aws.send(new DescribeConnectorOperationCommand({ connectorOperationArn }));
  }

  async function update(name: string, difference: Record<string, string>) {
    const { connectorConfiguration, currentVersion } = await described(name);
    const { connectorOperationArn } = await aws.send(
      new UpdateConnectorCommand({
        connectorArn: connectorArn(name),
        currentVersion,
        connectorConfiguration: { ...connectorConfiguration, ...difference },
      }),
    );
    return ends(connectorOperationArn);
  }

  const sunk = (name = 'sink.txt') => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');
  const arrives = (line: string, name = 'sink.txt') =>
    eventually(`${line} arrives`, () => sunk(name).split('\n').includes(line));

  async function recordsOf(topic: string, count: number): Promise<ConsumedRecord[]> {
    const consumer = client.consumer({ offsetReset: 'earliest' });
    const { partitions } = await client.admin.topics.describe(topic);
    consumer.assign(partitions.map((_, partition) => ({ topic, partition })));
    const records: ConsumedRecord[] = [];
    await eventually(`${count} records of ${topic}`, async () => {
      records.push(...(await consumer.poll(200)));
      return records.length >= count;
    });
    await consumer.close();
    return records;
  }

  /** The last part of an ARN has a number after the uuid. */
  const uuidOf = (name: string) => (connectorArn(name).split('/').at(-1) ?? '').replace(/-\d+$/, '');
  const workersOf = (name: string) =>
    workersBelow(join(millrace.data, 'connect/connectors', uuidOf(name))).map(({ pid }) => pid);
  const JSON_VALUES = {
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
  };
  const SOURCE = { 'connector.class': 'FileStreamSource', topic: 'lines' };
  const SINK = {
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    topics: 'lines',
  };

  test('lines of a file come out of another one, through a topic', async () => {
    writeFileSync(file('source.txt'), 'first\nsecond\n');
    expect(await asked('source', { ...SOURCE, file: file('source.txt') })).toMatchObject({
      connectorState: 'CREATING',
    });
    expect(await asked('sink', { ...SINK, 'tasks.max': '2', file: file('sink.txt') })).toMatchObject({
      connectorState: 'CREATING',
    });
    await becomes('source', 'RUNNING');
    await becomes('sink', 'RUNNING');
    await arrives('first');
    await arrives('second');
    expect(await described('sink')).toMatchObject({
      stateDescription: { message: "Millrace's own worker runs, where 3.7.x was asked for." },
      plugins: [{ customPlugin: { customPluginArn: expect.stringContaining('/millrace-built-in/') } }],
    });
  });

  test('offsets of a source are in the topic and the format of Kafka Connect', async () => {
    const uuid = connectorArn('source').split('/').pop();
    const [stored] = await recordsOf(`__amazon_msk_connect_offsets_source_${uuid}`, 1);
    expect(JSON.parse(stored?.key?.toString() ?? '')).toEqual(['source', { filename: file('source.txt') }]);
    expect(JSON.parse(stored?.value?.toString() ?? '')).toEqual({ position: 13 });
  });

  test('what a connector or its worker has no use for is refused by its name', async () => {
    const answer = await asked('wrong', {
      ...SINK,
      file: file('x.txt'),
      'tasks.max': '0',
      'flush.sise': '1',
    });
    expect(answer.message).toBe(
      'Invalid value 0 for configuration tasks.max: must be at least 1. Unknown configuration "flush.sise": no part of this connector has it.',
    );
  });

  test('killed workers are replaced, and each line of the file is in the topic once', async () => {
    const pids = () => workersBelow(join(millrace.data, 'connect')).map(({ pid }) => pid);
    expect(pids()).toHaveLength(2);
    const lines = Array.from({ length: 3 }, (_, round) => `after kill ${round}`);
    for (const line of lines) {
      for (const pid of pids()) process.kill(pid, 'SIGKILL');
      appendFileSync(file('source.txt'), `${line}\n`);
      await arrives(line);
    }
    const values = (await recordsOf('lines', 5)).map(({ value }) => value?.toString());
    expect(values.sort()).toEqual([...lines, 'first', 'second']);
    for (const name of ['source', 'sink']) await becomes(name, 'RUNNING');
  });

  test('a paused connector moves nothing until it is resumed', async () => {
    const paused = await aws.send(new PauseConnectorCommand({ connectorArn: connectorArn('sink') }));
    expect((await ends(paused.connectorOperationArn)).connectorOperationState).toBe('PAUSE_COMPLETE');
    appendFileSync(file('source.txt'), 'while it was paused\n');
    await recordsOf('lines', 6);
    expect(sunk()).not.toContain('while it was paused');
    const resumed = await aws.send(new ResumeConnectorCommand({ connectorArn: connectorArn('sink') }));
    expect((await ends(resumed.connectorOperationArn)).connectorOperationState).toBe('RESUME_COMPLETE');
    await arrives('while it was paused');
  });

  test('an update is in force, and one that is wrong or fails is taken back', async () => {
    expect(await update('sink', { file: file('other.txt') })).toMatchObject({
      connectorOperationState: 'UPDATE_COMPLETE',
    });
    appendFileSync(file('source.txt'), 'elsewhere\n');
    await arrives('elsewhere', 'other.txt');
    expect(await update('sink', { 'tasks.max': 'many' })).toMatchObject({
      connectorOperationState: 'UPDATE_FAILED',
      errorInfo: { message: expect.stringContaining('Invalid value many for configuration tasks.max') },
    });
    expect(await update('sink', { file: file('no/such/folder.txt') })).toMatchObject({
      connectorOperationState: 'UPDATE_FAILED',
      errorInfo: { message: expect.stringContaining('ENOENT') },
    });
    appendFileSync(file('source.txt'), 'back again\n');
    await arrives('back again', 'other.txt');
  });

  test('an update of the worker configuration is in force, and one that no task runs with is taken back', async () => {
    const STRINGS = 'org.apache.kafka.connect.storage.StringConverter';
    const JSON_VALUES = 'org.apache.kafka.connect.json.JsonConverter';
    const configuration = async (name: string, value: string, more = '') => {
      const text = `key.converter=${STRINGS}\nvalue.converter=${value}\n${more}`;
      const { workerConfigurationArn = '' } = await aws.send(
        new CreateWorkerConfigurationCommand({
          name,
          propertiesFileContent: Buffer.from(text).toString('base64'),
        }),
      );
      return { workerConfigurationArn, revision: 1 };
    };
    /** Lines are written all the while, so that the new workers have some to read. */
    const change = async (wish: object) => {
      const { currentVersion } = await described('sink');
      const { connectorOperationArn } = await aws.send(
        new UpdateConnectorCommand({ connectorArn: connectorArn('sink'), currentVersion, ...wish }),
      );
      const operation = () => aws.send(new DescribeConnectorOperationCommand({ connectorOperationArn }));
      await eventually(
        'the operation ends',
        async () => {
          appendFileSync(file('source.txt'), 'meanwhile\n');
          return (await operation()).endTime !== undefined;
        },
        DECIDED_MS,
      );
      return operation();
    };
    const strings = await configuration('strings', STRINGS, 'offset.flush.interval.ms=1000\n');
    expect(await change({ workerConfiguration: strings })).toMatchObject({
      connectorOperationState: 'UPDATE_COMPLETE',
      originWorkerSetting: { useDefaultWorkerConfiguration: true },
      targetWorkerSetting: { workerConfiguration: strings, useDefaultWorkerConfiguration: false },
    });
    expect((await described('sink')).workerConfiguration).toEqual(strings);
    // Lines of the file are no JSON.
    const json = await configuration('json', JSON_VALUES);
    expect(await change({ workerConfiguration: json })).toMatchObject({
      connectorOperationState: 'UPDATE_FAILED',
      errorInfo: { message: expect.stringContaining('meanwhile') },
    });
    expect((await described('sink')).workerConfiguration).toEqual(strings);
    appendFileSync(file('source.txt'), 'strings again\n');
    await arrives('strings again', 'other.txt');
    const unfit = await configuration('unfit', STRINGS, 'task.shutdown.graceful.timeout.ms=1\n');
    await expect(change({ workerConfiguration: unfit })).rejects.toThrow(
      'The worker configuration does not fit: ',
    );
    expect(await change({ useDefaultWorkerConfiguration: true })).toMatchObject({
      connectorOperationState: 'UPDATE_COMPLETE',
    });
    expect((await described('sink')).workerConfiguration).toBeUndefined();
    await aws.send(new DeleteWorkerConfigurationCommand(strings));
  });

  test("Kafka Connect's own REST interface tells of them, and changes them by operations of MSK Connect", async () => {
    const asks = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${millrace.ready.api}/connect${path}`, {
        method,
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    };
    expect((await asks('GET', '/connectors?expand=status&expand=info')).body).toMatchObject({
      sink: {
        status: {
          connector: { state: 'RUNNING' },
          tasks: [{ id: 0, state: 'RUNNING' }, { id: 1 }],
          type: 'sink',
        },
        info: {
          config: { name: 'sink' },
          tasks: [{ connector: 'sink', task: 0 }, { task: 1 }],
          type: 'sink',
        },
      },
      source: { status: { tasks: [{ id: 0, state: 'RUNNING' }] }, info: { type: 'source' } },
    });
    expect((await asks('GET', '/connectors/sink/tasks/1/status')).body).toMatchObject({ id: 1 });
    await answered(404, asks('GET', '/connectors/sink/tasks/2/status'));
    // kcctl restart task sink/1.
    await answered(204, asks('POST', '/connectors/sink/tasks/1/restart'));
    expect(await asks('POST', '/connectors/sink/tasks/2/restart')).toEqual({
      ...{ status: 404, body: { error_code: 404, message: 'Unknown task: sink-2' } },
    });
    expect(await asks('PATCH', '/connectors/sink/config', { 'tasks.max': 'many' })).toMatchObject({
      ...{ status: 400, body: { message: /Invalid value many for configuration tasks.max/ } },
    });
    // The configuration of the answer, sent back, changes nothing.
    const { body: config } = await asks('GET', '/connectors/sink/config');
    const { currentVersion } = await described('sink');
    await answered(200, asks('PUT', '/connectors/sink/config', config));
    expect((await described('sink')).currentVersion).toBe(currentVersion);
    await answered(200, asks('PUT', '/connectors/sink/config', { ...config, file: file('rest.txt') }));
    // Their workers were killed, and their tasks are others, since they began with them.
    const topics = (name: string, ...all: string[]) => ({ status: 200, body: { [name]: { topics: all } } });
    expect(await asks('GET', '/connectors/sink/topics')).toEqual(topics('sink', 'lines'));
    expect(await asks('GET', '/connectors/source/topics')).toEqual(topics('source', 'lines'));
    expect(await asks('PUT', '/connectors/source/topics/reset')).toEqual({ status: 202, body: null });
    expect(await asks('GET', '/connectors/source/topics')).toEqual(topics('source'));
    appendFileSync(file('source.txt'), 'by REST\n');
    await arrives('by REST', 'rest.txt');
    expect(await asks('GET', '/connectors/source/topics')).toEqual(topics('source', 'lines'));
  });

  test('the command lists classes, validates a configuration, and shows and changes offsets', async () => {
    // A change of its configuration by the test before may be in progress.
    await becomes('sink', 'RUNNING');
    const millraceConnect = async (...args: string[]) => {
      const program = join(import.meta.dirname, '../../bin/millrace.mjs');
      const { status, stdout, stderr } = await run(process.execPath, [
        ...[program, 'connect', ...args],
        ...['--api', millrace.ready.api],
      ]);
      return { status, text: stdout + stderr };
    };
    expect(await millraceConnect('catalogue')).toMatchObject({
      ...{ status: 0, text: expect.stringContaining('io.confluent.connect.s3.S3SinkConnector') },
    });
    expect((await millraceConnect('catalogue', 'FileStreamSink')).text).toMatch(
      /^buffer\.memory +LONG +100663296 /m,
    );
    const properties = file('validated.properties');
    const lines = ['connector.class=FileStreamSink', 'topics=lines', `file=${file('never.txt')}`];
    writeFileSync(properties, lines.join('\n'));
    expect(await millraceConnect('validate', '--config', properties)).toMatchObject({ status: 0 });
    writeFileSync(properties, [...lines, 'tasks.max=many', 'other=1'].join('\n'));
    const { status, text } = await millraceConnect('validate', '--config', properties);
    expect([
      status,
      text
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0]),
    ]).toEqual([1, ['tasks.max', 'other']]);

    const timesRead = () => sunk('rest.txt').split('by REST').length - 1;
    expect(timesRead()).toBe(1);
    expect((await millraceConnect('offsets', 'sink')).text).toMatch(
      /{"kafka_topic":"lines","kafka_partition":\d} +{"kafka_offset":\d+}/,
    );
    const unpaused = await fetch(`${millrace.ready.api}/connect/connectors/sink/offsets`, {
      method: 'DELETE',
    });
    await answered(400, unpaused);
    expect(await millraceConnect('offsets', 'sink', '--reset', '--yes')).toMatchObject({
      ...{ status: 0, text: 'It has no offsets.\n' },
    });
    await eventually('all is read again', () => timesRead() === 2);
    const { text: told } = await millraceConnect('offsets', 'source', '--json');
    const { offsets } = JSON.parse(told);
    expect(offsets).toEqual([
      { partition: { filename: file('source.txt') }, offset: { position: expect.any(Number) } },
    ]);
    const to = file('offsets.json');
    writeFileSync(to, JSON.stringify({ offsets: [{ ...offsets[0], offset: { position: 0 } }] }));
    expect((await millraceConnect('offsets', 'source', '--to', to, '--yes')).text).toContain(
      '{"position":0}',
    );
    await eventually('its lines are read again', () => timesRead() === 3);
    await becomes('source', 'RUNNING');
  });

  test('the command line pauses, resumes and restarts', async () => {
    const tells = (...words: string[]) =>
      run(process.execPath, [
        join(import.meta.dirname, '../../bin/millrace.mjs'),
        'connect',
        ...words,
        '--api',
        millrace.ready.api,
      ]);
    await becomes('sink', 'RUNNING');
    for (const word of ['pause', 'resume', 'restart'])
      expect(await tells(word, 'sink')).toMatchObject({
        ...{ status: 0, stdout: `The ${word} of sink is ${word.toUpperCase()}_COMPLETE.\n` },
      });
    expect((await tells('resume', 'sink')).stderr).toMatch(/must be PAUSED/);
  });

  test('a topic that is made later is read by a sink with a pattern, from its first record', async () => {
    await asked('pattern', {
      ...{ 'connector.class': 'FileStreamSink', 'topics.regex': 'later-.+', file: file('later.txt') },
      'consumer.override.metadata.max.age.ms': '500',
    });
    await becomes('pattern', 'RUNNING');
    for (const topic of ['later-', 'later-a', 'later-b']) {
      await client.admin.topics.create({
        ...{ name: topic, partitions: 2, replicationFactor: 1, configs: new Map() },
      });
      const producer = client.producer();
      await producer.send({ topic, partition: 1, value: Buffer.from(`of ${topic}`) });
      await producer.close();
    }
    await arrives('of later-a', 'later.txt');
    await arrives('of later-b', 'later.txt');
    expect(sunk('later.txt').split('\n').sort()).toEqual(['', 'of later-a', 'of later-b']);
    await aws.send(new DeleteConnectorCommand({ connectorArn: connectorArn('pattern') }));
  });

  test('a record that cannot be read or transformed goes to the dead-letter queue with the reason, and others go on', async () => {
    await asked('strict', {
      ...{ ...SINK, topics: 'json', file: file('json.txt') },
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
      ...{
        transforms: 'whole,none',
        'transforms.whole.type': 'Cast$Value',
        'transforms.whole.spec': 'n:int32',
      },
      ...{ 'transforms.none.type': 'Filter', 'transforms.none.predicate': 'empty' },
      ...{ predicates: 'empty', 'predicates.empty.type': 'RecordIsTombstone' },
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': 'json-dead',
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
    });
    const producer = client.producer();
    for (const value of ['{"n":1}', '{', null, '{"n":"many"}', '{"n":2.0}'])
      await producer.send({
        ...{ topic: 'json', partition: 1, key: Buffer.from('k') },
        value: value === null ? null : Buffer.from(value),
        headers: [{ key: 'own', value: Buffer.from('x') }],
      });
    await producer.close();
    await arrives('{n=2}', 'json.txt');
    expect(sunk('json.txt')).toBe('{n=1}\n{n=2}\n');
    const [dead, uncast] = await recordsOf('json-dead', 2);
    expect(uncast?.value?.toString()).toBe('{"n":"many"}');
    expect(uncast?.headers.map(({ key, value }) => [key, value?.toString()])).toEqual(
      expect.arrayContaining([
        ['__connect.errors.stage', 'TRANSFORMATION'],
        ['__connect.errors.class.name', 'org.apache.kafka.connect.transforms.Cast$Value'],
        ['__connect.errors.exception.message', 'Value (many) was out of range for requested data type'],
      ]),
    );
    expect([dead?.key?.toString(), dead?.value?.toString()]).toEqual(['k', '{']);
    const headers = Object.fromEntries(
      (dead?.headers ?? []).map(({ key, value }) => [key, value?.toString() ?? null]),
    );
    expect(headers).toMatchObject({
      own: 'x',
      '__connect.errors.topic': 'json',
      '__connect.errors.partition': '1',
      '__connect.errors.offset': '1',
      '__connect.errors.connector.name': 'strict',
      '__connect.errors.task.id': '0',
      '__connect.errors.stage': 'VALUE_CONVERTER',
      '__connect.errors.class.name': 'org.apache.kafka.connect.json.JsonConverter',
      '__connect.errors.exception.class.name': 'org.apache.kafka.connect.errors.DataException',
    });
  });

  test('a task that fails makes its connector FAILED with the reason, and RUNNING again when it runs', async () => {
    const producer = client.producer();
    await producer.send({ topic: 'json', partition: 0, value: Buffer.from('no json') });
    await producer.close();
    // It works before its state is RUNNING, and may be updated only then.
    await becomes('strict', 'RUNNING');
    expect(await update('strict', { 'errors.tolerance': 'none' })).toMatchObject({
      connectorOperationState: 'UPDATE_COMPLETE',
    });
    const more = client.producer();
    await more.send({ topic: 'json', partition: 0, value: Buffer.from('no json either') });
    await more.close();
    expect(await becomes('strict', 'FAILED')).toMatch(/Tolerance exceeded in error handler/);
    await aws.send(new DeleteConnectorCommand({ connectorArn: connectorArn('strict') }));
  });

  test('records are in objects of S3 once each, also when workers are killed', async () => {
    const server = new S3TestServer();
    server.createBucket('archive');
    const endpoint = await server.listen(await freePort());
    await client.admin.topics.create({
      ...{ name: 'events', partitions: 2, replicationFactor: 1, configs: new Map() },
    });
    await asked('archive', {
      ...{ 'connector.class': 'io.confluent.connect.s3.S3SinkConnector', topics: 'events', 'tasks.max': '2' },
      ...{ 's3.bucket.name': 'archive', 's3.region': TEST_REGION, 'store.url': endpoint },
      'aws.access.key.id': TEST_CREDENTIALS.accessKeyId,
      'aws.secret.access.key': TEST_CREDENTIALS.secretAccessKey,
      ...{ 'format.class': 'io.confluent.connect.s3.format.json.JsonFormat', 's3.compression.type': 'gzip' },
      ...{ 'flush.size': '40', 'rotate.schedule.interval.ms': '1000', timezone: 'UTC' },
      ...JSON_VALUES,
    });
    await becomes('archive', 'RUNNING');
    const producer = client.producer();
    const stored = () =>
      server
        .keys('archive')
        .flatMap((key) => gunzipSync(server.object('archive', key).body).toString().split('\n'))
        .filter((line) => line !== '')
        .map((line) => Number(JSON.parse(line).n))
        .sort((one, other) => one - other);
    for (let round = 0; round < 3; round++) {
      for (let n = round * 100; n < (round + 1) * 100; n++)
        await producer.send({ topic: 'events', partition: n % 2, value: Buffer.from(JSON.stringify({ n })) });
      await eventually('some are stored', () => stored().length > round * 100);
      expect(workersOf('archive')).toHaveLength(1);
      for (const pid of workersOf('archive')) process.kill(pid, 'SIGKILL');
    }
    await producer.close();
    await eventually('all are stored', () => stored().length >= 300);
    expect(stored()).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect((await described('archive')).connectorConfiguration?.['aws.secret.access.key']).toBe('[hidden]');
    await aws.send(new DeleteConnectorCommand({ connectorArn: connectorArn('archive') }));
    await eventually('its workers are gone', () => workersOf('archive').length === 0);
    await server.close();
  });

  test('a connector whose worker others kill while it is created comes to run all the same', async () => {
    writeFileSync(file('killed.txt'), 'of one that was killed\n');
    await asked('killed', { ...SOURCE, file: file('killed.txt') });
    const killed = new Set<number>();
    for (let kills = 1; kills <= 5; kills++)
      await eventually(`worker ${kills} is killed`, () => {
        const pid = workersOf('killed').find((one) => !killed.has(one));
        if (pid === undefined) return false;
        process.kill(pid, 'SIGKILL');
        killed.add(pid);
        return true;
      });
    await becomes('killed', 'RUNNING');
    await aws.send(new DeleteConnectorCommand({ connectorArn: connectorArn('killed') }));
    await eventually('its worker is gone', () => workersOf('killed').length === 0);
  });

  test('documents are in OpenSearch at their last version, and refused ones in the dead-letter queue', async () => {
    const server = new OpenSearchTestServer();
    const url = await server.listen(await freePort());
    server.indexes.set('orders', new Map());
    server.mappings.set('orders', { properties: { n: { type: 'integer' } } });
    await client.admin.topics.create({
      ...{ name: 'orders', partitions: 1, replicationFactor: 1, configs: new Map() },
    });
    await asked('search', {
      'connector.class': 'io.aiven.kafka.connect.opensearch.OpensearchSinkConnector',
      ...{ topics: 'orders', 'connection.url': url, 'behavior.on.null.values': 'delete' },
      ...{ 'key.converter': 'org.apache.kafka.connect.storage.StringConverter', ...JSON_VALUES },
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': 'orders-dead',
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
    });
    await becomes('search', 'RUNNING');
    const producer = client.producer();
    const send = (key: string, value: string | null) =>
      producer.send({
        topic: 'orders',
        key: Buffer.from(key),
        value: value === null ? null : Buffer.from(value),
      });
    const documents = () =>
      Object.fromEntries(
        [...(server.indexes.get('orders') ?? [])].flatMap(([id, { source }]) =>
          source ? [[id, source.n]] : [],
        ),
      );
    for (let n = 0; n < 90; n++) {
      await send(`k${n % 3}`, `{"n":${n}}`);
      if (n === 30) await send('bad', '{"n":"no number"}');
      if (n % 40 !== 39) continue;
      await eventually(`document ${n} is there`, () => documents()[`k${n % 3}`] === n);
      expect(workersOf('search')).toHaveLength(1);
      for (const pid of workersOf('search')) process.kill(pid, 'SIGKILL');
    }
    await send('k1', null);
    await producer.close();
    const last = { k0: 87, k2: 89 };
    await eventually('all are there', () => JSON.stringify(documents()) === JSON.stringify(last));
    const [dead] = await recordsOf('orders-dead', 1);
    expect(dead?.value?.toString()).toBe('{"n":"no number"}');
    const headers = Object.fromEntries(
      (dead?.headers ?? []).map(({ key, value }) => [key, value?.toString()]),
    );
    expect(headers['__connect.errors.exception.message']).toContain(
      'failed to parse field [n] of type [integer]',
    );
    await aws.send(new DeleteConnectorCommand({ connectorArn: connectorArn('search') }));
    await eventually('its workers are gone', () => workersOf('search').length === 0);
    await server.close();
  });

  test('a deleted connector has neither workers nor a group member', async () => {
    for (const name of ['source', 'sink'])
      await aws.send(new DeleteConnectorCommand({ connectorArn: connectorArn(name) }));
    await eventually('no worker is left', () => workersBelow(join(millrace.data, 'connect')).length === 0);
    const { members, offsets } = await client.admin.groups.describe('connect-sink');
    expect(members).toEqual([]);
    expect(offsets.every(({ lag }) => (lag ?? 0) <= 1)).toBe(true);
  });
});
