import type { Uuid } from '../../src/base/brand.ts';
import { below } from '../../src/base/random.ts';
import { chance } from '../chance.ts';
import { CommittedOffsetsNeverFall } from '../checkers/committed-offsets-never-fall.ts';
import type { TransactionsAreAtomic } from '../checkers/transactions-are-atomic.ts';
import type { FeatureContext } from './feature.ts';
import { IdempotentProducer } from './producers.ts';
import { TransactionalProducer } from './transactional-producer.ts';

const KEYS = 6;

/** The kinds of topics that a share group reads: what is in them and what happens to them. */
export const SHARED_KINDS = ['plain', 'deleted records', 'made again', 'compacted', 'transactions'] as const;
export type SharedKind = (typeof SHARED_KINDS)[number];

export interface SharedProducer {
  run(phase: { readonly isOver: () => boolean; readonly isDraining: () => boolean }): Promise<void>;
  readonly isDrained: boolean;
}

/** Who writes what a share group reads. */
export function sharedProducer(
  { client, violations }: FeatureContext,
  options: {
    readonly kind: SharedKind;
    readonly topic: string;
    readonly topicId: Uuid;
    readonly partitions: number;
    /** Each producer of a history has its own. */
    readonly number: number;
    readonly atomic: TransactionsAreAtomic;
    readonly acknowledged: (partition: number, offset: number) => void;
  },
): SharedProducer {
  const { kind, topic, topicId, partitions, number, atomic, acknowledged } = options;
  if (kind !== 'transactions') {
    const writer = client(`share-writer-${number}`);
    return new IdempotentProducer(writer, {
      topic,
      topicId,
      partitions,
      make: (partition, sequence) => ({
        key: kind === 'compacted' ? `k${below(writer.random, KEYS)}` : null,
        value: `${number}-${partition}:${sequence}`,
      }),
      checks: { sent: () => {}, acknowledged },
    });
  }
  const teller = client('share-teller');
  const producer = new TransactionalProducer(teller, {
    transactionalId: 'share-teller',
    isShared: false,
    addsNothing: chance(teller.random, 0.5),
    topic,
    partitions,
    group: 'share-teller-group',
    atomic,
    committed: new CommittedOffsetsNeverFall(violations),
    violations,
  });
  let isDrained = false;
  return {
    run: async ({ isDraining }) => {
      await producer.run({ isDraining });
      isDrained = true;
    },
    get isDrained() {
      return isDrained;
    },
  };
}
