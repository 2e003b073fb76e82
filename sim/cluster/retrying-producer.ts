import { sleep } from '../../src/base/clock.ts';
import { below } from '../../src/base/random.ts';
import { initProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { chance } from '../chance.ts';
import type { AcknowledgedRecordsSurvive } from '../checkers/acknowledged-records-survive.ts';
import type { RetriesAreNotDoubled } from '../checkers/retries-are-not-doubled.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';
import { type Answer, send } from './producers.ts';

interface Batch {
  readonly value: string;
  readonly sequence: number;
  /** The time of the first attempt to send it, in simulated milliseconds. */
  readonly since: number;
}

export interface RetryingProducerOptions {
  readonly topic: string;
  readonly expirationMs: number;
  readonly survive: AcknowledgedRecordsSurvive;
  readonly retries: RetriesAreNotDoubled;
  /** Simulated milliseconds. */
  readonly now: () => number;
  /** Whether the clock of a broker is or was wrong: it may take what is new for old. */
  readonly wasClockWrong: () => boolean;
  readonly isOver: () => boolean;
  readonly isDraining: () => boolean;
}

/**
 * An idempotent producer with one batch under way in one partition, which sends its last batch once more
 * after it was acknowledged: soon, or after pauses in which the brokers may forget the producer.
 */
export class RetryingProducer {
  readonly #client: ClusterClient;
  readonly #options: RetryingProducerOptions;
  readonly #partition: number;
  #isDrained = false;

  constructor(client: ClusterClient, partition: number, options: RetryingProducerOptions) {
    this.#client = client;
    this.#partition = partition;
    this.#options = options;
  }

  get isDrained(): boolean {
    return this.#isDrained;
  }

  async run(): Promise<void> {
    const { isOver, isDraining } = this.#options;
    for (let life = 0; !isOver(); life++) {
      const identity = await this.#init();
      const batches = 1 + below(this.#client.random, 8);
      for (let sequence = 0; identity && sequence < batches && !isOver(); sequence++) {
        const wasDraining = isDraining();
        const value = `${this.#client.name}-${this.#partition}-${life}:${sequence}`;
        const batch = { value, sequence, since: this.#options.now() };
        const offset = await this.#write(identity, batch);
        if (offset === null) break;
        if (wasDraining) this.#isDrained = true;
        if (chance(this.#client.random, 0.5)) await this.#sendAgain(identity, batch, offset);
        await this.#client.pause(200);
      }
    }
  }

  async #init(): Promise<Identity | null> {
    let identity: Identity | null = null;
    await this.#client.tried(async () => {
      const connection = await this.#client.anyBroker();
      const { errorCode, producerId, producerEpoch } = await connection.send(
        initProducerId,
        { transactionalId: null, transactionTimeoutMs: 0 },
        { timeoutMs: REQUEST_MS },
      );
      if (errorCode === 0) identity = { producerId, producerEpoch };
    });
    if (identity === null) await this.#client.pause();
    return identity;
  }

  /** Sends the batch until it is acknowledged; null if that takes too long. Resolves with its offset. */
  async #write(identity: Identity, batch: Batch): Promise<number | null> {
    const { survive, topic, isOver, expirationMs } = this.#options;
    while (!isOver() && this.#age(batch) < 2 * expirationMs) {
      const answer = await this.#send(identity, batch);
      if (answer?.error === 'NONE' && answer.baseOffset >= 0) {
        survive.acknowledged(`${topic}-${this.#partition}`, answer.baseOffset, batch.value);
        return answer.baseOffset;
      }
      await this.#client.pause();
    }
    return null;
  }

  /** Once more the batch that was acknowledged at `before`. */
  async #sendAgain(identity: Identity, batch: Batch, before: number): Promise<void> {
    const { retries, expirationMs, wasClockWrong } = this.#options;
    const { random } = this.#client;
    if (chance(random, 0.5)) await sleep(this.#client.world.clock, below(random, 2 * expirationMs));
    const answer = await this.#send(identity, batch);
    if (answer?.error !== 'NONE' || answer.baseOffset < 0) return;
    if (this.#age(batch) < expirationMs && !wasClockWrong())
      retries.taken(batch.value, { offset: answer.baseOffset, before });
  }

  #age({ since }: Batch): number {
    return this.#options.now() - since;
  }

  /** Null if the partition has no leader or the answer was lost. */
  async #send({ producerId, producerEpoch }: Identity, batch: Batch): Promise<Answer | null> {
    const { topic } = this.#options;
    let answer: Answer | null = null;
    await this.#client.tried(async () => {
      const connection = await this.#client.leaderOf(topic, this.#partition);
      if (!connection) return;
      answer = await send(connection, {
        topic,
        partition: this.#partition,
        acks: -1,
        records: buildBatch({
          records: [
            { timestamp: this.#client.world.clock.now(), key: null, value: Buffer.from(batch.value) },
          ],
          producerId,
          producerEpoch,
          baseSequence: batch.sequence,
        }),
      });
      if (answer.error !== 'NONE') this.#client.forgetLeaders();
    });
    return answer;
  }
}

interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}
