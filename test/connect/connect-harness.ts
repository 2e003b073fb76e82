import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateCustomPluginCommand,
  DescribeCustomPluginCommand,
  KafkaConnectClient,
} from '@aws-sdk/client-kafkaconnect';
import { silent } from '../../src/base/log.ts';
import { ConnectService } from '../../src/connect/connect-service.ts';
import type { ControlOptions } from '../../src/control/control.ts';
import { ControlPlane } from '../../src/control/control-plane.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { FakeEngine } from '../aws/fake-engine.ts';
import { freePort } from '../support/free-port.ts';
import { eventually } from '../support/millrace.ts';
import { JAR, S3 } from './acme.ts';

/** Answers as a release of Kafka Connect that cannot load plugins in advance; a worker prints nothing. */
const FAKE_JAVA = `#!/bin/sh
[ "$1" = -version ] && { echo 'openjdk version "17.0.1"' >&2; exit; }
for argument; do [ "$before" = millrace.PluginCheck ] && { echo "$argument{\\"unknown\\":true}"; exit; }; before=$argument; done
while :; do sleep 0.1; done
`;

/** In place of Millrace's own program: a worker of built-in connectors that lives and never serves, as Java's. */
const FAKE_WORKER = [process.execPath, '-e', 'setInterval(() => {}, 2 ** 30)', '--'] as const;

/** Of Millrace, as it tells it. */
export const VERSION = '1.2.3';

/** MSK Connect's API over HTTP. */
export class ConnectHarness {
  readonly data: string;
  readonly control: ControlPlane;
  readonly aws: KafkaConnectClient;
  #giveBackJava = (): void => {};

  /** Starts it in a folder, which the caller removes. */
  static async startIn(data: string, more: Partial<ControlOptions> = {}): Promise<ConnectHarness> {
    const options = {
      ...{ dataDirectory: data, region: 'us-east-1', account: '000000000000', hungAfterMs: 30_000 },
      version: VERSION,
      ...{ host: '127.0.0.1', port: await freePort() },
      advertised: [{ host: '127.0.0.1', name: '127.0.0.1' }] as const,
      ...more,
    };
    const world = nodeWorld(silent);
    const control = await ControlPlane.start(world, options, new FakeEngine(), undefined, (plane) => [
      new ConnectService({ world, options, control: plane, builtInWorker: FAKE_WORKER }),
    ]);
    return new ConnectHarness(data, control);
  }

  /**
   * Starts it in a folder of its own, which has Acme's jar, with an installation of Kafka Connect that has no
   * code. Until it is disposed of, the Java of this process is one that does nothing.
   */
  static async withFakeJava(): Promise<ConnectHarness> {
    const data = connectFolder();
    fillBucket(data);
    const kafkaHome = join(data, 'kafka');
    mkdirSync(join(kafkaHome, 'libs'), { recursive: true });
    for (const jar of ['connect-runtime-3.7.2.jar', 'connect-basic-auth-extension-3.7.2.jar'])
      writeFileSync(join(kafkaHome, 'libs', jar), '');
    const java = join(data, 'java/bin/java');
    mkdirSync(join(data, 'java/bin'), { recursive: true });
    writeFileSync(java, FAKE_JAVA);
    chmodSync(java, 0o700);
    const before = process.env.JAVA_HOME;
    process.env.JAVA_HOME = join(data, 'java');
    const harness = await ConnectHarness.startIn(data, { kafkaHome });
    harness.#giveBackJava = () => {
      if (before === undefined) delete process.env.JAVA_HOME;
      else process.env.JAVA_HOME = before;
    };
    return harness;
  }

  private constructor(data: string, control: ControlPlane) {
    this.data = data;
    this.control = control;
    this.aws = new KafkaConnectClient({
      endpoint: control.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    });
  }

  /** Makes Acme's plugin under this name. Resolves with its ARN when its file has come and was looked at. */
  async plugin(name: string): Promise<string> {
    const { customPluginArn = '' } = await this.aws.send(
      new CreateCustomPluginCommand({ name, contentType: 'JAR', location: S3 }),
    );
    await eventually(`the plugin ${name} is there`, async () => {
      const { customPluginState } = await this.aws.send(new DescribeCustomPluginCommand({ customPluginArn }));
      return customPluginState !== 'CREATING';
    });
    return customPluginArn;
  }

  async stop(): Promise<void> {
    this.aws.destroy();
    await this.control.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#giveBackJava();
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** An empty folder for one installation. */
export function connectFolder(): string {
  return mkdtempSync(join(tmpdir(), 'millrace-connect-'));
}

/** Puts Acme's jar where `S3` says, into a bucket that is a folder. */
export function fillBucket(data: string): void {
  mkdirSync(join(data, 'buckets/plugins/acme'), { recursive: true });
  writeFileSync(join(data, 'buckets/plugins', S3.s3Location.fileKey), JAR);
}

export async function isGone(describe: () => Promise<unknown>): Promise<boolean> {
  try {
    await describe();
    return false;
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return true;
    throw error;
  }
}
