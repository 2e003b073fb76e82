import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateClusterCommand, DeleteClusterCommand, KafkaClient } from '@aws-sdk/client-kafka';
import { afterEach, expect, test } from 'vitest';
import { answered } from '../support/answered.ts';
import { freePorts } from '../support/free-port.ts';
import { eventually, killProcessesNaming, Millrace, processesOf } from '../support/millrace.ts';

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'bin/millrace.mjs');

const folders: string[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) {
    await killProcessesNaming(folder);
    rmSync(folder, { recursive: true, force: true });
  }
});

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-signals-'));
  folders.push(folder);
  return folder;
}

async function up(args: readonly string[]): Promise<Millrace> {
  const millrace = await Millrace.up(args);
  folders.push(millrace.data);
  children.push(millrace.child);
  return millrace;
}

/** A `millrace up` that prints for people; `printed` grows while it runs. */
function started(command: string, args: readonly string[]) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const run = { child, printed: '', ended: new Promise<void>((done) => child.once('close', () => done())) };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      run.printed += chunk.toString();
    });
  return run;
}

/** A client that sends four requests and closes before the first answer. */
function hangUp(port: number): Promise<void> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write('GET /v1/clusters HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(4));
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => done());
  });
}

test('clients that hang up before their answers stop nothing', async () => {
  const millrace = await up(['--cluster', 'steady', '--brokers', '1']);
  const before = processesOf(millrace.data).map(({ pid }) => pid);
  await Promise.all(Array.from({ length: 200 }, () => hangUp(millrace.port)));
  const answer = await fetch(`${millrace.ready.api}/v1/clusters`);
  await answered(200, answer);
  expect(processesOf(millrace.data).map(({ pid }) => pid)).toEqual(before);
  expect(millrace.child.exitCode).toBeNull();
});

test('ten clusters that are made and deleted at once stop nothing', async () => {
  const millrace = await up(['--no-cluster']);
  const aws = new KafkaClient({
    endpoint: millrace.ready.api,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  const names = Array.from({ length: 10 }, (_, index) => `c${index}`);
  const arns = await Promise.all(
    names.map(async (ClusterName) => {
      const { ClusterArn } = await aws.send(
        new CreateClusterCommand({
          ClusterName,
          KafkaVersion: '3.9.x.kraft',
          NumberOfBrokerNodes: 2,
          BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['subnet-1', 'subnet-2'] },
          EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'PLAINTEXT', InCluster: false } },
        }),
      );
      return ClusterArn;
    }),
  );
  await Promise.all(arns.map((ClusterArn) => aws.send(new DeleteClusterCommand({ ClusterArn }))));
  await eventually(
    'all are gone',
    async () => {
      const answer = await fetch(`${millrace.ready.api}/v1/clusters`);
      return JSON.stringify(await answer.json()) === '{"clusterInfoList":[]}';
    },
    120_000,
  );
  expect(processesOf(millrace.data)).toEqual([]);
  expect(millrace.child.exitCode).toBeNull();
});

test('a signal at any moment of the start stops everything in order', { timeout: 600_000 }, async () => {
  // Whatever a start left listening would be in the way of the next one.
  const port = String(await freePorts());
  for (let afterMs = 50; afterMs <= 2000; afterMs += 75) {
    const data = dataFolder();
    const args = ['--data', data, '--port', '0', '--brokers', '1', '--kafka-port', port];
    const run = started(process.execPath, [PROGRAM, 'up', ...args]);
    await new Promise((done) => setTimeout(done, afterMs));
    run.child.kill('SIGTERM');
    await run.ended;
    const context = `after ${afterMs} ms: ${run.printed}`;
    // Before the first line nothing was begun, and the signal may end it like any program.
    if (run.printed === '') expect([0, null], context).toContain(run.child.exitCode);
    else {
      expect(run.child.exitCode, context).toBe(0);
      expect(run.printed, context).toMatch(/^Stopped/m);
    }
    expect(processesOf(data), context).toEqual([]);
  }
});

test('HUP is left alone where there is no terminal, as under nohup', async () => {
  const millrace = await up(['--no-cluster']);
  millrace.child.kill('SIGHUP');
  for (let times = 0; times < 10; times++) {
    await answered(200, fetch(`${millrace.ready.api}/v1/clusters`));
    await new Promise((done) => setTimeout(done, 50));
  }
  await millrace.stop();
  expect(millrace.child.exitCode).toBe(0);
});

const noScript = spawnSync('script', ['--version']).status === 0 ? '' : ' (the program script is missing)';

test.skipIf(noScript !== '')(`a terminal that is closed stops everything${noScript}`, async () => {
  const data = dataFolder();
  const command = `${process.execPath} ${PROGRAM} up --data ${data} --port 0 --no-cluster`;
  const terminal = started('script', ['--quiet', '--flush', '--command', command, '/dev/null']);
  await eventually('it is ready', () => terminal.printed.includes('is ready'));
  expect(running(data)).not.toEqual([]);
  terminal.child.kill('SIGKILL');
  await eventually('it stopped', () => running(data).length === 0);
});

test('a signal to the process of "npm start" stops Millrace', async () => {
  const data = dataFolder();
  const run = started('npm', ['start', '--', '--data', data, '--port', '0', '--no-cluster']);
  await eventually('it is ready', () => run.printed.includes('is ready'));
  run.child.kill('SIGTERM');
  await eventually('it stopped', () => run.printed.includes('Stopped') && running(data).length === 0);
});

/** The processes with this folder in their command line. */
function running(data: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(`--data ${data}`));
}
