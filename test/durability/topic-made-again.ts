import { buildBatch } from '../../src/protocol/records/record.ts';
import type { WireClient } from './wire-client.ts';
import type { Workload } from './workload.ts';

const TOPIC = 'again';
const PARTITIONS = 2;
const BATCH = 10;
/** So many batches in the life of a topic; after half of them the first half of the records is deleted. */
const BATCHES = 40;

/** A topic that is filled, partly emptied, deleted and made again: each life has what was acknowledged in it, and no more. */
export class TopicMadeAgain implements Workload {
  readonly name = 'a topic made again';
  readonly topic = TOPIC;
  acknowledged = 0;
  readonly #client: WireClient;
  readonly #found: string[] = [];
  #life = 0;
  #batches = 0;
  #exists = false;
  /** Of each partition of this life: the value at each offset that was acknowledged. */
  #acknowledged = new Map<number, Map<number, string>>();
  readonly #deletedBelow = new Map<number, number>();

  constructor(client: WireClient) {
    this.#client = client;
  }

  async step(): Promise<void> {
    if (!this.#exists) {
      await this.#client.createTopic(TOPIC, PARTITIONS);
      this.#exists = true;
    } else if (this.#batches < BATCHES) {
      const batch = this.#batches++;
      await this.#append(batch, batch % PARTITIONS);
      if (batch === BATCHES / 2) for (let i = 0; i < PARTITIONS; i++) await this.#deleteHalf(i);
    } else {
      this.#found.push(...(await this.#check()));
      await this.#client.deleteTopic(TOPIC);
      this.#life++;
      this.#batches = 0;
      this.#exists = false;
      this.#acknowledged = new Map();
      this.#deletedBelow.clear();
    }
  }

  async violations(): Promise<string[]> {
    return [...this.#found, ...(this.#exists ? await this.#check() : [])];
  }

  async #append(batch: number, partition: number): Promise<void> {
    const values = Array.from({ length: BATCH }, (_, i) => `life ${this.#life} record ${batch * BATCH + i}`);
    const records = values.map((value) => ({ timestamp: Date.now(), key: null, value: Buffer.from(value) }));
    const offset = await this.#client.produce(TOPIC, partition, buildBatch({ records }));
    const known = this.#acknowledged.get(partition) ?? new Map<number, string>();
    for (const [i, value] of values.entries()) known.set(offset + i, value);
    this.#acknowledged.set(partition, known);
    this.acknowledged++;
  }

  async #deleteHalf(partition: number): Promise<void> {
    const offsets = [...(this.#acknowledged.get(partition)?.keys() ?? [])];
    const middle = offsets[Math.floor(offsets.length / 2)];
    if (middle === undefined) return;
    // Whatever becomes of the request, they may be gone.
    this.#deletedBelow.set(partition, middle);
    await this.#client.deleteRecords(TOPIC, partition, middle);
  }

  async #check(): Promise<string[]> {
    const violations: string[] = [];
    for (const [partition, acknowledged] of this.#acknowledged) {
      const read = await this.#client.readAll(TOPIC, partition);
      const found = new Map(read.map(({ offset, value }) => [offset, value]));
      for (const { offset, value } of read)
        if (!value?.startsWith(`life ${this.#life} `))
          violations.push(`${TOPIC}-${partition} has "${value}" at ${offset} in life ${this.#life}`);
      for (const [offset, value] of acknowledged)
        if (offset >= (this.#deletedBelow.get(partition) ?? 0) && found.get(offset) !== value)
          violations.push(`${TOPIC}-${partition} has "${found.get(offset)}" at ${offset}, not "${value}"`);
    }
    return violations;
  }
}
