import { setTimeout as pause } from 'node:timers/promises';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { SharedLedger } from './shared-ledger.ts';
import type { WireClient } from './wire-client.ts';
import type { Workload } from './workload.ts';

const TOPIC = 'queue';
const GROUP = 'queue';
const PARTITIONS = 2;
const BATCH = 5;
/** The default of `group.share.min.record.lock.duration.ms`. */
const LOCK_MS = 15_000;
/** A consumer that was cut off keeps its records until their locks end, and looks for leaders after that. */
const GIVEN_MS = 12 * LOCK_MS;

/** Consumers of a share group that run beside a workload. */
interface SharedConsumer {
  stop(): Promise<void>;
}

/**
 * A topic whose records the consumers of a share group take and accept (KIP-932): each acknowledged record is
 * given to one of them, and no two accept the same record.
 */
export class SharedQueue implements Workload {
  readonly name = 'a share group';
  readonly topic = TOPIC;
  readonly #client: WireClient;
  readonly #ledger: SharedLedger;
  readonly #consumers: readonly SharedConsumer[];
  #batches = 0;

  /** `start` starts the consumers, which read the topic in the group and report to the ledger. */
  static async open(
    client: WireClient,
    start: (reading: {
      readonly topic: string;
      readonly group: string;
      readonly ledger: SharedLedger;
    }) => readonly SharedConsumer[],
  ): Promise<SharedQueue> {
    await client.upgradeFeature('share.version', 1);
    await client.createTopic(TOPIC, PARTITIONS);
    await client.alterGroup(GROUP, {
      'share.auto.offset.reset': 'earliest',
      'share.record.lock.duration.ms': String(LOCK_MS),
    });
    const ledger = new SharedLedger(LOCK_MS);
    return new SharedQueue(client, ledger, start({ topic: TOPIC, group: GROUP, ledger }));
  }

  private constructor(client: WireClient, ledger: SharedLedger, consumers: readonly SharedConsumer[]) {
    this.#client = client;
    this.#ledger = ledger;
    this.#consumers = consumers;
  }

  /** The number of records that consumers accepted. */
  get acknowledged(): number {
    return this.#ledger.accepted;
  }

  async step(): Promise<void> {
    const partition = this.#batches++ % PARTITIONS;
    const records = Array.from({ length: BATCH }, (_, i) => ({
      timestamp: Date.now(),
      key: null,
      value: Buffer.from(`${this.#batches} ${i}`),
    }));
    const offset = await this.#client.produce(TOPIC, partition, buildBatch({ records }));
    for (const i of records.keys()) this.#ledger.produced(partition, offset + i);
  }

  async violations(): Promise<string[]> {
    const until = Date.now() + GIVEN_MS;
    while (this.#ledger.missing().length > 0 && Date.now() < until) await pause(100);
    return this.#ledger.violations();
  }

  async close(): Promise<void> {
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
  }
}
