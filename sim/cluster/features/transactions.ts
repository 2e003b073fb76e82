import { chance } from '../../chance.ts';
import { CommittedOffsetsNeverFall } from '../../checkers/committed-offsets-never-fall.ts';
import { TransactionsAreAtomic } from '../../checkers/transactions-are-atomic.ts';
import { readCommitted } from '../committed-reader.ts';
import { committedValues } from '../committed-records.ts';
import type { Feature, FeatureContext } from '../feature.ts';
import { TransactionalProducer } from '../transactional-producer.ts';

const TOPIC = 'bank';
const PARTITIONS = 2;
const PRODUCERS = 2;

/**
 * Transactions over two partitions and a group's offset, and a reader of committed records. Producers work as
 * before KIP-890 or as since then; in some histories they share one transactional id and fence each other.
 */
export class Transactions implements Feature {
  readonly #context: FeatureContext;
  readonly #atomic: TransactionsAreAtomic;
  readonly #producers: readonly TransactionalProducer[];
  /** The number of producers that have ended. */
  #ended = 0;

  constructor(context: FeatureContext) {
    const { client, violations } = context;
    this.#context = context;
    this.#atomic = new TransactionsAreAtomic(violations);
    const choice = client('teller-choice').random;
    const isShared = chance(choice, 0.4);
    this.#producers = Array.from(
      { length: PRODUCERS },
      (_, i) =>
        new TransactionalProducer(client(`teller-${i}`), {
          transactionalId: isShared ? 'teller' : `teller-${i}`,
          isShared,
          addsNothing: chance(choice, 0.5),
          topic: TOPIC,
          partitions: PARTITIONS,
          group: `bank-group-${i}`,
          atomic: this.#atomic,
          committed: new CommittedOffsetsNeverFall(violations),
          violations,
        }),
    );
  }

  async prepare(): Promise<void> {
    const { administrator } = this.#context;
    await administrator.create({ name: TOPIC, partitions: PARTITIONS, replicationFactor: 3 });
  }

  async run(): Promise<void> {
    const { client, isOver, isDraining } = this.#context;
    await Promise.all([
      ...this.#producers.map(async (producer) => {
        await producer.run({ isDraining });
        this.#ended++;
      }),
      readCommitted(client('committed-reader'), {
        topic: TOPIC,
        partitions: PARTITIONS,
        saw: (value) => this.#atomic.saw('a consumer', value),
        isOver,
      }),
    ]);
  }

  /**
   * True when every open transaction was ended, by its producer or its timeout: readers of committed records
   * see everything.
   */
  isDrained(): boolean {
    const { cluster } = this.#context;
    if (this.#ended < PRODUCERS) return false;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const leader = [...cluster.running()]
        .map(([, { replicas }]) => replicas.find(TOPIC, partition))
        .find((replica) => replica?.isLeader);
      if (!leader || leader.log.lastStableOffset < leader.log.endOffset) return false;
    }
    return true;
  }

  check(): void {
    const replicas = Array.from({ length: PARTITIONS }, (_, partition) =>
      this.#context.watch.replicasOf(TOPIC, partition),
    );
    for (const id of this.#context.cluster.ids) {
      // A broker that has no replica of a partition any more is given the leader's records of it.
      const shown = replicas.map((all) => all.find(({ broker }) => broker === id) ?? all[0]);
      this.#atomic.check(
        `broker ${id}`,
        shown.map((replica) => committedValues(replica?.records ?? [])),
      );
    }
  }
}
