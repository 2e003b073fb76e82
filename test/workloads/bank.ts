import kafkajs, { type KafkaConfig, type Producer } from 'kafkajs';
import { kcat } from '../support/kafka-tools.ts';
import { type Entry, TransferHistory } from './transfer-history.ts';
import type { WireClient } from './wire-client.ts';
import type { Workload } from './workload.ts';

const { Kafka, KafkaJSError, logLevel } = kafkajs;

const TOPIC = 'bank';
const TRANSACTIONAL_ID = 'teller';
/** Each account has a partition. */
const ACCOUNTS = 6;
const ABORT_EVERY = 4;
const LARGEST = 100;
const TRANSACTION_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 5_000;
const READ_MS = 300_000;
/** kafkajs may wait for ever for the answer of a broker that was killed. */
const STEP_MS = 15_000;
const CLOSE_MS = 5_000;

/** The login of a teller, for both clients; empty if everybody may connect. */
interface TellerLogin {
  readonly kcat: readonly string[];
  readonly kafkajs: Pick<KafkaConfig, 'ssl' | 'sasl'>;
}

/**
 * kafkajs moves money between accounts in transactions, some of which are aborted; librdkafka reads committed
 * records. The sum of all accounts is constant, and no transfer is seen in part.
 */
export class Bank implements Workload {
  readonly name = 'a bank';
  readonly topic = TOPIC;
  acknowledged = 0;
  readonly #bootstrap: string;
  readonly #login: TellerLogin;
  readonly #history = new TransferHistory();
  #producer: Producer | null = null;
  #next = 0;

  static async open(client: WireClient, bootstrap: string, login: TellerLogin): Promise<Bank> {
    await client.createTopic(TOPIC, ACCOUNTS);
    return new Bank(bootstrap, login);
  }

  private constructor(bootstrap: string, login: TellerLogin) {
    this.#bootstrap = bootstrap;
    this.#login = login;
  }

  async step(): Promise<void> {
    const transfer = this.#next++;
    const committed = transfer % ABORT_EVERY !== 0;
    try {
      const done = await within(this.#transfer(transfer, committed), STEP_MS);
      if (!done) return await this.close();
      this.#history.ended(String(transfer), committed);
      this.acknowledged++;
    } catch (error) {
      if (!(error instanceof KafkaJSError)) throw error;
      // The outcome of this transfer is unknown. The next producer with the id ends it as committed or
      // aborted.
      await this.close();
    }
  }

  async #transfer(transfer: number, committed: boolean): Promise<void> {
    this.#producer ??= await this.#connect();
    const transaction = await this.#producer.transaction();
    // One partition at a time: when one of two brokers is lost, kafkajs may send to the other again, as a new
    // batch.
    for (const message of messagesOf(transfer)) await transaction.send({ topic: TOPIC, messages: [message] });
    if (committed) await transaction.commit();
    else await transaction.abort();
  }

  async violations(): Promise<string[]> {
    // This aborts an open transaction and completes one that was decided.
    await this.close();
    await this.#open();
    return this.#history.violations(await readCommitted(this.#bootstrap, this.#login));
  }

  async close(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    if (producer) await within(producer.disconnect(), CLOSE_MS);
  }

  /** Retries until it succeeds, for half of READ_MS at most. */
  async #open(): Promise<void> {
    const until = Date.now() + READ_MS / 2;
    while (!this.#producer) {
      try {
        this.#producer = await this.#connect();
      } catch (error) {
        if (!(error instanceof KafkaJSError) || Date.now() > until) throw error;
      }
    }
  }

  async #connect(): Promise<Producer> {
    const producer = new Kafka({
      clientId: 'bank',
      brokers: this.#bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      connectionTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 },
      ...this.#login.kafkajs,
    }).producer({
      transactionalId: TRANSACTIONAL_ID,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    if (!(await within(producer.connect(), STEP_MS))) throw new KafkaJSError('no producer in time');
    return producer;
  }
}

/** Whether the work ended in time; its later result is ignored. Rejects as the work does. */
async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The two accounts are always different. */
function messagesOf(transfer: number): { partition: number; value: string }[] {
  const from = transfer % ACCOUNTS;
  const to = (from + 1 + (Math.floor(transfer / ACCOUNTS) % (ACCOUNTS - 1))) % ACCOUNTS;
  const amount = 1 + (transfer % LARGEST);
  return [
    { partition: from, value: `${transfer} ${-amount}` },
    { partition: to, value: `${transfer} ${amount}` },
  ];
}

/** All committed records, as librdkafka returns them; it stops at the first open transaction. */
async function readCommitted(bootstrap: string, login: TellerLogin): Promise<Entry[]> {
  const settings = ['isolation.level=read_committed', 'check.crcs=true'].flatMap((one) => ['-X', one]);
  const args = ['-b', bootstrap, '-C', '-t', TOPIC, '-o', 'beginning', '-e', '-q', '-f', '%p %s\n'];
  const result = await kcat([...login.kcat, ...args, ...settings], { timeoutMs: READ_MS });
  if (result.status !== 0) throw new Error(`kcat: status ${result.status}\n${result.stderr}`);
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [account, transfer = '', amount] = line.split(' ');
      return { transfer, account: Number(account), amount: Number(amount) };
    });
}
