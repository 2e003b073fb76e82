import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { startKafkaTool } from '../support/kafka-tools.ts';
import { passingFile } from '../support/passing-file.ts';
import type { Sent } from './history.ts';
import type { Login } from './login.ts';
import { REQUEST_TIMEOUT_MS } from './request-timeout.ts';

/**
 * Apache Kafka's VerifiableProducer, idempotent and patient. It prints one line for each answer, which become
 * the history.
 */
export class JavaProducer {
  readonly sent: Sent[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly errors: string[] = [];

  constructor(options: { bootstrap: string; topic: string; id: number; perSecond: number; login: Login }) {
    const config = passingFile(
      'producer.properties',
      [
        'enable.idempotence=true',
        'retries=2147483647',
        'delivery.timeout.ms=120000',
        `request.timeout.ms=${REQUEST_TIMEOUT_MS}`,
        'linger.ms=5',
        'reconnect.backoff.max.ms=200',
        ...options.login.java,
      ].join('\n'),
    );
    this.#child = startKafkaTool('kafka-verifiable-producer', [
      '--bootstrap-server',
      options.bootstrap,
      '--topic',
      options.topic,
      '--throughput',
      String(options.perSecond),
      '--acks',
      '-1',
      // Repeating keys reach every partition many times a second.
      '--repeating-keys',
      '600',
      '--value-prefix',
      String(options.id),
      '--command-config',
      config,
    ]);
    if (!this.#child.stdout) throw new Error('no stdout');
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#line(line));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.errors.push(chunk.toString()));
    this.#ended = new Promise((done) => this.#child.once('close', () => done()));
  }

  /** Waits for the answers of requests that are under way, then ends. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  #line(line: string): void {
    const event: unknown = JSON.parse(line);
    if (typeof event !== 'object' || event === null || !('name' in event) || !('value' in event)) return;
    const [producer = '', sequence = ''] = String(event.value).split('.');
    const record = {
      producer,
      sequence: Number(sequence),
      atMs: Number('timestamp' in event ? event.timestamp : Number.NaN),
    };
    if (event.name === 'producer_send_error') this.sent.push({ ...record, acknowledged: false });
    if (event.name === 'producer_send_success' && 'partition' in event && 'offset' in event) {
      this.sent.push({
        ...record,
        acknowledged: true,
        partition: Number(event.partition),
        offset: Number(event.offset),
      });
    }
  }
}
