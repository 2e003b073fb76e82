import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  globSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ClusterInfo,
  CreateClusterCommand,
  DeleteClusterCommand,
  DescribeClusterCommand,
  GetBootstrapBrokersCommand,
  KafkaClient,
  ListClustersCommand,
} from '@aws-sdk/client-kafka';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SmallDisk } from '../faults/small-disk.ts';
import { freePort, freePorts } from '../support/free-port.ts';
import {
  brokerProcess,
  eventually,
  killIfThere,
  killProcessesNaming,
  Millrace,
  processesOf,
} from '../support/millrace.ts';
import { FIRST_POINT, STRIDE } from './crash-points.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');
const CRASH_POINT = join(import.meta.dirname, 'crash-point.ts');

const folders: string[] = [];
const started: Millrace[] = [];

/** Processes that a test left running in its folders must not reach the next test. */
afterEach(async () => {
  for (const { child } of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) {
    await killProcessesNaming(folder);
    rmSync(folder, { recursive: true, force: true });
  }
});

async function up(args: readonly string[], earlier?: { data: string; port: number }): Promise<Millrace> {
  const millrace = await Millrace.up(args, earlier);
  folders.push(millrace.data);
  started.push(millrace);
  return millrace;
}

function client(endpoint: string): KafkaClient {
  return new KafkaClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
}

function createCommand(name: string, brokers = 3): CreateClusterCommand {
  return new CreateClusterCommand({
    ClusterName: name,
    KafkaVersion: '3.9.x.kraft',
    NumberOfBrokerNodes: brokers,
    BrokerNodeGroupInfo: {
      InstanceType: 'kafka.m5.large',
      ClientSubnets: Array.from({ length: Math.min(brokers, 3) }, (_, zone) => `subnet-${zone}`),
    },
    EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'PLAINTEXT', InCluster: false } },
  });
}

async function stateOf(aws: KafkaClient, ClusterArn: string | undefined): Promise<string | undefined> {
  try {
    const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
    return ClusterInfo?.State;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return 'gone';
    throw error;
  }
}

async function createActive(aws: KafkaClient, name: string, brokers = 3): Promise<string> {
  const { ClusterArn = '' } = await aws.send(createCommand(name, brokers));
  await eventually('the cluster is ACTIVE', async () => {
    const { ClusterInfo } = await aws.send(new DescribeClusterCommand({ ClusterArn }));
    if (ClusterInfo?.State === 'FAILED') throw new Error(`FAILED: ${ClusterInfo.StateInfo?.Message}`);
    return ClusterInfo?.State === 'ACTIVE';
  });
  return ClusterArn;
}

async function killed(millrace: Millrace): Promise<void> {
  const ended = new Promise((done) => millrace.child.once('exit', done));
  millrace.child.kill('SIGKILL');
  await ended;
}

const pids = (data: string) => processesOf(data).map(({ pid }) => pid);

test('a cluster made with the SDK of AWS serves Kafka clients in every zone, and is gone with its data', async () => {
  const millrace = await up(['--no-cluster']);
  const aws = client(millrace.ready.api);
  const ClusterArn = await createActive(aws, 'first');
  const { BootstrapBrokerString = '' } = await aws.send(new GetBootstrapBrokersCommand({ ClusterArn }));

  const admin = new Kafka({ brokers: BootstrapBrokerString.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { brokers } = await admin.describeCluster();
  expect(brokers.map(({ host, port }) => `${host}:${port}`).sort()).toEqual(
    BootstrapBrokerString.split(',').sort(),
  );
  await admin.disconnect();

  expect(processesOf(millrace.data)).toHaveLength(4);
  await aws.send(new DeleteClusterCommand({ ClusterArn }));
  await eventually('it is gone', async () => (await stateOf(aws, ClusterArn)) === 'gone');
  expect(processesOf(millrace.data)).toEqual([]);
  expect(readdirSync(join(millrace.data, 'clusters'))).toEqual([]);
  await millrace.stop();
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s stops everything; the next start has the same clusters on the same ports',
  async (signal) => {
    const millrace = await up(['--cluster', 'kept', '--brokers', '1']);
    const ended = new Promise((done) => millrace.child.once('exit', done));
    millrace.child.kill(signal);
    expect(await ended).toBe(0);
    expect(processesOf(millrace.data)).toEqual([]);
    const again = await up(['--no-cluster'], millrace);
    expect(again.ready.clusters).toEqual(millrace.ready.clusters);
    await again.stop();
  },
);

test('after a kill -9 of the control plane the brokers serve on, and the next start adopts them', async () => {
  const millrace = await up(['--no-cluster']);
  const arn = await createActive(client(millrace.ready.api), 'orphaned');
  const before = pids(millrace.data);
  expect(before).toHaveLength(4);
  await killed(millrace);
  expect(pids(millrace.data)).toEqual(before);

  const again = await up(['--no-cluster', '--log-level', 'debug'], millrace);
  expect(await stateOf(client(again.ready.api), arn)).toBe('ACTIVE');
  expect(pids(again.data)).toEqual(before);
  // The nodes write the level that this control plane sets.
  await eventually('all four are told the level', () =>
    globSync(join(again.data, 'clusters/*/*/process.log')).every((log) =>
      readFileSync(log, 'utf8').includes('lines of level debug and above'),
    ),
  );

  // Adopted processes are supervised like children.
  const broker = brokerProcess(again.data, 2);
  if (broker === null) throw new Error('broker 2 has no process');
  process.kill(broker, 'SIGKILL');
  await eventually('broker 2 runs again', () => ![null, broker].includes(brokerProcess(again.data, 2)));
  await again.stop();
  expect(pids(again.data)).toEqual([]);
});

test('a data folder may lie deeper than the path of a socket may be long', async () => {
  const top = mkdtempSync(join(tmpdir(), 'millrace-deep-'));
  folders.push(top);
  const data = join(top, ...Array.from({ length: 12 }, () => 'a-folder-in-a-folder'));
  const ports = ['--kafka-port', String(await freePorts())];
  const millrace = await up(['--no-cluster', ...ports], { data, port: await freePort() });
  await createActive(client(millrace.ready.api), 'deep', 2);
  await killed(millrace);
  const before = pids(data);
  const again = await up(['--no-cluster'], millrace);
  expect(pids(data)).toEqual(before);
  await again.stop();
  expect(pids(data)).toEqual([]);
});

test("clusters that no store knows are nobody's to begin anew: the start is refused, and their brokers serve on", async () => {
  const millrace = await up(['--no-cluster']);
  await createActive(client(millrace.ready.api), 'unknown', 2);
  await killed(millrace);
  const before = pids(millrace.data);
  for (const file of ['control.db', 'control.db-wal', 'control.db-shm'])
    rmSync(join(millrace.data, file), { force: true });
  expect(await failure(['--data', millrace.data, '--port', '0'])).toMatch(
    /^millrace: .*clusters has the data of clusters \(unknown-.*control\.db, .* is missing: .*\.\n$/,
  );
  expect(pids(millrace.data)).toEqual(before);
});

test('a broker whose meta.properties is gone is not formatted again: its cluster says which file is missing', async () => {
  const millrace = await up(['--brokers', '1']);
  const [bootstrap = ''] = millrace.ready.clusters.map((cluster) => cluster.bootstrap);
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] });
  await admin.disconnect();
  await millrace.stop();
  const clusters = join(millrace.data, 'clusters');
  const broker = join(clusters, readdirSync(clusters)[0] ?? '', 'broker-1');
  const file = join(broker, 'meta.properties');
  const content = readFileSync(file);
  rmSync(file);
  const refused = await failure(['--data', millrace.data, '--port', '0']);
  expect(refused).toContain(`${broker} holds partitions (kept-0) but no meta.properties`);
  writeFileSync(file, content);
  const again = await up(['--brokers', '1'], millrace);
  await again.stop();
});

test('a broker whose port is taken makes its cluster HEALING with the reason, until the port is free', async () => {
  const millrace = await up(['--no-cluster']);
  const arn = await createActive(client(millrace.ready.api), 'blocked', 2);
  const bootstrap = await client(millrace.ready.api).send(
    new GetBootstrapBrokersCommand({ ClusterArn: arn }),
  );
  const port = Number(bootstrap.BootstrapBrokerString?.split(',')[0]?.split(':')[1]);
  await millrace.stop();
  const intruder = await listen(port);
  const again = await up(['--no-cluster'], millrace);
  const aws = client(again.ready.api);
  let info: ClusterInfo | undefined;
  await eventually('it says why it does not start', async () => {
    info = (await aws.send(new DescribeClusterCommand({ ClusterArn: arn }))).ClusterInfo;
    return info?.StateInfo?.Code === 'PORT_IN_USE';
  });
  expect(info?.State).toBe('HEALING');
  expect(info?.StateInfo?.Message).toMatch(
    new RegExp(`port ${port} is in use by another process \\(.*, ${process.pid}\\)`),
  );
  await new Promise((done) => intruder.close(done));
  await eventually('it is ACTIVE again', async () => (await stateOf(aws, arn)) === 'ACTIVE');
  await again.stop();
});

/** More than there are: those past the last one have nothing to do. */
const MOST_POINTS = 60;
const POINTS = Array.from({ length: MOST_POINTS }, (_, nth) => FIRST_POINT + nth * STRIDE).filter(
  (point) => point <= MOST_POINTS,
);

describe('a kill -9 of the control plane at every step of create and delete leaves a cluster that the next start makes ACTIVE or gone, and no process that it does not know', () => {
  let crashes = 0;
  let isOver = false;
  let kafkaPort = 0;
  beforeAll(async () => {
    // Nothing of a point is left listening at the next one.
    kafkaPort = await freePorts();
  });
  // One test for each point, so that each has its time, however slow the machine is.
  test.for(POINTS)('step %i', async (point) => {
    if (isOver) return;
    if (await crashAt(point, kafkaPort)) crashes = point;
    else isOver = true;
  });

  test('there were as many steps as are known', () => {
    // Seven transactions, two configurations, three processes, one folder: before or after each.
    expect(crashes).toBeGreaterThan(20 - (STRIDE - 1));
    expect(isOver).toBe(true);
  });
});

/**
 * Creates and deletes a cluster with a crash at the n-th point; false if the control plane had fewer points.
 */
async function crashAt(point: number, kafkaPort: number): Promise<boolean> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-crash-'));
  folders.push(data);
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      ...['--import', CRASH_POINT, PROGRAM, 'up', '--no-cluster', '--data', data],
      ...['--port', String(port), '--kafka-port', String(kafkaPort)],
    ],
    { stdio: 'ignore', env: { ...process.env, MILLRACE_TEST_CRASH_AT: String(point) } },
  );
  let crashed = false;
  const ended = new Promise((done) => child.once('exit', done));
  child.once('exit', () => {
    crashed = true;
  });
  const aws = client(`http://127.0.0.1:${port}`);
  const acknowledged = { create: false, delete: false };
  let ClusterArn: string | undefined;
  const attempt = async (run: () => Promise<unknown>): Promise<boolean> => {
    try {
      await run();
      return true;
    } catch (error) {
      // The process may be gone before its exit is seen here.
      if (error instanceof Error && 'code' in error) return false;
      throw error;
    }
  };
  await eventually(
    'it answers or crashed',
    () => crashed || attempt(() => aws.send(new ListClustersCommand())),
  );
  acknowledged.create = await attempt(async () => {
    ({ ClusterArn } = await aws.send(createCommand('crash', 2)));
  });
  const reached = (state: string) =>
    eventually(`it is ${state} or crashed`, async () => {
      if (crashed) return true;
      let now: string | undefined;
      await attempt(async () => {
        now = await stateOf(aws, ClusterArn);
      });
      return now === state;
    });
  if (acknowledged.create) {
    await reached('ACTIVE');
    acknowledged.delete = await attempt(() => aws.send(new DeleteClusterCommand({ ClusterArn })));
    if (acknowledged.delete) await reached('gone');
  }
  if (!crashed) {
    child.kill('SIGINT');
    await ended;
    if (child.signalCode === null) return false;
  }
  await ended;

  const again = await up(['--no-cluster'], { data, port });
  const next = client(again.ready.api);
  const { ClusterInfoList = [] } = await next.send(new ListClustersCommand());
  const [cluster] = ClusterInfoList;
  const context = `point ${point}, ${JSON.stringify(acknowledged)}`;
  if (acknowledged.delete) expect(ClusterInfoList, context).toEqual([]);
  else if (acknowledged.create) expect(cluster?.ClusterArn ?? 'gone', context).toMatch(/^arn|gone/);
  if (cluster) expect(cluster.State, context).toBe('ACTIVE');
  expect(processesOf(data).length, context).toBe(cluster ? 3 : 0);
  expect(existsSync(join(data, 'clusters')) ? readdirSync(join(data, 'clusters')) : [], context).toHaveLength(
    cluster ? 1 : 0,
  );
  await again.stop();
  expect(processesOf(data), context).toEqual([]);
  return true;
}

describe('what cannot be started says in one sentence what mends it', () => {
  test('a port that is taken', async () => {
    const port = await freePort();
    const intruder = await listen(port);
    const refused = await failure(['--port', String(port), '--no-cluster']);
    expect(refused).toMatch(new RegExp(`^millrace: Port ${port} on 127.0.0.1 is in use .* --port\\.\n$`));
    await new Promise((done) => intruder.close(done));
  });

  test("a port of the first cluster's brokers that is taken", async () => {
    const port = await freePort();
    const intruder = await listen(port);
    const refused = await failure(['--port', '0', '--kafka-port', String(port), '--brokers', '1']);
    expect(refused).toMatch(
      new RegExp(`^millrace: Port ${port} on 127.0.0.1 is in use .* --kafka-port\\.\n$`),
    );
    await new Promise((done) => intruder.close(done));
  });

  test('a data folder that another one works in', async () => {
    const millrace = await up(['--no-cluster']);
    const refused = await failure(['--data', millrace.data, '--port', '0', '--no-cluster']);
    expect(refused).toMatch(/^millrace: The data folder .* is in use by another Millrace: .* --data\.\n$/);
    await millrace.stop();
  });

  test('a data folder that is a file, and a store that is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-wrong-'));
    folders.push(folder);
    const file = join(folder, 'file');
    writeFileSync(file, 'not a folder');
    expect(await failure(['--data', file, '--port', '0'])).toMatch(/file is a file: .* --data\.\n$/);
    writeFileSync(join(folder, 'control.db'), 'not a database'.repeat(1000));
    expect(await failure(['--data', folder, '--port', '0'])).toMatch(
      /control\.db cannot be read \(file is not a database\): .*\.\n$/,
    );
  });

  test('a disk that is full at the start', async () => {
    if (process.getuid?.() !== 0) return;
    const folder = mkdtempSync(join(tmpdir(), 'millrace-full-'));
    folders.push(folder);
    const disk = SmallDisk.under(folder, 1);
    try {
      await disk.fill();
      expect(await failure(['--data', folder, '--port', '0', '--no-cluster'])).toMatch(/room/);
    } finally {
      disk.remove();
    }
  });

  test('standard output that cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    for (const args of [
      ['--help'],
      ['up', '--port', '0', '--no-cluster', '--data', mkdtempSync(join(tmpdir(), 'millrace-full-'))],
    ]) {
      const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      expect(withoutWarnings(stderr)).toMatch(/^millrace: Standard output cannot be written: .*\.\n$/);
      expect(status).toBe(1);
    }
    closeSync(full);
  });

  test('a machine that allows too few open files', async () => {
    const start = `ulimit -n 64; exec "${process.execPath}" "${PROGRAM}" up --port 0 --no-cluster`;
    const { stderr, status } = spawnSync('sh', ['-c', start], { encoding: 'utf8' });
    expect(stderr).toMatch(/^millrace: .* only 64 files .*ulimit -n 4096.*\n$/);
    expect(status).toBe(1);
  });

  test.each([
    [['--data', ''], /--data/, 2],
    [['--brokers', 'three'], /--brokers/, 2],
    [['--config', 'message.max.bytes'], /--config/, 2],
    [['--scram', 'alice'], /--scram/, 2],
    [['--kafka-home', '/nowhere'], /--kafka-home/],
    [['--host', '0.0.0.0'], /API and brokers without signing in.*--insecure/],
    [['--host', '0.0.0.0', '--scram', 'alice:-'], /use the API, which asks nobody.*--insecure/],
    [['--broker-host', '0.0.0.0'], /use the brokers without signing in.*--scram.*--insecure/],
    // Nothing of it is accessible without authentication; the error is that no client could use such an
    // address.
    [['--broker-host', '0.0.0.0', '--scram', 'alice:-'], /--advertise/],
    [['--host', '0.0.0.0', '--insecure'], /--advertise/],
    [['--data', '/dev/null/x'], /--data/],
    [['--account', '12'], /--account/],
    [['--colour'], /--colour/, 2],
    [['--api-name', 'a b'], /--api-name/, 2],
  ])('%j', async (args, named, status = 1) => {
    expect(await failure(args, status)).toMatch(named);
  });
});

test.each([
  [['--brokers', 'three'], 2],
  [['--config', 'message.max.bytes'], 2],
  [['--scram', 'alice:/nowhere'], 1],
  [['--kafka-home', '/nowhere'], 1],
  [['--detach', '--port', 'any'], 2],
  [['--config', 'foo=bar'], 1],
  [['--detach', '--config', 'foo=bar'], 1],
  [['--detach', '--brokers', '0'], 2],
  [['--detach', '--scram', 'alice:/nowhere'], 1],
])('%j leaves no data folder behind', async (args, status) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-wrong-'));
  folders.push(folder);
  await failure([...args, '--data', join(folder, 'data')], status);
  expect(readdirSync(folder)).toEqual([]);
});

/** Checks that `millrace up` ends with this status and one line of output; the result is that line. */
async function failure(args: readonly string[], expected = 1): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-refused-'));
  folders.push(data);
  const child = spawn(process.execPath, [PROGRAM, 'up', '--data', data, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const status = await new Promise((done) => child.once('close', done));
  expect(status, complaint).toBe(expected);
  expect(withoutWarnings(complaint).trim().split('\n')).toHaveLength(1);
  return complaint;
}

/** What a start says on a machine whose disk is nearly full is no part of what it complains of. */
function withoutWarnings(complaint: string): string {
  return complaint.replace(/^The disk of .* % full .*\n/m, '');
}

test('the command line makes, shows and deletes a cluster', async () => {
  const millrace = await up(['--no-cluster']);
  const cli = (...args: string[]): string => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return stdout;
  };
  const api = ['--api', millrace.ready.api];
  expect(cli('clusters', 'list', ...api)).toMatch(/no cluster/);
  const created = JSON.parse(
    cli('clusters', 'create', 'mine', '--brokers', '2', '--zones', '2', '--json', ...api),
  );
  expect(created).toMatchObject({ name: 'mine', state: 'ACTIVE' });
  expect(cli('clusters', 'list', ...api)).toMatch(/^mine +ACTIVE +2 /m);
  let described = '';
  // Who looks at a cluster waits three seconds for each broker: one that is later is said to be down.
  await eventually('both brokers answer in time', () => {
    described = cli('clusters', 'describe', 'mine', ...api);
    return described.match(/^[12] +\S+ +up /gm)?.length === 2;
  });
  expect(described).toContain(created.bootstrap);
  expect(described).toMatch(/^Partitions +0 partitions, all replicas in sync$/m);
  expect(described).toMatch(/^2 +use1-az2 +up +0 +0 +0 +0 B +0 % of [\d.]+ [MGT]B$/m);
  expect(JSON.parse(cli('clusters', 'describe', created.arn, '--json', ...api)).clusterName).toBe('mine');
  expect(cli('clusters', 'delete', 'mine', ...api)).toBe('mine is deleted.\n');
  expect(cli('clusters', 'list', '--json', ...api)).toBe('[]\n');
  expect(cli('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const words of [[], ['clusters'], ['up'], ['clusters', 'create']])
    expect(cli(...words, '--help')).toContain('Usage: millrace');
  await millrace.stop();
});

test('brokers whose folder was removed, and those that a killed control plane left, are found and stopped', async () => {
  const millrace = await up(['--brokers', '2']);
  const { data } = millrace;
  const [folder = ''] = globSync(join(data, 'clusters', '*'));
  const lost = brokerProcess(data, 1) ?? expect.fail('it does not run');
  await killed(millrace);
  rmSync(join(folder, 'broker-1'), { recursive: true, force: true, maxRetries: 20 });
  // The next start has another broker 1, which would get the ports of the lost one.
  const again = await up(['--no-cluster'], millrace);
  expect(brokerProcess(data, 1)).not.toBe(lost);
  expect(processesOf(data).map(({ pid }) => pid)).not.toContain(lost);
  await killed(again);
  expect(processesOf(data)).toHaveLength(3);
  const stop = () => {
    const args = [PROGRAM, 'stop', '--data', data];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    return { stdout, stderr, status };
  };
  expect(stop()).toEqual({
    stdout: expect.stringMatching(/stopping the processes of 3 nodes …\nStopped\.\n$/),
    stderr: '',
    status: 0,
  });
  expect(processesOf(data)).toEqual([]);
  expect(stop()).toMatchObject({ stderr: expect.stringMatching(/No Millrace runs/), status: 3 });
});

test.each([
  ['and its control plane', false],
  ['whose control plane was killed', true],
])('the brokers of a data folder that was removed %s are stopped by its name', async (_, first) => {
  const millrace = await up(['--brokers', '1']);
  const { data } = millrace;
  if (first) await killed(millrace);
  // Some processes end by themselves when they cannot write; the controller stays.
  rmSync(data, { recursive: true, force: true, maxRetries: 20 });
  expect(processesOf(data)).not.toEqual([]);
  const { stderr, status } = spawnSync(process.execPath, [PROGRAM, 'stop', '--data', data], {
    encoding: 'utf8',
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(processesOf(data)).toEqual([]);
});

test('it ends at Ctrl-C although its data folder was removed', async () => {
  const millrace = await up(['--brokers', '1']);
  for (const { pid } of processesOf(millrace.data)) killIfThere(pid);
  // The processes are started again meanwhile, and make files.
  rmSync(millrace.data, { recursive: true, force: true, maxRetries: 20 });
  await millrace.stop();
  expect(millrace.child.exitCode).toBe(0);
});

test('one in the background is watched, read and stopped from its data folder', async () => {
  const data = mkdtempSync(join(tmpdir(), 'millrace-detached-'));
  folders.push(data);
  const cli = (...args: string[]) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, ...args, '--data', data], {
      encoding: 'utf8',
    });
    return { stdout, stderr, status };
  };
  const ports = ['--port', String(await freePort()), '--kafka-port', String(await freePorts())];
  const up = cli('up', '--detach', '--json', '--brokers', '1', ...ports);
  expect(up).toMatchObject({ status: 0, stderr: '' });
  const ready = JSON.parse(up.stdout);
  try {
    expect(ready).toMatchObject({ event: 'ready', dataDirectory: data, clusters: [{ name: 'demo' }] });
    expect(readFileSync(`/proc/${ready.processId}/cmdline`, 'utf8')).toContain(data);
    await eventually('it says how it is', () => /^demo +ACTIVE +1 of 1 /m.test(cli('status').stdout));
    expect(cli('logs', 'controller').stdout).toContain('leads the metadata log');
    const at = ['--api', ready.api];
    const of = (...args: string[]) =>
      spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' }).stdout;
    const follow = (...args: string[]) => {
      const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      return { child, printed: () => text };
    };
    const followedEvents = follow('events', 'demo', '-f', ...at);
    const followedLog = follow('logs', 'broker-1', '-f', '--lines', '1', '--data', data);
    await eventually('both follow', () => followedEvents.printed() !== '' && followedLog.printed() !== '');
    const before = followedLog.printed().length;
    of('fault', 'broker', '1', 'kill', ...at);
    await eventually('it serves again', () => of('events', 'demo', ...at).includes('Broker 1 serves again.'));
    await eventually('whoever follows is told', () => {
      const isTold = followedEvents.printed().includes('Broker 1 serves again.');
      // Written by the next life of the broker, which began meanwhile.
      return isTold && followedLog.printed().slice(before).includes('logs are open');
    });
    for (const { child } of [followedEvents, followedLog]) child.kill('SIGINT');
    // The machine's disk may cause events of its own.
    const told = of('events', 'demo', ...at).replaceAll(/^\S+ +/gm, '');
    expect(told).toMatch(
      /^demo: It is to have 1 broker\.\ndemo: It is ACTIVE\.\ndemo: Killed broker 1 of demo .*\ndemo: Broker 1 died: /,
    );
    // The second one ends and says why, though its output went into the log.
    expect(cli('up', '--detach', '--brokers', '1', '--port', '0')).toEqual({
      stdout: '',
      stderr: expect.stringMatching(/^millrace: The data folder .* is in use by another Millrace: .*\n$/),
      status: 1,
    });
  } finally {
    expect(cli('stop')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Stopped\./m) });
  }
  expect(processesOf(data)).toEqual([]);
  expect(cli('status')).toMatchObject({ status: 3, stdout: '' });
});

describe('what nobody reads any more ends quietly', () => {
  test.each([
    [['--help'], 141],
    // It stops what it has started, and so ends with status 0.
    [['up', '--json', '--no-cluster', '--port', '0'], 0],
  ])('%j', async (args, expected) => {
    const data = mkdtempSync(join(tmpdir(), 'millrace-unread-'));
    folders.push(data);
    const child = spawn(process.execPath, [PROGRAM, ...args, ...(args.length > 1 ? ['--data', data] : [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    expect(await new Promise((done) => child.once('close', done))).toBe(expected);
    expect(withoutWarnings(complaint)).toBe('');
    expect(processesOf(data)).toEqual([]);
  });
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, () => resolve(server));
  });
}
