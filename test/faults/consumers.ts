import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endsWithThis } from '../support/ends-with-this.ts';
import { startKafkaTool } from '../support/kafka-tools.ts';
import { passingFile } from '../support/passing-file.ts';
import type { SharedLedger } from '../workloads/shared-ledger.ts';
import { Consumed } from './consumed.ts';
import type { Login } from './login.ts';

/** A client that reads all the time. If it ends by itself, it is started again, and that is counted. */
export class Consumer {
  readonly consumed: Consumed;
  /** One entry for each time that it gave up, with its last output. */
  readonly ends: string[] = [];
  readonly #start: () => ChildProcess;
  readonly #onLine: (line: string, consumed: Consumed) => void;
  #child: ChildProcess;
  #stopping = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(who: string, start: () => ChildProcess, onLine: (line: string, consumed: Consumed) => void) {
    this.consumed = new Consumed(who);
    this.#start = start;
    this.#onLine = onLine;
    this.#child = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.kill('SIGTERM');
    await this.#ended;
  }

  #run(): ChildProcess {
    const child = this.#start();
    if (!child.stdout) throw new Error('no stdout');
    createInterface({ input: child.stdout }).on('line', (line) => this.#onLine(line, this.consumed));
    let lastWords = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      lastWords = chunk.toString().trim().split('\n').at(-1) ?? '';
    });
    this.#ended = new Promise((done) =>
      child.once('close', () => {
        done();
        if (this.#stopping) return;
        this.ends.push(lastWords);
        this.#child = this.#run();
      }),
    );
    return child;
  }
}

/** Apache Kafka's VerifiableConsumer: one member of a group, which commits what it has read. */
export function groupConsumer(options: { bootstrap: string; topic: string; login: Login }): Consumer {
  const settings = ['request.timeout.ms=5000', 'reconnect.backoff.max.ms=200', ...options.login.java];
  const config = passingFile('consumer.properties', settings.join('\n'));
  return new Consumer(
    'VerifiableConsumer',
    () =>
      startKafkaTool('kafka-verifiable-consumer', [
        ...['--bootstrap-server', options.bootstrap, '--topic', options.topic, '--group-id', 'faults'],
        ...['--session-timeout', '10000', '--reset-policy', 'earliest', '--verbose'],
        ...['--command-config', config],
      ]),
    (line, consumed) => {
      const event = JSON.parse(line) as GroupEvent;
      if (event.name === 'record_data') consumed.record(event.partition, event.offset, event.value);
      else if (event.name === 'partitions_assigned')
        consumed.assigned(event.partitions.map(({ partition }) => partition));
      else if (event.name === 'offsets_committed' && event.success)
        for (const { partition, offset } of event.offsets) consumed.committed(partition, offset);
    },
  );
}

/**
 * Apache Kafka's VerifiableShareConsumer: one member of a share group, which accepts what it is given and
 * reports the answers to the ledger.
 */
export function shareConsumer(options: {
  bootstrap: string;
  topic: string;
  group: string;
  name: string;
  ledger: SharedLedger;
}): Consumer {
  const { name, ledger } = options;
  const settings = ['request.timeout.ms=5000', 'reconnect.backoff.max.ms=200'];
  const config = passingFile('consumer.properties', settings.join('\n'));
  let lives = 0;
  return new Consumer(
    name,
    () => {
      lives++;
      return startKafkaTool('kafka-verifiable-share-consumer', [
        ...['--bootstrap-server', options.bootstrap, '--topic', options.topic, '--group-id', options.group],
        ...['--acknowledgement-mode', 'sync', '--command-config', config],
      ]);
    },
    (line) => {
      const event = JSON.parse(line) as ShareEvent;
      const life = `${name} in life ${lives}`;
      if (event.name === 'records_consumed')
        for (const { partition, offsets } of event.partitions)
          for (const offset of offsets) ledger.given(life, partition, offset, event.timestamp);
      else if (event.name === 'offsets_acknowledged' && event.success)
        for (const { partition, offsets } of event.partitions)
          for (const offset of offsets) ledger.accepts(life, partition, offset, event.timestamp);
    },
  );
}

type ShareEvent = { timestamp: number } & (
  | { name: 'records_consumed'; partitions: { partition: number; offsets: number[] }[] }
  | { name: 'offsets_acknowledged'; success: boolean; partitions: { partition: number; offsets: number[] }[] }
  | { name: 'startup_complete' | 'offset_reset_strategy_set' | 'shutdown_complete' }
);

type GroupEvent =
  | { name: 'record_data'; partition: number; offset: number; value: string }
  | { name: 'partitions_assigned'; partitions: { partition: number }[] }
  | { name: 'offsets_committed'; success: boolean; offsets: { partition: number; offset: number }[] }
  | { name: 'startup_complete' | 'records_consumed' | 'partitions_revoked' | 'shutdown_complete' };

/** librdkafka without a group reads every record of every partition, once and in order. */
export function plainConsumer(options: { bootstrap: string; topic: string; login: Login }): Consumer {
  return new Consumer(
    'kcat',
    () =>
      endsWithThis(
        spawn(
          'kcat',
          [
            ...options.login.kcat,
            ...[
              '-C',
              '-E',
              '-m',
              '240',
              '-q',
              '-u',
              '-b',
              options.bootstrap,
              '-t',
              options.topic,
              '-o',
              'beginning',
            ],
            ...['-f', '%p %o %s\n', '-X', 'check.crcs=true', '-X', 'reconnect.backoff.max.ms=200'],
          ],
          { stdio: ['ignore', 'pipe', 'pipe'] },
        ),
      ),
    (line, consumed) => {
      const [partition, offset, value = ''] = line.split(' ');
      consumed.record(Number(partition), Number(offset), value);
    },
  );
}
