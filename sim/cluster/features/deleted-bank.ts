import type { Uuid } from '../../../src/base/brand.ts';
import { initProducerId } from '../../../src/protocol/messages/22-init-producer-id.ts';
import { chance } from '../../chance.ts';
import { CommittedOffsetsNeverFall } from '../../checkers/committed-offsets-never-fall.ts';
import { TransactionsAreAtomic } from '../../checkers/transactions-are-atomic.ts';
import { Violations } from '../../checkers/violations.ts';
import { Administrator } from '../administrator.ts';
import { REQUEST_MS } from '../cluster-client.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { TransactionalProducer } from '../transactional-producer.ts';

const TOPIC = 'deleted-bank';
const PARTITIONS = 2;
const PRODUCERS = 2;
const LIFE_MS = 4000;

/**
 * Transactions over a topic that is deleted and made again meanwhile, in any phase of theirs: whatever becomes
 * of their records, they end, and leave no partition of the next topic waiting for a marker that never comes.
 */
export class DeletedBank implements Feature {
  readonly #context: FeatureContext;
  /** The checker of topics that were made expects them to be there in the end. */
  readonly #administrator: Administrator;
  readonly #producers: readonly TransactionalProducer[];
  #topicId: Uuid | null = null;
  /** Producers that have come to their end. */
  #ended = 0;
  /** Nobody deletes the topic any more, or makes it. */
  #isSettled = false;

  constructor(context: FeatureContext) {
    this.#context = context;
    const { client, isOver } = context;
    this.#administrator = new Administrator(client('bank-admin'), { isOver, created: () => {} });
    // What they promise of their records does not hold for a topic that goes away under them.
    const nobodys = new Violations();
    this.#producers = Array.from(
      { length: PRODUCERS },
      (_, i) =>
        new TransactionalProducer(client(nameOf(i)), {
          transactionalId: nameOf(i),
          isShared: false,
          addsNothing: i === 0,
          topic: TOPIC,
          partitions: PARTITIONS,
          group: `deleted-bank-group-${i}`,
          atomic: new TransactionsAreAtomic(nobodys),
          committed: new CommittedOffsetsNeverFall(nobodys),
          violations: nobodys,
        }),
    );
  }

  async prepare(): Promise<void> {
    this.#topicId = await this.#make();
  }

  async run(): Promise<void> {
    const { isDraining } = this.#context;
    await Promise.all([
      ...this.#producers.map(async (producer, i) => {
        await producer.run({ isDraining });
        await this.#endOpen(i);
        this.#ended++;
      }),
      this.#makeAgain(),
    ]);
  }

  /** Whatever was begun is ended, by its producer or by its timeout, and the topic is as it shall be. */
  isDrained(): boolean {
    const { cluster } = this.#context;
    if (this.#ended < PRODUCERS || !this.#isSettled) return false;
    if (this.#topicId === null) return true;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const leader = [...cluster.running()]
        .map(([, { replicas }]) => replicas.find(TOPIC, partition))
        .find((replica) => replica?.isLeader);
      if (!leader || leader.log.lastStableOffset < leader.log.endOffset) return false;
    }
    return true;
  }

  check(): void {}

  async #makeAgain(): Promise<void> {
    const { isOver, isDraining } = this.#context;
    const { client } = this.#administrator;
    while (!isDraining() && this.#topicId !== null) {
      await client.pause(LIFE_MS);
      const before = this.#topicId;
      await this.#administrator.delete(before);
      // For good in the end: then transactions wait for nobody that leads it.
      const isLast = chance(client.random, 0.4);
      this.#topicId = isLast || isOver() ? null : await this.#make(before);
    }
    this.#isSettled = true;
  }

  /** Who gets an epoch for a transactional id finds nothing open under it. */
  async #endOpen(producer: number): Promise<void> {
    const { client, isOver } = this.#context;
    const one = client(`${nameOf(producer)}-end`);
    for (let isEnded = false; !isEnded && !isOver(); await one.pause())
      await one.tried(async () => {
        const found = await one.coordinatorOf('transaction', nameOf(producer));
        if (!found) return;
        const connection = await one.connect(found.host);
        const answer = await connection.send(
          initProducerId,
          { transactionalId: nameOf(producer), transactionTimeoutMs: REQUEST_MS },
          { version: 4, timeoutMs: REQUEST_MS },
        );
        isEnded = answer.errorCode === 0;
      });
  }

  #make(after?: Uuid): Promise<Uuid | null> {
    return this.#administrator.create({ name: TOPIC, partitions: PARTITIONS, replicationFactor: 3, after });
  }
}

function nameOf(producer: number): string {
  return `deleted-teller-${producer}`;
}
