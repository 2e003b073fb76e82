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
 * Transactions over a topic that is deleted and made again meanwhile, in any phase of a transaction. Whatever
 * happens to their records, the transactions end, and no partition of the next topic waits for a marker that
 * never comes.
 */
export class DeletedBank implements Feature {
  readonly #context: FeatureContext;
  /** An administrator of its own: the checker of created topics expects them to exist in the end. */
  readonly #administrator: Administrator;
  readonly #producers: readonly TransactionalProducer[];
  #topicId: Uuid | null = null;
  /** The number of producers that have ended. */
  #ended = 0;
  /** The topic is not deleted or made any more. */
  #isSettled = false;

  constructor(context: FeatureContext) {
    this.#context = context;
    const { client, isOver } = context;
    this.#administrator = new Administrator(client('bank-admin'), { isOver, created: () => {} });
    // Not checked: what producers promise of their records does not hold for a topic that is deleted
    // meanwhile.
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

  /**
   * True when every transaction was ended, by its producer or its timeout, and the topic is in its last
   * state.
   */
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
      // The last deletion may be final: then transactions have a partition that nobody leads.
      const isLast = chance(client.random, 0.4);
      this.#topicId = isLast || isOver() ? null : await this.#make();
    }
    this.#isSettled = true;
  }

  /** Asks for a new epoch of the transactional id: after that no transaction is open under it. */
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

  #make(): Promise<Uuid | null> {
    return this.#administrator.create({ name: TOPIC, partitions: PARTITIONS, replicationFactor: 3 });
  }
}

function nameOf(producer: number): string {
  return `deleted-teller-${producer}`;
}
