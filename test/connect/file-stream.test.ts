import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateConnectorCommand,
  type CreateConnectorCommandInput,
  CreateCustomPluginCommand,
  DeleteConnectorCommand,
  DescribeConnectorCommand,
  DescribeConnectorOperationCommand,
  KafkaConnectClient,
  ListConnectorOperationsCommand,
  PauseConnectorCommand,
  RestartConnectorCommand,
  ResumeConnectorCommand,
  UpdateConnectorCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { workersBelow } from '../../src/connect/worker/running-workers.ts';
import { eventually, Millrace } from '../support/millrace.ts';

/**
 * Connectors in a real worker of Kafka Connect: lines of a file become records, and records lines of another file. One cluster and two
 * connectors are shared by all tests of this file, which go on from where the one before left them.
 */

const jars = kafkaJars('connect');
const STARTS_MS = 120_000;

describe.skipIf(jars === null)('file connectors in a worker of Kafka Connect', () => {
  let millrace: Millrace;
  let aws: KafkaConnectClient;
  let plugin: string;
  const arns = new Map<string, string>();
  const file = (name: string) => join(millrace.data, name);
  const arn = (name: string) => arns.get(name) ?? '';

  beforeAll(async () => {
    millrace = await Millrace.up(['--brokers', '1', '--kafka-home', jars ?? '']);
    connect();
    const bucket = join(millrace.data, 'buckets/plugins');
    mkdirSync(bucket, { recursive: true });
    const jar = 'connect-file-4.3.1.jar';
    cpSync(join(jars ?? '', jar), join(bucket, jar));
    const { customPluginArn = '' } = await aws.send(
      new CreateCustomPluginCommand({
        name: 'files',
        contentType: 'JAR',
        location: { s3Location: { bucketArn: 'arn:aws:s3:::plugins', fileKey: jar } },
      }),
    );
    plugin = customPluginArn;
  });
  afterAll(() => millrace[Symbol.asyncDispose]());

  function connect(): void {
    aws = new KafkaConnectClient({
      endpoint: millrace.ready.api,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
  }

  async function create(
    connectorName: string,
    connectorConfiguration: Record<string, string>,
    more: Partial<CreateConnectorCommandInput> = {},
  ): Promise<void> {
    const { connectorArn = '' } = await aws.send(
      new CreateConnectorCommand({
        connectorName,
        capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 1 } },
        connectorConfiguration,
        kafkaCluster: {
          apacheKafkaCluster: {
            bootstrapServers: millrace.ready.clusters[0]?.bootstrap,
            vpc: { subnets: ['subnet-a'], securityGroups: [] },
          },
        },
        kafkaClusterClientAuthentication: { authenticationType: 'NONE' },
        kafkaClusterEncryptionInTransit: { encryptionType: 'PLAINTEXT' },
        kafkaConnectVersion: '4.3.1',
        plugins: [{ customPlugin: { customPluginArn: plugin, revision: 1 } }],
        serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/connect',
        ...more,
      }),
    );
    arns.set(connectorName, connectorArn);
  }

  const described = (name: string) => aws.send(new DescribeConnectorCommand({ connectorArn: arn(name) }));

  async function becomes(name: string, state: string): Promise<void> {
    await eventually(
      `${name} is ${state}`,
      async () => {
        const { connectorState, stateDescription } = await described(name);
        if (connectorState === 'FAILED' && state !== 'FAILED') throw new Error(stateDescription?.message);
        return connectorState === state;
      },
      STARTS_MS,
    );
  }

  const sunk = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');
  const arrives = (line: string, name = 'sink.txt') =>
    eventually(`${line} arrives`, () => sunk(name).includes(`${line}\n`), STARTS_MS);

  async function ends(connectorOperationArn: string | undefined): Promise<string | undefined> {
    let state: string | undefined;
    await eventually(
      'the operation ends',
      async () => {
        const operation = await aws.send(new DescribeConnectorOperationCommand({ connectorOperationArn }));
        state = operation.connectorOperationState;
        return operation.endTime !== undefined;
      },
      STARTS_MS,
    );
    return state;
  }

  test('lines of a file come out of another one, through a topic', async () => {
    writeFileSync(file('source.txt'), 'first\nsecond\n');
    await create('source', {
      'connector.class': 'FileStreamSource',
      'tasks.max': '1',
      file: file('source.txt'),
      topic: 'lines',
    });
    await create('sink', {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
      'tasks.max': '1',
      file: file('sink.txt'),
      topics: 'lines',
      'consumer.override.auto.offset.reset': 'earliest',
    });
    await becomes('source', 'RUNNING');
    await becomes('sink', 'RUNNING');
    await arrives('second');
    expect(sunk('sink.txt')).toBe('first\nsecond\n');
  });

  test('a worker that is killed is replaced, and goes on where it was', async () => {
    const [worker] = workersBelow(join(millrace.data, 'connect'));
    expect(worker).toBeDefined();
    for (const { pid } of workersBelow(join(millrace.data, 'connect'))) process.kill(pid, 'SIGKILL');
    appendFileSync(file('source.txt'), 'after the kill\n');
    await arrives('after the kill');
    expect(sunk('sink.txt')).toMatch(/^first\nsecond\n/);
    for (const name of ['source', 'sink'])
      await eventually(
        `${name} is RUNNING`,
        async () => (await described(name)).connectorState === 'RUNNING',
        STARTS_MS,
      );
  });

  test('after a kill -9 of the control plane the workers go on, and the next start has them again', async () => {
    const pids = () =>
      workersBelow(join(millrace.data, 'connect'))
        .map(({ pid }) => pid)
        .sort();
    const before = pids();
    expect(before).toHaveLength(2);
    const ended = new Promise((done) => millrace.child.once('exit', done));
    millrace.child.kill('SIGKILL');
    await ended;
    appendFileSync(file('source.txt'), 'without a control plane\n');
    await arrives('without a control plane');
    millrace = await Millrace.up(['--no-cluster', '--kafka-home', jars ?? ''], millrace);
    connect();
    expect((await described('source')).connectorState).toBe('RUNNING');
    expect(pids()).toEqual(before);
  });

  test('a paused connector moves nothing until it is resumed', async () => {
    const paused = await aws.send(new PauseConnectorCommand({ connectorArn: arn('sink') }));
    expect(await ends(paused.connectorOperationArn)).toBe('PAUSE_COMPLETE');
    expect((await described('sink')).connectorState).toBe('PAUSED');
    appendFileSync(file('source.txt'), 'while it was paused\n');
    const resumed = await aws.send(new ResumeConnectorCommand({ connectorArn: arn('sink') }));
    expect(await ends(resumed.connectorOperationArn)).toBe('RESUME_COMPLETE');
    await arrives('while it was paused');
  });

  test('an update changes the configuration in place', async () => {
    const { connectorConfiguration, currentVersion } = await described('sink');
    const { connectorOperationArn } = await aws.send(
      new UpdateConnectorCommand({
        connectorArn: arn('sink'),
        currentVersion,
        connectorConfiguration: { ...connectorConfiguration, file: file('other.txt') },
      }),
    );
    expect(await ends(connectorOperationArn)).toBe('UPDATE_COMPLETE');
    const operation = await aws.send(new DescribeConnectorOperationCommand({ connectorOperationArn }));
    expect(operation.operationSteps?.map(({ stepState }) => stepState)).toEqual(Array(4).fill('COMPLETED'));
    appendFileSync(file('source.txt'), 'elsewhere\n');
    await arrives('elsewhere', 'other.txt');
  });

  test('an update that the connector refuses ends UPDATE_FAILED with its reason, and changes nothing', async () => {
    const { connectorConfiguration, currentVersion } = await described('sink');
    const { connectorOperationArn } = await aws.send(
      new UpdateConnectorCommand({
        connectorArn: arn('sink'),
        currentVersion,
        connectorConfiguration: { ...connectorConfiguration, 'tasks.max': 'many' },
      }),
    );
    expect(await ends(connectorOperationArn)).toBe('UPDATE_FAILED');
    const { errorInfo, operationSteps } = await aws.send(
      new DescribeConnectorOperationCommand({ connectorOperationArn }),
    );
    expect(errorInfo?.message).toMatch(/many/);
    expect(operationSteps?.map(({ stepState }) => stepState)).toEqual([
      'COMPLETED',
      'FAILED',
      'CANCELLED',
      'CANCELLED',
    ]);
    expect((await described('sink')).connectorConfiguration).toEqual(connectorConfiguration);
  });

  test('an update whose tasks fail is rolled back, and says so', async () => {
    const { connectorConfiguration, currentVersion } = await described('sink');
    const { connectorOperationArn } = await aws.send(
      new UpdateConnectorCommand({
        connectorArn: arn('sink'),
        currentVersion,
        connectorConfiguration: { ...connectorConfiguration, file: file('no/such/folder.txt') },
      }),
    );
    expect(await ends(connectorOperationArn)).toBe('UPDATE_FAILED');
    const { errorInfo } = await aws.send(new DescribeConnectorOperationCommand({ connectorOperationArn }));
    expect(errorInfo?.message).toMatch(/no\/such\/folder\.txt/);
    expect(await described('sink')).toMatchObject({ connectorState: 'RUNNING', connectorConfiguration });
    appendFileSync(file('source.txt'), 'back again\n');
    await arrives('back again', 'other.txt');
  });

  test('a restart is an operation, and all operations are listed', async () => {
    const restarted = await aws.send(new RestartConnectorCommand({ connectorArn: arn('sink') }));
    expect(await ends(restarted.connectorOperationArn)).toBe('RESTART_COMPLETE');
    const { connectorOperations } = await aws.send(
      new ListConnectorOperationsCommand({ connectorArn: arn('sink') }),
    );
    expect(connectorOperations?.map(({ connectorOperationState }) => connectorOperationState)).toEqual([
      'RESTART_COMPLETE',
      'UPDATE_FAILED',
      'UPDATE_FAILED',
      'UPDATE_COMPLETE',
      'RESUME_COMPLETE',
      'PAUSE_COMPLETE',
    ]);
  });

  test('nobody without the password of the control plane can speak to a worker', async () => {
    const [worker] = workersBelow(join(millrace.data, 'connect'));
    const life: unknown = JSON.parse(readFileSync(join(worker?.folder ?? '', 'life.json'), 'utf8'));
    const port = typeof life === 'object' && life !== null && 'port' in life ? life.port : 0;
    const { status } = await fetch(`http://127.0.0.1:${port}/connectors`);
    expect(status).toBe(401);
  });

  test('a deleted connector has neither workers nor a folder', async () => {
    for (const name of ['source', 'sink']) {
      await aws.send(new DeleteConnectorCommand({ connectorArn: arn(name) }));
      await eventually(`${name} is gone`, async () => {
        try {
          await described(name);
          return false;
        } catch (error) {
          if (error instanceof Error && error.name === 'NotFoundException') return true;
          throw error;
        }
      });
    }
    expect(workersBelow(join(millrace.data, 'connect'))).toEqual([]);
  });
});
