import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaClient } from '@aws-sdk/client-kafka';
import type { LogFields, Logger } from '../../src/base/log.ts';
import type { Connect } from '../../src/control/access/cluster-access.ts';
import type { ControlOptions } from '../../src/control/control.ts';
import { ControlPlane } from '../../src/control/control-plane.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { FakeEngine } from './fake-engine.ts';

interface LoggedLine {
  readonly level: keyof Omit<Logger, 'child'>;
  readonly message: string;
  readonly fields: LogFields;
}

/** The API over HTTP with an engine without processes, in a folder of its own. */
export class ApiHarness {
  readonly engine = new FakeEngine();
  /** The lines that the control plane logged. */
  readonly lines: LoggedLine[] = [];
  readonly data = mkdtempSync(join(tmpdir(), 'millrace-aws-'));
  readonly #connect: Connect | undefined;
  readonly #options: Partial<ControlOptions>;
  #life: { readonly control: ControlPlane; readonly aws: KafkaClient } | undefined;

  /**
   * `connect` stands for the clusters' brokers; by default it answers nothing, because there are no
   * processes. `before` fills the folder first.
   */
  static async start(
    connect?: Connect,
    before: (data: string) => void = () => {},
    options: Partial<ControlOptions> = {},
  ): Promise<ApiHarness> {
    const harness = new ApiHarness(connect, options);
    before(harness.data);
    await harness.restart();
    return harness;
  }

  get control(): ControlPlane {
    return this.#running().control;
  }

  get aws(): KafkaClient {
    return this.#running().aws;
  }

  private constructor(connect: Connect | undefined, options: Partial<ControlOptions>) {
    this.#connect = connect;
    this.#options = options;
  }

  /** Starts another control plane in the same folder. */
  async restart(): Promise<KafkaClient> {
    await this.#stop();
    const control = await ControlPlane.start(
      nodeWorld(recorder(this.lines)),
      {
        dataDirectory: this.data,
        host: '127.0.0.1',
        port: 0,
        advertised: [{ host: '127.0.0.1', name: '127.0.0.1' }],
        region: 'us-east-1',
        account: '000000000000',
        hungAfterMs: 30_000,
        version: '1.2.3',
        ...this.#options,
      },
      this.engine,
      this.#connect,
    );
    const aws = new KafkaClient({
      endpoint: control.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    });
    this.#life = { control, aws };
    await control.settled();
    return aws;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  #running() {
    if (!this.#life) throw new Error('the control plane does not run');
    return this.#life;
  }

  async #stop(): Promise<void> {
    this.#life?.aws.destroy();
    await this.#life?.control.stop();
    this.#life = undefined;
  }
}

function recorder(lines: LoggedLine[], parent: LogFields = {}): Logger {
  const at =
    (level: LoggedLine['level']) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields: { ...parent, ...fields } });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => recorder(lines, { ...parent, ...fields }),
  };
}
