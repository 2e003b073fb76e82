import { setTimeout as pause } from 'node:timers/promises';
import { errorName } from '../../src/protocol/errors.ts';
import { initProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { addPartitionsToTxn } from '../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { endTxn } from '../../src/protocol/messages/26-end-txn.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { type Entry, TransferHistory } from './transfer-history.ts';
import { accept, REQUEST, Refused, type WireClient } from './wire-client.ts';
import type { Workload } from './workload.ts';

const TOPIC = 'transfers';
const TRANSACTIONAL_ID = 'bank';
const PARTITIONS = [0, 1] as const;
const ABORT_EVERY = 4;
const TRANSACTION_TIMEOUT_MS = 20_000;
const PAUSE_MS = 20;
/** Milliseconds for the completion of a transaction that was ended. */
const COMPLETED_MS = 180_000;

interface Ids {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Transactions that write one record to each of two partitions: both are there, once, or neither. */
export class Transfers implements Workload {
  readonly name = 'transactions';
  readonly topic = TOPIC;
  acknowledged = 0;
  readonly #client: WireClient;
  readonly #history = new TransferHistory();
  #ids: Ids | null = null;
  /** The next sequence of every partition: a transactional producer's sequences have no gap. */
  #sequence = 0;
  #next = 0;

  static async open(client: WireClient, configs: Readonly<Record<string, string>>): Promise<Transfers> {
    await client.createTopic(TOPIC, PARTITIONS.length, { 'segment.ms': configs['segment.ms'] ?? '' });
    await client.retried(() => client.coordinator('transaction', TRANSACTIONAL_ID));
    await client.alterTopic('__transaction_state', configs);
    return new Transfers(client);
  }

  private constructor(client: WireClient) {
    this.#client = client;
  }

  async step(): Promise<void> {
    const transfer = this.#next++;
    const committed = transfer % ABORT_EVERY !== 0;
    try {
      const ids = this.#ids ?? (await this.#begin());
      this.#ids = ids;
      await this.#run(ids, String(transfer), committed);
      this.#history.ended(String(transfer), committed);
      this.acknowledged++;
    } catch (error) {
      // Whatever the outcome, the next transfer begins with a new epoch.
      this.#ids = null;
      throw error;
    }
  }

  async violations(): Promise<string[]> {
    // This aborts an open transaction and completes one that was decided.
    this.#ids = await this.#client.retried(() => this.#begin());
    const entries: Entry[] = [];
    for (const partition of PARTITIONS)
      for (const { value } of await this.#client.readAll(TOPIC, partition))
        entries.push({ transfer: String(value), account: partition, amount: partition === 0 ? -1 : 1 });
    return this.#history.violations(entries);
  }

  async #begin(): Promise<Ids> {
    const coordinator = await this.#client.coordinator('transaction', TRANSACTIONAL_ID);
    const request = { transactionalId: TRANSACTIONAL_ID, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS };
    const { errorCode, producerId, producerEpoch } = await coordinator.send(initProducerId, request, REQUEST);
    accept(errorCode);
    this.#sequence = 0;
    return { producerId, producerEpoch };
  }

  async #run({ producerId, producerEpoch }: Ids, value: string, committed: boolean): Promise<void> {
    const coordinator = await this.#client.coordinator('transaction', TRANSACTIONAL_ID);
    const adding = {
      v3AndBelowTransactionalId: TRANSACTIONAL_ID,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: TOPIC, partitions: [...PARTITIONS] }],
    };
    const until = Date.now() + COMPLETED_MS;
    for (;;) {
      const answer = await coordinator.send(addPartitionsToTxn, adding, { ...REQUEST, version: 3 });
      const results = answer.resultsByTopicV3AndBelow[0]?.resultsByPartition ?? [];
      const error = errorName(
        results.find(({ partitionErrorCode }) => partitionErrorCode !== 0)?.partitionErrorCode ?? 0,
      );
      if (error === 'NONE') break;
      // The transaction before it is still being completed.
      if (error !== 'CONCURRENT_TRANSACTIONS' || Date.now() > until) throw new Refused(error);
      await pause(PAUSE_MS);
    }
    for (const partition of PARTITIONS) {
      const records = buildBatch({
        records: [{ timestamp: Date.now(), key: null, value: Buffer.from(value) }],
        producerId,
        producerEpoch,
        baseSequence: this.#sequence,
        isTransactional: true,
      });
      await this.#client.produce(TOPIC, partition, records, { transactionalId: TRANSACTIONAL_ID });
    }
    this.#sequence++;
    const end = { transactionalId: TRANSACTIONAL_ID, producerId, producerEpoch, committed };
    accept((await coordinator.send(endTxn, end, { ...REQUEST, version: 4 })).errorCode);
  }
}
