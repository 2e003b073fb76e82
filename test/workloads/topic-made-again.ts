import { buildBatch } from '../../src/protocol/records/record.ts';
import { TopicLife } from './topic-life.ts';
import type { WireClient } from './wire-client.ts';
import type { Workload } from './workload.ts';

const TOPIC = 'again';
const PARTITIONS = 2;
const BATCH = 10;
/**
 * The number of batches in one life of the topic; after half of them the first half of the records is
 * deleted.
 */
const BATCHES = 40;

/**
 * A topic that is filled, partly emptied, deleted and made again: each life has the records acknowledged in
 * it, and no others.
 */
export class TopicMadeAgain implements Workload {
  readonly name = 'a topic made again';
  readonly topic = TOPIC;
  acknowledged = 0;
  readonly #client: WireClient;
  readonly #found: string[] = [];
  #lives = 0;
  #batches = 0;
  #life: TopicLife | null = null;
  /** The life is over, though the answer to the deletion may not have come. */
  #isEnding = false;
  /** Unanswered requests to delete records: they name the topic by name, and may arrive in a later life. */
  readonly #lateDeletions = new Map<number, number>();

  constructor(client: WireClient) {
    this.#client = client;
  }

  async step(): Promise<void> {
    const life = this.#life;
    if (!life) await this.#begin();
    else if (this.#isEnding) await this.#end(life);
    else if (this.#batches < BATCHES) await this.#fill(life);
    else {
      this.#found.push(...(await this.#check(life)));
      this.#isEnding = true;
    }
  }

  async violations(): Promise<string[]> {
    const now = this.#life && !this.#isEnding ? await this.#check(this.#life) : [];
    return [...this.#found, ...now];
  }

  async #begin(): Promise<void> {
    const topicId = await this.#client.createTopic(TOPIC, PARTITIONS);
    const life = new TopicLife(`life ${this.#lives++}`, topicId);
    for (const [partition, offset] of this.#lateDeletions) life.mayBeDeletedBelow(partition, offset);
    this.#batches = 0;
    this.#life = life;
  }

  async #end(life: TopicLife): Promise<void> {
    await this.#client.deleteTopic(life.topicId);
    this.#life = null;
    this.#isEnding = false;
  }

  async #fill(life: TopicLife): Promise<void> {
    const batch = this.#batches++;
    const partition = batch % PARTITIONS;
    const values = Array.from({ length: BATCH }, (_, i) => life.valueOf(batch * BATCH + i));
    const records = values.map((value) => ({ timestamp: Date.now(), key: null, value: Buffer.from(value) }));
    const { topicId } = life;
    const offset = await this.#client.produce(TOPIC, partition, buildBatch({ records }), { topicId });
    life.acknowledged(partition, offset, values);
    this.acknowledged++;
    if (batch === BATCHES / 2) for (let i = 0; i < PARTITIONS; i++) await this.#deleteHalf(life, i);
  }

  async #deleteHalf(life: TopicLife, partition: number): Promise<void> {
    const middle = life.middleOf(partition);
    if (middle === undefined) return;
    // Whatever the outcome of the request, the records may be gone.
    life.mayBeDeletedBelow(partition, middle);
    const late = this.#lateDeletions.get(partition) ?? 0;
    this.#lateDeletions.set(partition, Math.max(late, middle));
    await this.#client.deleteRecords(TOPIC, partition, middle);
    this.#lateDeletions.set(partition, late);
  }

  async #check(life: TopicLife): Promise<string[]> {
    const found: string[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const read = await this.#client.readAll(TOPIC, partition);
      found.push(...life.violations(partition, read).map((violation) => `${TOPIC}-${violation}`));
    }
    return found;
  }
}
