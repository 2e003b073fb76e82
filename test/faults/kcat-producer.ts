import { kcat } from '../support/kafka-tools.ts';
import type { Sent } from './history.ts';
import type { Login } from './login.ts';
import { REQUEST_TIMEOUT_MS } from './request-timeout.ts';

const CHUNK = 200;
const PATIENCE_MS = 60_000;

/**
 * librdkafka, idempotent, in chunks: the records of a chunk are acknowledged if its kcat ended with status 0,
 * which needs every record to be delivered. Their offsets are known when everything is read.
 */
export class KcatProducer {
  readonly sent: Sent[] = [];
  /** The output of kcat for chunks that were not delivered. */
  readonly errors: string[] = [];
  readonly #args: readonly string[];
  readonly #name: string;
  #next = 0;
  #stopping = false;
  readonly #running: Promise<void>;

  constructor(options: { bootstrap: string; topic: string; id: number; login: Login }) {
    this.#name = `kcat${options.id}`;
    this.#args = [
      ...options.login.kcat,
      ...['-P', '-E', '-b', options.bootstrap, '-t', options.topic],
      ...['-X', 'enable.idempotence=true', '-X', `message.timeout.ms=${PATIENCE_MS}`],
      ...['-X', `socket.timeout.ms=${REQUEST_TIMEOUT_MS}`],
      ...['-X', `request.timeout.ms=${REQUEST_TIMEOUT_MS}`],
      ...['-X', 'reconnect.backoff.max.ms=200'],
    ];
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const from = this.#next;
      this.#next += CHUNK;
      const lines = Array.from({ length: CHUNK }, (_, index) => `${this.#name}.${from + index}\n`);
      const result = await kcat(this.#args, {
        stdin: lines.join(''),
        timeoutMs: 2 * PATIENCE_MS,
      });
      const acknowledged = result.status === 0 && !result.stderr.includes('Delivery failed');
      if (!acknowledged)
        this.errors.push(`status ${result.status}: ${result.stderr.trim().split('\n').at(-1)}`);
      for (let sequence = from; sequence < this.#next; sequence++)
        this.sent.push({ producer: this.#name, sequence, acknowledged, atMs: Date.now() });
    }
  }
}
