import { buildBatch } from '../../src/protocol/records/record.ts';
import { TableHistory } from './table-history.ts';
import type { WireClient } from './wire-client.ts';
import type { Workload } from './workload.ts';

const TOPIC = 'table';
const PARTITIONS = 3;
/** The number of keys of each partition. */
const KEYS = 50;
const BATCH = 20;

/**
 * A compacted topic in which every key counts up: the value that is read for a key is never less than the
 * acknowledged one.
 */
export class CompactedTable implements Workload {
  readonly name = 'a compacted topic';
  readonly topic = TOPIC;
  acknowledged = 0;
  readonly #client: WireClient;
  readonly #history = new TableHistory();
  #steps = 0;
  #next = 0;

  /** Segments are short, so that they are compacted within seconds. */
  static async open(client: WireClient, configs: Readonly<Record<string, string>>): Promise<CompactedTable> {
    await client.createTopic(TOPIC, PARTITIONS, { 'cleanup.policy': 'compact', ...configs });
    return new CompactedTable(client);
  }

  private constructor(client: WireClient) {
    this.#client = client;
  }

  async step(): Promise<void> {
    const partition = this.#steps++ % PARTITIONS;
    const written = Array.from({ length: BATCH }, () => {
      const value = this.#next++;
      return { key: `key-${partition}-${value % KEYS}`, value };
    });
    const records = written.map(({ key, value }) => ({
      timestamp: Date.now(),
      key: Buffer.from(key),
      value: Buffer.from(String(value)),
    }));
    for (const { key, value } of written) this.#history.wrote(key, value);
    await this.#client.produce(TOPIC, partition, buildBatch({ records }));
    for (const { key, value } of written) this.#history.acknowledged(key, value);
    this.acknowledged++;
  }

  async violations(): Promise<string[]> {
    const found = new Map<string, number>();
    for (let partition = 0; partition < PARTITIONS; partition++)
      for (const { key, value } of await this.#client.readAll(TOPIC, partition))
        found.set(String(key), Number(value));
    return this.#history.violations(found);
  }
}
