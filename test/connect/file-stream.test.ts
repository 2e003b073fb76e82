import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import * as kafka from '@aws-sdk/client-kafka';
import {
  type CreateConnectorCommandInput,
  CreateCustomPluginCommand,
  CreateWorkerConfigurationCommand,
  DeleteConnectorCommand,
  DeleteCustomPluginCommand,
  DescribeConnectorCommand,
  DescribeConnectorOperationCommand,
  DescribeCustomPluginCommand,
  KafkaConnectClient,
  ListConnectorOperationsCommand,
  PauseConnectorCommand,
  RestartConnectorCommand,
  ResumeConnectorCommand,
  UpdateConnectorCommand,
} from '@aws-sdk/client-kafkaconnect';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { silent } from '../../src/base/log.ts';
import { zipBytes } from '../../src/connect/plugins/zip-bytes.ts';
import { workersBelow } from '../../src/connect/worker/running-workers.ts';
import { authorization } from '../../src/connect/worker/worker-files.ts';
import { memberBean, metricsIn, taskBean } from '../../src/connect/worker/worker-metrics.ts';
import { SealedStore } from '../../src/control/sealed/sealed-store.ts';
import { KafkaClient } from '../../src/kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../src/kafka-client/kafka-client-error.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { answered } from '../support/answered.ts';
import { run } from '../support/kafka-tools.ts';
import { filesWith } from '../support/live-folder.ts';
import { eventually, Millrace } from '../support/millrace.ts';
import { secret } from '../support/secrets/secret.ts';
import { DECIDED_MS } from './decided.ts';

/**
 * Connectors in a real worker of Kafka Connect: lines of a file become records, and records become lines of
 * another file. All tests of this file share one cluster and two connectors, and each continues from the
 * state that the test before it left.
 */

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');
const jars = kafkaJars('connect');
const STARTS_MS = 120_000;
const OPERATORS_KEY = 'a-key-of-the-operator';
const PASSWORD = `of "users" \\ ${secret('all')}`;

describe.skipIf(jars === null)('file connectors in a worker of Kafka Connect', () => {
  let millrace: Millrace;
  let aws: KafkaConnectClient;
  let plugin: string;
  let files: string;
  const arns = new Map<string, string>();
  const file = (name: string) => join(files, name);
  const arn = (name: string) => arns.get(name) ?? '';

  beforeAll(async () => {
    const passwords = mkdtempSync(join(tmpdir(), 'millrace-users-'));
    const users = ['alice', 'bob'].map((user) => {
      writeFileSync(join(passwords, user), `${PASSWORD}\n`, { mode: 0o600 });
      return `${user}:${join(passwords, user)}`;
    });
    files = mkdtempSync(join(tmpdir(), 'millrace-files-'));
    // The workers may run as other users.
    chmodSync(files, 0o777);
    millrace = await Millrace.up(
      ['--brokers', '1', '--scram', users.join(), ...connectOptions()],
      undefined,
      {
        args: [],
        env: { AWS_SECRET_ACCESS_KEY: OPERATORS_KEY },
      },
    );
    rmSync(passwords, { recursive: true });
    connectAws();
    mkdirSync(bucket(), { recursive: true });
    const jar = 'connect-file-4.3.1.jar';
    cpSync(join(jars ?? '', jar), join(bucket(), jar));
    plugin = await createPlugin('files', jar);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    rmSync(files, { recursive: true });
  });

  const connectOptions = () => ['--kafka-home', jars ?? '', '--connect-files', files];

  function connectAws(): void {
    aws = new KafkaConnectClient({
      endpoint: millrace.ready.api,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
  }

  const bucket = () => join(millrace.data, 'buckets/plugins');

  async function createPlugin(name: string, fileKey: string): Promise<string> {
    const { customPluginArn = '' } = await aws.send(
      new CreateCustomPluginCommand({
        name,
        contentType: 'JAR',
        location: { s3Location: { bucketArn: 'arn:aws:s3:::plugins', fileKey } },
      }),
    );
    await eventually(
      `${name} is loaded`,
      async () => {
        const { customPluginState } = await aws.send(new DescribeCustomPluginCommand({ customPluginArn }));
        return customPluginState !== 'CREATING';
      },
      DECIDED_MS,
    );
    return customPluginArn;
  }

  async function create(
    connectorName: string,
    connectorConfiguration: Record<string, string>,
    more: Partial<CreateConnectorCommandInput> = {},
  ): Promise<void> {
    const wish = {
      connectorName,
      capacity: { provisionedCapacity: { mcuCount: 1, workerCount: 1 } },
      connectorConfiguration,
      kafkaCluster: {
        apacheKafkaCluster: {
          bootstrapServers: millrace.ready.clusters[0]?.bootstrap,
          vpc: { subnets: ['subnet-a'], securityGroups: [] },
        },
      },
      kafkaClusterClientAuthentication: { authenticationType: 'SCRAM', secretArn: 'AmazonMSK_alice' },
      kafkaClusterEncryptionInTransit: { encryptionType: 'TLS' },
      kafkaConnectVersion: '4.3.1',
      plugins: [{ customPlugin: { customPluginArn: plugin, revision: 1 } }],
      serviceExecutionRoleArn: 'arn:aws:iam::000000000000:role/connect',
      ...more,
    };
    // AWS's own client has no member for the secret.
    const response = await fetch(`${millrace.ready.api}/v1/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
    const answer: { connectorArn?: string } = JSON.parse(await response.text());
    const { connectorArn } = answer;
    if (connectorArn === undefined) throw new Error(JSON.stringify(answer));
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
      DECIDED_MS,
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
      DECIDED_MS,
    );
    return state;
  }

  async function deleted(name: string): Promise<void> {
    await aws.send(new DeleteConnectorCommand({ connectorArn: arn(name) }));
    await isDeleted(name);
  }

  /** The status of a request whose path is sent unchanged; `fetch` resolves dots itself. */
  function statusOfRaw(method: string, path: string): Promise<number | undefined> {
    const { hostname, port } = new URL(millrace.ready.api);
    return new Promise((resolve, reject) => {
      request({ hostname, port, path, method }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      })
        .once('error', reject)
        .end();
    });
  }

  async function isDeleted(name: string): Promise<void> {
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

  test('lines of a file come out of another one, through a topic', async () => {
    writeFileSync(file('source.txt'), 'first\nsecond\n');
    await create('source', {
      'connector.class': 'FileStreamSource',
      'tasks.max': '1',
      file: file('source.txt'),
      topic: 'lines',
    });
    await create(
      'sink',
      {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
        'tasks.max': '1',
        file: file('sink.txt'),
        topics: 'lines',
        'consumer.override.auto.offset.reset': 'earliest',
      },
      {
        logDelivery: {
          workerLogDelivery: {
            cloudWatchLogs: { enabled: true, logGroup: '/msk/sink' },
            s3: { enabled: true, bucket: 'logs', prefix: 'connect' },
          },
        },
      },
    );
    await becomes('source', 'RUNNING');
    await becomes('sink', 'RUNNING');
    await arrives('second');
    expect(sunk('sink.txt')).toBe('first\nsecond\n');
  });

  test('only the user of the workers gets to their topics, whatever is allowed where there are no ACLs', async () => {
    const ca = await (await fetch(`${millrace.ready.api}/ca.pem`)).text();
    const { hostname, port } = new URL(`kafka://${millrace.ready.clusters[0]?.bootstrap}`);
    const outcome = async (
      user: string,
      does: (client: KafkaClient) => Promise<unknown>,
    ): Promise<string> => {
      const client = clientOf(user, { host: hostname, port: Number(port) }, ca);
      try {
        await does(client);
        return 'done';
      } catch (error) {
        if (error instanceof KafkaClientError) return error.code;
        throw error;
      } finally {
        client.close();
      }
    };
    // A user with the right to read a topic may see it.
    const sees = (user: string, topic: string) =>
      outcome(user, (client) => client.admin.topics.describe(topic));
    const writes = (user: string, topic: string) =>
      outcome(user, async (client) => {
        const producer = client.producer();
        try {
          await producer.send({ topic, value: Buffer.from('was here') });
        } finally {
          await producer.close();
        }
      });
    expect(await sees('bob', 'lines')).toBe('done');
    for (const kind of ['configs', 'offsets', 'status']) {
      const topic = `__amazon_msk_connect_${kind}_source_${arn('source').split('/').pop()}`;
      expect(await sees('alice', topic)).toBe('done');
      expect(await sees('bob', topic)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
      expect(await writes('bob', topic)).toBe('TOPIC_AUTHORIZATION_FAILED');
    }
  });

  function clientOf(user: string, broker: { host: string; port: number }, ca: string): KafkaClient {
    return new KafkaClient(nodeWorld(silent), {
      bootstrap: [broker],
      clientId: 'another',
      tls: { serverCas: ca },
      login: { mechanism: 'SCRAM-SHA-512', user, password: PASSWORD },
    });
  }

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
    millrace = await Millrace.up(['--no-cluster', ...connectOptions()], millrace);
    connectAws();
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

  /** Changes the configuration as a user does: describes it, and sends it back with a difference. */
  async function update(name: string, difference: Record<string, string>, skipHealthValidation = false) {
    const { connectorConfiguration, currentVersion } = await described(name);
    const { connectorOperationArn } = await aws.send(
      new UpdateConnectorCommand({
        connectorArn: arn(name),
        currentVersion,
        connectorConfiguration: { ...connectorConfiguration, ...difference },
        skipHealthValidation,
      }),
    );
    await ends(connectorOperationArn);
    return aws.send(new DescribeConnectorOperationCommand({ connectorOperationArn }));
  }

  test('passwords reach the tasks, and are in no file, no topic and no answer', async () => {
    const first = 'correct horse = battery: staple';
    // Kafka would resolve the second half with a config provider if the password were not sealed.
    const second = ['tr0ub4dor&3 ', '{env:HOME}'].join('$');
    // `open` if the worker runs as the control plane's user: only then can the task read the store.
    let data = 'unknown';
    const digest = (user: string, password: string) =>
      `${user} ${createHash('sha256').update(password).digest('hex')} ${data}\n`;
    const tells = (text: string) =>
      eventually('the task has the password', () => sunk('digest.txt') === text, STARTS_MS);
    await create(
      'login',
      {
        'connector.class': 'LoginSource',
        'login.user': 'alice',
        'login.password': first,
        'client.sasl.jaas.config': first,
        'digest.file': file('digest.txt'),
        'other.file': join(millrace.data, 'control.db'),
      },
      { plugins: [{ customPlugin: { customPluginArn: await loginPlugin(), revision: 1 } }] },
    );
    expect((await described('login')).connectorConfiguration).toMatchObject({ 'login.password': '[hidden]' });
    const raw = await fetch(`${millrace.ready.api}/v1/connectors/${encodeURIComponent(arn('login'))}`);
    const [rights] = /A plugin runs (as the user \d+|with your rights)\./.exec(await raw.text()) ?? [];
    expect(rights).toBeDefined();
    data = rights?.includes('your rights') ? 'open' : 'closed';
    await becomes('login', 'RUNNING');
    await tells(digest('alice', first));
    const hidden = { 'login.password': '[hidden]', 'client.sasl.jaas.config': '[hidden]' };
    expect((await described('login')).connectorConfiguration).toMatchObject({
      'login.user': 'alice',
      ...hidden,
    });

    // The mask that was sent back stands for the password.
    const kept = await update('login', { 'login.user': 'bob' }, true);
    expect(kept).toMatchObject({
      connectorOperationState: 'UPDATE_COMPLETE',
      originConnectorConfiguration: { 'login.user': 'alice', ...hidden },
      targetConnectorConfiguration: { 'login.user': 'bob', ...hidden },
    });
    await tells(digest('bob', first));
    const worker = () =>
      workersBelow(join(millrace.data, 'connect')).find(({ pid }) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(
          arn('login').split('/').pop()?.slice(0, 36) ?? '-',
        ),
      );
    const before = worker();
    const properties = readFileSync(join(before?.folder ?? '', 'worker.properties'), 'utf8');
    expect(properties).toMatch(/^plugin\.discovery=service_load$/m);
    expect((await update('login', { 'login.password': second }, true)).connectorOperationState).toBe(
      'UPDATE_COMPLETE',
    );
    await tells(digest('bob', second));
    expect(worker()).toEqual(before);

    for (const secret of [first, second]) expect(filesWith(millrace.data, secret)).toEqual([]);
    for (const what of ['environ', 'cmdline'])
      for (const secret of [second, OPERATORS_KEY])
        expect(readFileSync(`/proc/${before?.pid}/${what}`, 'utf8')).not.toContain(secret);

    // If a plugin prints its password, its log has it; no answer of the API does.
    const failed = await update('login', { 'login.user': 'nobody' });
    expect(failed).toMatchObject({
      connectorOperationState: 'UPDATE_FAILED',
      errorInfo: { message: expect.stringContaining('nobody cannot sign in with [hidden]') },
    });
    const logs = await fetch(
      `${millrace.ready.api}/millrace/v1/connectors/${encodeURIComponent(arn('login'))}/logs?bytes=1048576`,
    );
    const text = await logs.text();
    const { workers }: { workers: { worker: string; position: number }[] } = JSON.parse(text);
    const after = workers.map(({ worker, position }) => `${worker}:${position}`).join();
    const more = await fetch(
      `${millrace.ready.api}/millrace/v1/connectors/${encodeURIComponent(arn('login'))}/logs?after=${after}`,
    );
    expect(await more.text()).not.toContain('nobody cannot sign in');
    expect(text).toContain('nobody cannot sign in with [hidden]');
    const own = 'org.apache.kafka.connect.cli.ConnectDistributed';
    expect(text).toContain(`The worker is ${own}, and its properties are there`);
    expect(text).not.toContain(second);
    for (const path of [
      '?expand=info&expand=status',
      '/login',
      '/login/config',
      '/login/tasks',
      '/login/status',
    ]) {
      const answer = await fetch(`${millrace.ready.api}/connect/connectors${path}`);
      const told = await answer.text();
      expect(answer.status, told).toBe(200);
      if (path !== '/login/status') expect(told).toContain('"login.password":"[hidden]"');
      for (const secret of [first, second, '{millrace:']) expect(told).not.toContain(secret);
    }
    expect(SealedStore.open(millrace.data).connectorValues.size).toBe(1);

    await update('login', { 'login.user': 'hungry' }, true);
    let outOfMemory: string | undefined;
    await eventually(
      'the worker has run out of memory',
      async () => {
        const { stateDescription } = await described('login');
        if (stateDescription?.code !== 'OUT_OF_MEMORY') return false;
        outOfMemory = stateDescription.message;
        return true;
      },
      DECIDED_MS,
    );
    expect(outOfMemory).toMatch(
      /^Worker 1 ran out of memory \(java\.lang\.OutOfMemoryError: Java heap space\)/,
    );
    await deleted('login');
    expect(SealedStore.open(millrace.data).connectorValues.size).toBe(0);
  });

  /**
   * A connector with a password, compiled with the JDK of Kafka's own tools. It has no manifest, so Millrace
   * adds one.
   */
  async function loginPlugin(): Promise<string> {
    const classes = mkdtempSync(join(millrace.data, 'classes-'));
    const source = join(import.meta.dirname, 'java/LoginSource.java');
    await compile([source], classes);
    const entries = readdirSync(classes).map((name) => ({ name, bytes: readFileSync(join(classes, name)) }));
    writeFileSync(join(bucket(), 'login.jar'), zipBytes(entries));
    rmSync(classes, { recursive: true });
    return createPlugin('login', 'login.jar');
  }

  test('a plugin is loaded by the Java that will run it before it is ACTIVE; one that fails is CREATE_FAILED with the stack trace', async () => {
    const parts = await compiled();
    const service = (type: string, name: string) => ({
      name: `META-INF/services/org.apache.kafka.connect.source.${type}`,
      bytes: `${name}\n`,
    });
    const put = (name: string, entries: readonly { name: string; bytes: Buffer | string }[]) =>
      writeFileSync(join(bucket(), `${name}.jar`), zipBytes(entries));
    const made = async (name: string) => {
      const pluginArn = await createPlugin(name, `${name}.jar`);
      const answer = await fetch(`${millrace.ready.api}/v1/custom-plugins/${encodeURIComponent(pluginArn)}`);
      const told: {
        customPluginState: string;
        stateDescription?: { code: string; message: string };
        classes: unknown[];
      } = JSON.parse(await answer.text());
      return { pluginArn, ...told };
    };

    // Its static initialiser throws.
    put('broken', [service('SourceConnector', 'BrokenSource'), ...parts('BrokenSource')]);
    const broken = await made('broken');
    expect(broken).toMatchObject({
      customPluginState: 'CREATE_FAILED',
      stateDescription: { code: 'LOAD_FAILED' },
    });
    expect(broken.stateDescription?.message).toMatch(
      /^Kafka Connect 4\.3\.1 cannot load BrokenSource:\njava\.lang\.ExceptionInInitializerError\n[\s\S]*Caused by: java\.lang\.IllegalStateException: no licence on this machine\n\tat BrokenSource/,
    );
    await expect(
      create('of-broken', { 'connector.class': 'BrokenSource' }, ofPlugin(broken)),
    ).rejects.toThrow(/is CREATE_FAILED: Kafka Connect 4\.3\.1 cannot load BrokenSource/);

    // The jar with the class of its tasks is missing, which shows when a task is made.
    put('taskless', [service('SourceConnector', 'WholeSource'), ...parts('WholeSource')]);
    expect((await made('taskless')).stateDescription?.message).toMatch(
      /cannot load WholeSource:\njava\.lang\.NoClassDefFoundError: WholeTask/,
    );

    // It has no manifests; one of its two connectors can be loaded.
    put('unnamed', parts('BrokenSource', 'WholeSource', 'WholeTask'));
    const unnamed = await made('unnamed');
    expect(unnamed).toMatchObject({
      customPluginState: 'ACTIVE',
      classes: [{ class: 'WholeSource', type: 'source', version: 'whole-1' }],
      stateDescription: { code: 'CLASSES_LEFT_OUT' },
    });
    expect(readdirSync(join(millrace.data, 'connect/loads'))).toEqual([]);
  });

  const ofPlugin = ({ pluginArn }: { pluginArn: string }): Partial<CreateConnectorCommandInput> => ({
    plugins: [{ customPlugin: { customPluginArn: pluginArn, revision: 1 } }],
  });

  /**
   * Not synchronous: if nothing else runs here, the API may close the connection on which the next request is
   * sent.
   */
  async function compile(sources: readonly string[], classes: string): Promise<void> {
    await promisify(execFile)('javac', ['-cp', `${jars}/*`, '-d', classes, ...sources]);
  }

  /** The classes of java/plugins by their names, as entries of a jar. */
  async function compiled(): Promise<(...names: string[]) => { name: string; bytes: Buffer }[]> {
    const classes = mkdtempSync(join(millrace.data, 'classes-'));
    const sources = join(import.meta.dirname, 'java/plugins');
    const files = readdirSync(sources).map((name) => join(sources, name));
    await compile(files, classes);
    const all = new Map(readdirSync(classes).map((name) => [name, readFileSync(join(classes, name))]));
    rmSync(classes, { recursive: true });
    return (...names) =>
      names.map((name) => ({ name: `${name}.class`, bytes: all.get(`${name}.class`) ?? Buffer.alloc(0) }));
  }

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

  test('an update gives a connector another plugin and other converters, or what it had before', async () => {
    writeFileSync(file('renewed.txt'), '');
    chmodSync(file('renewed.txt'), 0o666);
    await create('renewed', {
      ...{ 'connector.class': 'FileStreamSink', file: file('renewed.txt'), topics: 'lines' },
      'consumer.override.auto.offset.reset': 'earliest',
    });
    await becomes('renewed', 'RUNNING');
    await arrives('second', 'renewed.txt');
    const newer = await createPlugin('files-newer', 'connect-file-4.3.1.jar');
    const converting = async (name: string, type: string) => {
      const text = `key.converter=${type}\nvalue.converter=${type}\n`;
      const propertiesFileContent = Buffer.from(text).toString('base64');
      const made = await aws.send(new CreateWorkerConfigurationCommand({ name, propertiesFileContent }));
      return { workerConfigurationArn: made.workerConfigurationArn ?? '', revision: 1 };
    };
    const change = async (wish: object) => {
      const { currentVersion } = await described('renewed');
      const { connectorOperationArn } = await aws.send(
        new UpdateConnectorCommand({ connectorArn: arn('renewed'), currentVersion, ...wish }),
      );
      const isDeletable = await aws.send(new DeleteCustomPluginCommand({ customPluginArn: newer })).then(
        () => true,
        () => false,
      );
      expect(isDeletable).toBe(false);
      const operation = () => aws.send(new DescribeConnectorOperationCommand({ connectorOperationArn }));
      await eventually(
        'the operation ends',
        async () => {
          // The new workers have something to read.
          appendFileSync(file('source.txt'), 'meanwhile\n');
          return (await operation()).endTime !== undefined;
        },
        DECIDED_MS,
      );
      return operation();
    };
    const plugins = [{ customPlugin: { customPluginArn: newer, revision: 1 } }];
    const before = await described('renewed');
    // Lines of the file are no JSON.
    const json = await converting('json', 'org.apache.kafka.connect.json.JsonConverter');
    expect(await change({ plugins, workerConfiguration: json })).toMatchObject({
      connectorOperationState: 'UPDATE_FAILED',
      originWorkerSetting: { plugins: before.plugins, useDefaultWorkerConfiguration: true },
      targetWorkerSetting: { plugins, workerConfiguration: json, useDefaultWorkerConfiguration: false },
    });
    const { plugins: same, workerConfiguration } = await described('renewed');
    expect({ same, workerConfiguration }).toEqual({ same: before.plugins, workerConfiguration: undefined });
    appendFileSync(file('source.txt'), 'strings again\n');
    await arrives('strings again', 'renewed.txt');
    // The sink writes a value as Java shows it.
    const bytes = await converting('bytes', 'org.apache.kafka.connect.converters.ByteArrayConverter');
    expect(await change({ plugins, workerConfiguration: bytes })).toMatchObject({
      connectorOperationState: 'UPDATE_COMPLETE',
    });
    expect(await described('renewed')).toMatchObject({ plugins, workerConfiguration: bytes });
    appendFileSync(file('source.txt'), 'as bytes\n');
    await eventually('bytes arrive', () => /\n\[B@[0-9a-f]+\n$/.test(sunk('renewed.txt')), STARTS_MS);
    await deleted('renewed');
    await aws.send(new DeleteCustomPluginCommand({ customPluginArn: newer }));
  });

  test('nobody without the password of the control plane can speak to a worker', async () => {
    const { port, metricsPort } = doorsOf('sink');
    for (const door of [`${port}/connectors`, `${metricsPort}/metrics`]) {
      await answered(401, fetch(`http://127.0.0.1:${door}`));
      const wrong = { headers: { authorization: authorization('guessed') } };
      await answered(401, fetch(`http://127.0.0.1:${door}`, wrong));
    }
  });

  /** The ports of a connector's only worker, and the header that it requires. */
  function doorsOf(name: string) {
    const folder = join(millrace.data, 'connect/connectors', arn(name).split('/').pop()?.slice(0, 36) ?? '-');
    const { port, metricsPort }: { port?: number; metricsPort?: number } = JSON.parse(
      readFileSync(join(folder, 'worker-1/life.json'), 'utf8'),
    );
    const password = readFileSync(join(folder, 'password'), 'utf8');
    return { port, metricsPort, headers: { authorization: authorization(password) } };
  }

  test('a worker tells by what it is seen that its tasks get on', async () => {
    const metrics = async (name: string) => {
      const { metricsPort, headers } = doorsOf(name);
      return metricsIn(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { headers })).json());
    };
    // A new task has not been called yet, and its consumer has sent no heartbeat.
    await eventually(
      'the sink is called',
      async () => {
        const sink = await metrics('sink');
        const putMs = sink.get(taskBean('sink', 0, 'sink-task-metrics'))?.['put-batch-avg-time-ms'];
        const heardSeconds = sink.get(memberBean('sink', 0))?.['last-heartbeat-seconds-ago'];
        return typeof putMs === 'number' && typeof heardSeconds === 'number' && heardSeconds >= 0;
      },
      STARTS_MS,
    );
    expect((await metrics('sink')).get(taskBean('sink', 0, 'connector-task-metrics'))).toBeDefined();
    expect((await metrics('source')).get(taskBean('source', 0, 'source-task-metrics'))).toMatchObject({
      'source-record-active-count': 0,
      'source-record-write-total': expect.any(Number),
    });
    const scraped = await (await fetch(`${millrace.ready.api}/metrics`)).text();
    for (const name of ['worker_count', 'running_task_count'])
      expect(scraped).toMatch(new RegExp(`^aws_kafkaconnect_${name}\\{connector_name="sink"\\} 1$`, 'm'));
    expect(scraped).toMatch(/^aws_kafkaconnect_sink_record_read_rate\{connector_name="sink"\} \d/m);
  });

  test("the command shows, sets and forgets the offsets of connectors of Kafka Connect's workers", async () => {
    const offsets = async (...words: readonly string[]) => {
      const args = ['connect', 'offsets', ...words, '--api', millrace.ready.api, '--json'];
      const { status, stdout, stderr } = await run(process.execPath, [PROGRAM, ...args]);
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout).offsets;
    };
    const times = (line: string) => sunk('other.txt').split(`${line}\n`).length - 1;
    const partition = { filename: file('source.txt') };
    expect(await offsets('source')).toEqual([
      { partition, offset: { position: statSync(file('source.txt')).size } },
    ]);
    const [inTopic] = await offsets('sink');
    expect(inTopic).toEqual({
      partition: { kafka_topic: 'lines', kafka_partition: expect.any(Number) },
      offset: { kafka_offset: expect.any(Number) },
    });

    // The source begins at the start of its file again: its lines are in the topic once more.
    expect(times('first')).toBe(0);
    writeFileSync(file('to.json'), JSON.stringify({ offsets: [{ partition, offset: { position: 0 } }] }));
    expect(await offsets('source', '--to', file('to.json'), '--yes')).toEqual([
      { partition, offset: { position: 0 } },
    ]);
    await becomes('source', 'RUNNING');
    await eventually('the first line arrives again', () => times('first') === 1, STARTS_MS);

    // The sink has read nothing, as far as its group knows: both copies arrive.
    expect(await offsets('sink', '--reset', '--yes')).toEqual([]);
    await becomes('sink', 'RUNNING');
    await eventually('the topic is read from its start', () => times('first') === 3, STARTS_MS);
  });

  test("Kafka Connect's own REST interface is below one address, and what it changes is MSK Connect's own", async () => {
    const asks = async (method: string, path: string, body?: object) => {
      const response = await fetch(`${millrace.ready.api}/connect${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    };
    expect(await asks('GET', '/connectors')).toEqual({ status: 200, body: ['sink', 'source'] });
    expect((await asks('GET', '/connectors?expand=status&expand=info')).body).toMatchObject({
      sink: { status: { connector: { state: 'RUNNING' }, type: 'sink' }, info: { config: { name: 'sink' } } },
      source: { status: { tasks: [{ id: 0, state: 'RUNNING' }] }, info: { type: 'source' } },
    });
    expect((await asks('GET', '/')).body).toMatchObject({ version: '4.3.1' });
    expect((await asks('GET', '/connector-plugins')).body).toContainEqual(
      expect.objectContaining({ class: 'org.apache.kafka.connect.file.FileStreamSinkConnector' }),
    );
    const { body: config } = await asks('GET', '/connectors/sink/config');
    const validated = await asks('PUT', '/connector-plugins/FileStreamSink/config/validate', {
      ...config,
      'tasks.max': 'many',
    });
    await answered(200, validated);
    expect(JSON.stringify(validated.body)).toContain('Invalid value many');
    // The answer would show what the config provider finds.
    const refers = { ...config, topics: ['$', '{vault:topics}'].join('') };
    await answered(400, asks('PUT', '/connector-plugins/FileStreamSink/config/validate', refers));

    const refused = await asks('PATCH', '/connectors/sink/config', { 'tasks.max': 'many' });
    expect(refused).toMatchObject({ status: 400, body: { error_code: 400, message: /many/ } });
    const changed = await asks('PATCH', '/connectors/sink/config', { file: file('patched.txt') });
    expect(changed).toMatchObject({ status: 200, body: { config: { file: file('patched.txt') } } });
    const { connectorOperations = [] } = await aws.send(
      new ListConnectorOperationsCommand({ connectorArn: arn('sink') }),
    );
    expect(connectorOperations[0]).toMatchObject({
      connectorOperationType: 'UPDATE_CONNECTOR_CONFIGURATION',
    });
    // On a slow machine the answer does not wait for the end.
    expect(await ends(connectorOperations[0]?.connectorOperationArn)).toBe('UPDATE_COMPLETE');
    appendFileSync(file('source.txt'), 'patched\n');
    await arrives('patched', 'patched.txt');

    // Begins at the start again, which only a stopped connector can do.
    await answered(400, asks('DELETE', '/connectors/sink/offsets'));
    await answered(204, asks('PUT', '/connectors/sink/stop'));
    expect((await described('sink')).connectorState).toBe('PAUSED');
    // Its task may still be leaving the group.
    await eventually(
      'the offsets are reset',
      async () => (await asks('DELETE', '/connectors/sink/offsets')).status === 200,
    );
    expect(await asks('GET', '/connectors/sink/offsets')).toMatchObject({ body: { offsets: [] } });
    await answered(202, asks('PUT', '/connectors/sink/resume'));
    await becomes('sink', 'RUNNING');
    await eventually(
      'the first line arrives again',
      () => sunk('patched.txt').includes('first\n'),
      STARTS_MS,
    );
    expect(await asks('POST', '/connectors/sink/restart?includeTasks=true')).toMatchObject({
      ...{ status: 202, body: { name: 'sink' } },
    });
    await becomes('sink', 'RUNNING');
    await answered(404, asks('GET', '/connectors/none/status'));
    // kcctl sets loggers this way, and prints their names.
    const level = { level: 'DEBUG' };
    const logger = '/admin/loggers/org.apache.kafka.connect.runtime.WorkerTask';
    expect(await asks('PUT', logger, level)).toMatchObject({
      ...{ status: 200, body: ['org.apache.kafka.connect.runtime.WorkerTask'] },
    });
    await answered(204, asks('PUT', `${logger}?scope=cluster`, level));
    expect((await asks('GET', logger)).body).toMatchObject(level);
    // A path that leaves the loggers would reach everything else of a worker, past MSK Connect.
    expect(await statusOfRaw('PUT', '/connect/admin/loggers/%2e%2e/%2e%2e/connectors/sink/pause')).toBe(404);
    expect(await statusOfRaw('PUT', '/connect/admin/loggers/../../connectors/sink/pause')).toBe(404);
    expect((await asks('GET', '/connectors/sink/status')).body).toMatchObject({
      connector: { state: 'RUNNING' },
    });
    await answered(204, asks('DELETE', '/connectors/source'));
    await isDeleted('source');
    expect((await asks('GET', '/connectors')).body).toEqual(['sink']);
  });

  test('workers sign in by the certificate that is issued to their connector, and may do what ACLs let it', async () => {
    const words = async (...command: string[]): Promise<string> => {
      const told = await run(process.execPath, [PROGRAM, ...command, '--api', millrace.ready.api]);
      expect(told, `${command.join(' ')}: ${told.stderr}`).toMatchObject({ status: 0 });
      return told.stdout.trim();
    };
    const authority = await words('ca', 'create', 'workers');
    const ClusterArn = millrace.ready.clusters[0]?.arn;
    const msk = new kafka.KafkaClient({
      endpoint: millrace.ready.api,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    const cluster = async () =>
      (await msk.send(new kafka.DescribeClusterCommand({ ClusterArn }))).ClusterInfo;
    await msk.send(
      new kafka.UpdateSecurityCommand({
        ClusterArn,
        CurrentVersion: (await cluster())?.CurrentVersion,
        ClientAuthentication: {
          Sasl: { Scram: { Enabled: true } },
          Tls: { Enabled: true, CertificateAuthorityArnList: [authority] },
        },
      }),
    );
    await eventually(
      'the cluster believes the CA',
      async () => (await cluster())?.State === 'ACTIVE',
      STARTS_MS,
    );
    const { BootstrapBrokerStringTls } = await msk.send(new kafka.GetBootstrapBrokersCommand({ ClusterArn }));
    msk.destroy();

    // Only bob may write there.
    const topic = ['--topic', 'guarded', '--operation', 'All'];
    await words('acl', 'add', 'demo', '--allow-principal', 'User:bob', ...topic);
    writeFileSync(file('guarded.txt'), '');
    await create(
      'guarded',
      {
        ...{ 'connector.class': 'FileStreamSource', file: file('guarded.txt'), topic: 'guarded' },
        ...{ 'topic.creation.default.partitions': '1', 'topic.creation.default.replication.factor': '1' },
      },
      {
        kafkaCluster: {
          apacheKafkaCluster: {
            bootstrapServers: BootstrapBrokerStringTls,
            vpc: { subnets: ['subnet-a'], securityGroups: [] },
          },
        },
        kafkaClusterClientAuthentication: byCertificate(),
      },
    );
    await becomes('guarded', 'RUNNING');
    appendFileSync(file('guarded.txt'), 'from a certificate\n');
    await becomes('guarded', 'FAILED');
    expect((await described('guarded')).stateDescription?.message).toMatch(/authoriz/i);
    await words('acl', 'add', 'demo', '--allow-principal', 'User:CN=connect-guarded', ...topic);
    const isWritten = () =>
      filesWith(millrace.data, 'from a certificate').some((name) => name.includes('/guarded-0/'));
    await eventually('the line is in the topic', isWritten, STARTS_MS);
    const runs = async () => (await described('guarded')).connectorState === 'RUNNING';
    await eventually('guarded is RUNNING', runs, STARTS_MS);
    await deleted('guarded');
  });

  /** AWS's client has no member for it. */
  const byCertificate = () =>
    ({
      authenticationType: 'TLS',
    }) as unknown as CreateConnectorCommandInput['kafkaClusterClientAuthentication'];

  test('a connector moves to built-in workers and back, and loses and repeats nothing', async () => {
    const { workerConfigurationArn } = await aws.send(
      new CreateWorkerConfigurationCommand({
        name: 'moved',
        propertiesFileContent: Buffer.from(
          ['key', 'value']
            .map((role) => `${role}.converter=org.apache.kafka.connect.storage.StringConverter\n`)
            .concat('offset.storage.topic=moved-offsets\n')
            .join(''),
        ).toString('base64'),
      }),
    );
    const workerConfiguration = { workerConfigurationArn, revision: 1 };
    const source = {
      ...{ 'connector.class': 'FileStreamSource', file: file('moved-from.txt'), topic: 'moved' },
      ...{ 'topic.creation.default.partitions': '1', 'topic.creation.default.replication.factor': '1' },
    };
    const sink = {
      ...{ 'connector.class': 'FileStreamSink', file: file('moved-to.txt'), topics: 'moved' },
      'consumer.override.auto.offset.reset': 'earliest',
    };
    // Both kinds of workers have users of their own.
    writeFileSync(file('moved-to.txt'), '');
    chmodSync(file('moved-to.txt'), 0o666);
    let lines = '';
    for (const workers of ['Java', 'built in', 'Java again']) {
      const plugins = workers === 'built in' ? { plugins: [], kafkaConnectVersion: '3.7.x' } : {};
      // The next worker begins with a line that was written while none ran.
      appendFileSync(file('moved-from.txt'), `before ${workers}\n`);
      await create('moved-source', source, { workerConfiguration, ...plugins });
      await create('moved-sink', sink, plugins);
      for (const name of ['moved-source', 'moved-sink']) await becomes(name, 'RUNNING');
      await arrives(`before ${workers}`, 'moved-to.txt');
      appendFileSync(file('moved-from.txt'), `with ${workers}\n`);
      await arrives(`with ${workers}`, 'moved-to.txt');
      lines += `before ${workers}\nwith ${workers}\n`;
      expect(sunk('moved-to.txt')).toBe(lines);
      for (const name of ['moved-source', 'moved-sink']) await tellsTopics(name, workers);
      await Promise.all(['moved-source', 'moved-sink'].map(deleted));
    }
  });

  /** Each kind of workers answers the same of them (KIP-558). */
  async function tellsTopics(name: string, workers: string): Promise<void> {
    const address = `${millrace.ready.api}/connect/connectors/${name}/topics`;
    const tells = (topics: readonly string[]) =>
      eventually(
        `${name} (${workers}) tells ${JSON.stringify(topics)} of its topics`,
        async () => {
          const response = await fetch(address);
          return response.ok && (await response.text()) === JSON.stringify({ [name]: { topics } });
        },
        STARTS_MS,
      );
    await tells(['moved']);
    const reset = await fetch(`${address}/reset`, { method: 'PUT' });
    expect([reset.status, await reset.text()]).toEqual([202, '']);
    await tells([]);
  }

  test('a deleted connector has neither workers nor a folder', async () => {
    await deleted('sink');
    expect(workersBelow(join(millrace.data, 'connect'))).toEqual([]);
  });

  test('what its workers said is in its log group and its bucket, to the last line', () => {
    const id = arn('sink').split('/').pop() ?? '-';
    const below = (folder: string): Buffer[] =>
      readdirSync(join(millrace.data, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    const group = Buffer.concat(below('log-groups/msk/sink')).toString();
    const bucket = below(`buckets/logs/connect/AWSLogs/000000000000/KafkaConnectLogs/us-east-1/${id}`)
      .map((object) => gunzipSync(object).toString())
      .join('');
    for (const told of [group, bucket]) {
      expect(told).toMatch(
        /^\[Worker-[0-9a-f]{17}\] \[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] INFO .*Kafka Connect started/m,
      );
      expect(told, `it ends with:\n${told.slice(-10_000)}`).toMatch(/Kafka Connect stopped/);
    }
  });
});
