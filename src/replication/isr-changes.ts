import { Backoff } from '../base/backoff.ts';
import type { BrokerId, Uuid } from '../base/brand.ts';
import { crashOnProgrammerError, supervise } from '../base/programmer-error.ts';
import type { World } from '../base/world.ts';
import type { DecodedResponse, EncodableRequest } from '../protocol/api.ts';
import { type ErrorName, errorName } from '../protocol/errors.ts';
import type { alterPartition } from '../protocol/messages/56-alter-partition.ts';

/** The ISR that a leader wants, and the state it judged by. */
export interface IsrChange {
  readonly topicId: Uuid;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly leaderRecoveryState: number;
  /**
   * With the broker epoch that each was judged in, or -1: the controller refuses a broker that restarted
   * since (KIP-903).
   */
  readonly isr: readonly { readonly brokerId: BrokerId; readonly brokerEpoch: number }[];
}

export type IsrAnswer =
  | {
      readonly leader: BrokerId;
      readonly leaderEpoch: number;
      readonly isr: readonly BrokerId[];
      readonly leaderRecoveryState: number;
      readonly partitionEpoch: number;
    }
  | { readonly error: ErrorName };

/**
 * Waits before a request that failed as a whole is sent again: short at first, because the controller may be
 * starting.
 */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1000;

/**
 * Asks the controller for changes of ISRs (AlterPartition): one request in flight, those that come meanwhile
 * go together in the next. A request that fails as a whole is repeated; a partition's own error goes to its
 * leader, which judges anew.
 */
export class IsrChanges {
  readonly #world: World;
  readonly #send: (
    request: EncodableRequest<typeof alterPartition>,
  ) => Promise<DecodedResponse<typeof alterPartition>>;
  readonly #broker: () => { readonly id: BrokerId; readonly epoch: number };
  #waiting: Waiting[] = [];
  #sending = false;
  readonly #backoff = new Backoff({ firstMs: FIRST_RETRY_MS, lastMs: LAST_RETRY_MS });
  #stopped = false;

  constructor(
    world: World,
    options: {
      readonly send: (
        request: EncodableRequest<typeof alterPartition>,
      ) => Promise<DecodedResponse<typeof alterPartition>>;
      readonly broker: () => { readonly id: BrokerId; readonly epoch: number };
    },
  ) {
    this.#world = world;
    this.#send = options.send;
    this.#broker = options.broker;
  }

  submit(change: IsrChange, answered: (answer: IsrAnswer) => void): void {
    this.#waiting.push({ change, answered });
    if (this.#sending) return;
    this.#sending = true;
    this.#world.clock.soon(() => this.#sendNext());
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
  }

  #sendNext(): void {
    const batch = this.#waiting;
    if (this.#stopped || batch.length === 0) {
      this.#sending = false;
      return;
    }
    this.#waiting = [];
    const sent = this.#send(this.#request(batch.map(({ change }) => change))).then(
      (response) => {
        if (response.errorCode !== 0) return this.#again(batch, errorName(response.errorCode));
        if (this.#backoff.hasFailed) this.#world.log.info('AlterPartition succeeds again');
        this.#backoff.succeeded();
        this.#answer(batch, response);
      },
      (error: unknown) => this.#again(batch, error),
    );
    supervise(this.#world, sent);
  }

  #again(batch: Waiting[], error: unknown): void {
    if (this.#stopped || crashOnProgrammerError(this.#world, error)) return;
    if (!this.#backoff.hasFailed) this.#world.log.warn('AlterPartition failed and is sent again', { error });
    this.#waiting = [...batch, ...this.#waiting];
    this.#world.clock.after(this.#backoff.failed(), () => this.#sendNext());
  }

  #request(changes: readonly IsrChange[]): EncodableRequest<typeof alterPartition> {
    const byTopic = new Map<Uuid, IsrChange[]>();
    for (const change of changes) {
      const partitions = byTopic.get(change.topicId);
      if (partitions) partitions.push(change);
      else byTopic.set(change.topicId, [change]);
    }
    const { id, epoch } = this.#broker();
    return {
      brokerId: id,
      brokerEpoch: epoch,
      topics: [...byTopic].map(([topicId, partitions]) => ({
        topicId,
        partitions: partitions.map((change) => ({
          partitionIndex: change.partition,
          leaderEpoch: change.leaderEpoch,
          newIsrWithEpochs: change.isr.map(({ brokerId, brokerEpoch }) => ({ brokerId, brokerEpoch })),
          leaderRecoveryState: change.leaderRecoveryState,
          partitionEpoch: change.partitionEpoch,
        })),
      })),
    };
  }

  #answer(batch: readonly Waiting[], response: DecodedResponse<typeof alterPartition>): void {
    const answers = new Map<string, IsrAnswer>();
    for (const topic of response.topics) {
      for (const partition of topic.partitions) {
        answers.set(
          `${topic.topicId}-${partition.partitionIndex}`,
          partition.errorCode !== 0
            ? { error: errorName(partition.errorCode) }
            : {
                leader: partition.leaderId,
                leaderEpoch: partition.leaderEpoch,
                isr: partition.isr,
                leaderRecoveryState: partition.leaderRecoveryState,
                partitionEpoch: partition.partitionEpoch,
              },
        );
      }
    }
    // What was submitted meanwhile goes out first; answering may submit more.
    this.#world.clock.soon(() => this.#sendNext());
    for (const { change, answered } of batch) {
      // A controller that leaves one out has not said that it changed.
      answered(answers.get(`${change.topicId}-${change.partition}`) ?? { error: 'UNKNOWN_SERVER_ERROR' });
    }
  }
}

interface Waiting {
  readonly change: IsrChange;
  readonly answered: (answer: IsrAnswer) => void;
}
