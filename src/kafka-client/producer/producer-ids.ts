import { supervise } from '../../base/programmer-error.ts';
import { initProducerId } from '../../protocol/messages/22-init-producer-id.ts';
import type { ClusterBrokers } from '../connections/cluster-brokers.ts';
import { checkAnswer, KafkaClientError } from '../kafka-client-error.ts';
import { retryBackoffMs } from '../retried.ts';
import type { ProducerIdentity } from './batch.ts';

/**
 * The producer ids of an idempotent producer: one at first, another after each batch that failed for good.
 */
export class ProducerIds {
  readonly #cluster: ClusterBrokers;
  readonly #arrived: () => void;
  #current: ProducerIdentity | null = null;
  #isAsking = false;

  /** `arrived` runs when `current` has another one. */
  constructor(cluster: ClusterBrokers, arrived: () => void) {
    this.#cluster = cluster;
    this.#arrived = arrived;
  }

  /** Null while none is known; then it is on its way. `after`: one that is used up. */
  current(after: ProducerIdentity | null): ProducerIdentity | null {
    if (this.#current && this.#current !== after) return this.#current;
    if (!this.#isAsking) supervise(this.#cluster.world, this.#ask());
    return null;
  }

  /** Until it succeeds: the records that wait for it have deadlines of their own. */
  async #ask(): Promise<void> {
    this.#isAsking = true;
    const { world } = this.#cluster;
    try {
      const answer = await this.#cluster.askAny(
        initProducerId,
        { transactionalId: null, transactionTimeoutMs: 60_000 },
        ({ errorCode }) => checkAnswer('InitProducerId', errorCode),
      );
      this.#current = { producerId: answer.producerId, epoch: answer.producerEpoch };
    } catch (error) {
      if (!(error instanceof KafkaClientError)) throw error;
      world.log.warn('a producer has no producer id yet', { error });
    }
    world.clock.after(this.#current ? 0 : retryBackoffMs(world, 1), () => {
      this.#isAsking = false;
      this.#arrived();
    });
  }
}
