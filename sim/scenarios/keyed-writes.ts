import type { Clock } from '../../src/base/clock.ts';
import { below, type Random } from '../../src/base/random.ts';
import { endTransactionBatch } from '../../src/protocol/records/control.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';
import { chance, pick } from '../chance.ts';
import type { CompactionModel } from './compaction-model.ts';

/** The first half of the producers write transactions. */
const PRODUCERS = 4;
const CODECS = ['none', 'none', 'none', 'none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** The batches that are appended to a compacted log: values and deletions of keys, and ends of transactions. */
export class KeyedWrites {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #keys: number;
  #nextValue = 0;

  /** `keys`: the number of keys. */
  constructor(clock: Clock, options: { readonly random: Random; readonly keys: number }) {
    this.#clock = clock;
    this.#random = options.random;
    this.#keys = options.keys;
  }

  /** Up to five records, of a producer with the next sequence that the model allows or of no producer. */
  batch(model: CompactionModel): Buffer {
    const random = this.#random;
    const producerId = chance(random, 0.4) ? producerOf(model, below(random, PRODUCERS)) : -1;
    const timestamp = this.#clock.now() - below(random, 5);
    const records = Array.from({ length: 1 + below(random, 5) }, () => ({
      timestamp: timestamp + below(random, 5),
      key: Buffer.from(`key ${below(random, this.#keys)}`),
      value: chance(random, 0.15)
        ? null
        : Buffer.from(`value ${this.#nextValue++} `.padEnd(below(random, 120))),
      headers: chance(random, 0.1) ? [{ key: 'of', value: Buffer.from([0xff, 0x00]) }] : [],
    }));
    return buildBatch({
      records,
      compression: pick(random, CODECS),
      ...(producerId < 0
        ? {}
        : {
            producerId,
            producerEpoch: 0,
            baseSequence: model.nextSequence(producerId),
            isTransactional: producerId % PRODUCERS < PRODUCERS / 2,
          }),
    });
  }

  /** Commits or aborts the producer's transaction. */
  marker(producerId: number): Buffer {
    return endTransactionBatch({
      producerId,
      producerEpoch: 0,
      outcome: chance(this.#random, 0.5) ? 'COMMIT' : 'ABORT',
      coordinatorEpoch: 0,
      timestamp: this.#clock.now(),
    });
  }
}

/** A producer whose last sequence was lost begins again under another id. */
function producerOf(model: CompactionModel, n: number): number {
  let producerId = n;
  while (model.isLost(producerId)) producerId += PRODUCERS;
  return producerId;
}
