import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { ConnectService } from '../../src/connect/connect-service.ts';
import { classBytes } from '../../src/connect/plugins/testing/class-bytes.ts';
import { zipBytes } from '../../src/connect/plugins/zip-bytes.ts';
import { ControlPlane } from '../../src/control/control-plane.ts';
import { type StartedCluster, startCluster } from '../../src/index.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { freePort } from '../support/free-port.ts';
import { FakeAccess } from './fake-access.ts';
import { FakeEngine } from './fake-engine.ts';

/**
 * boto3 and the aws CLI against the API with an engine without processes, and against the API of a cluster in
 * this process.
 */

const TOOLS = join(import.meta.dirname, '../../.test-tools/aws');
const PYTHON = join(TOOLS, 'bin/python');
const PROGRAMS = join(import.meta.dirname, 'python');
const missing = !existsSync(join(TOOLS, 'installed.txt'));
const SINK = 'org.apache.kafka.connect.sink.SinkConnector';
const JAR = zipBytes([
  { name: `META-INF/services/${SINK}`, bytes: 'com.acme.AcmeSink\n' },
  { name: 'com/acme/AcmeSink.class', bytes: classBytes({ name: 'com.acme.AcmeSink', superclass: SINK }) },
]);

let data: string;
let control: ControlPlane;
let cluster: StartedCluster;
const environment = process.env.JAVA_HOME;

beforeAll(async () => {
  if (missing) return;
  data = mkdtempSync(join(tmpdir(), 'millrace-python-'));
  mkdirSync(join(data, 'buckets/plugins/acme'), { recursive: true });
  writeFileSync(join(data, 'buckets/plugins/acme/sink-1.0.jar'), JAR);
  const kafkaHome = join(data, 'kafka');
  mkdirSync(join(kafkaHome, 'libs'), { recursive: true });
  for (const jar of ['connect-runtime-3.7.2.jar', 'connect-basic-auth-extension-3.7.2.jar'])
    writeFileSync(join(kafkaHome, 'libs', jar), '');
  // A fake Java for workers: it starts, prints nothing, and is stopped.
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
  const world = nodeWorld(silent);
  const options = {
    ...{ dataDirectory: data, kafkaHome, region: 'us-east-1', account: '000000000000', hungAfterMs: 30_000 },
    ...{ host: '127.0.0.1', port: await freePort() },
    advertised: [{ host: '127.0.0.1', name: '127.0.0.1' }] as const,
  };
  control = await ControlPlane.start(
    world,
    options,
    new FakeEngine(),
    () => new FakeAccess([[1, 2, 3]]),
    (plane) => [new ConnectService({ world, options, control: plane, builtInWorker: ['node'] })],
  );
  cluster = await startCluster({ brokers: 1, api: true });
});

afterAll(async () => {
  if (missing) return;
  if (environment === undefined) delete process.env.JAVA_HOME;
  else process.env.JAVA_HOME = environment;
  await cluster?.stop();
  await control?.stop();
  rmSync(data, { recursive: true, force: true });
});

/** The output of a program; rejects with it if the status is not 0. */
async function told(program: string): Promise<string> {
  const args = [join(PROGRAMS, program), control.url, cluster.api ?? ''];
  const { stdout } = await promisify(execFile)(PYTHON, args, { timeout: 480_000 });
  return stdout;
}

interface Report {
  readonly found: readonly string[];
  readonly operations: number;
  readonly answers: number;
  readonly refusals: number;
  /** The number of items that paginators found with a page size of one. */
  readonly pages: number;
}

describe.skipIf(missing)('Python', () => {
  test('boto3: every operation answers in the shape of botocore’s model, and every constraint that is broken is a 400 that names it', async () => {
    const report: Report = JSON.parse(await told('every_operation.py'));
    expect(report.found).toEqual([]);
    expect(report.operations).toBeGreaterThan(80);
    expect(report.answers).toBeGreaterThan(report.operations);
    expect(report.refusals).toBeGreaterThan(500);
    expect(report.pages).toBeGreaterThan(30);
  });

  test('the aws CLI: the commands that people use most', async () => {
    expect(Number(await told('commands.py'))).toBeGreaterThan(45);
  });
});
