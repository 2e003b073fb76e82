import type { ProducerId } from '../../base/brand.ts';
import { type Crash, crashOnProgrammerError, supervise } from '../../base/programmer-error.ts';
import { type ErrorName, errorName } from '../../protocol/errors.ts';
import { allocateProducerIds } from '../../protocol/messages/67-allocate-producer-ids.ts';
import type { ControllerChannel } from './controller-channel.ts';

/**
 * The next block is asked for when this share of the present one is used, so that nobody has to wait for it.
 */
const PREFETCH_AT = 0.9;

/** Producer ids, unique in the cluster: the controller gives a broker a block of them at a time. */
export class ProducerIdManager {
  readonly #world: Crash;
  readonly #controller: ControllerChannel;
  readonly #broker: () => { readonly id: number; readonly epoch: number };
  #next = 0;
  #end = 0;
  #length = 0;
  #following:
    | Promise<{ readonly start: number; readonly length: number } | { readonly error: ErrorName }>
    | undefined;

  constructor(
    world: Crash,
    controller: ControllerChannel,
    broker: () => { readonly id: number; readonly epoch: number },
  ) {
    this.#world = world;
    this.#controller = controller;
    this.#broker = broker;
  }

  async next(): Promise<ProducerId | { readonly error: ErrorName }> {
    while (this.#next >= this.#end) {
      const block = await this.#follow();
      if ('error' in block) return block;
      // Others may have waited for the same block.
      if (this.#next < this.#end) break;
      this.#following = undefined;
      this.#next = block.start;
      this.#length = block.length;
      this.#end = block.start + block.length;
    }
    const id = this.#next++;
    if (this.#end - this.#next < this.#length * (1 - PREFETCH_AT)) supervise(this.#world, this.#follow());
    return id;
  }

  #follow(): Promise<{ readonly start: number; readonly length: number } | { readonly error: ErrorName }> {
    this.#following ??= this.#allocate();
    return this.#following;
  }

  /** Never rejects; a failure is forgotten so that the next caller asks again. */
  async #allocate(): Promise<
    { readonly start: number; readonly length: number } | { readonly error: ErrorName }
  > {
    const { id, epoch } = this.#broker();
    try {
      const answer = await this.#controller.send(
        allocateProducerIds,
        { brokerId: id, brokerEpoch: epoch },
        { timeoutMs: 5_000 },
      );
      if (answer.errorCode === 0) return { start: answer.producerIdStart, length: answer.producerIdLen };
      this.#following = undefined;
      return { error: errorName(answer.errorCode) };
    } catch (error) {
      crashOnProgrammerError(this.#world, error);
      // The controller is away; producers ask again.
      this.#following = undefined;
      return { error: 'COORDINATOR_LOAD_IN_PROGRESS' };
    }
  }
}
