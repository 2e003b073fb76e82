import { assert } from '../base/assert.ts';
import type { BrokerId } from '../base/brand.ts';
import type { PartitionImage } from '../metadata/topics.ts';

/**
 * What one replica knows of its partition: its role, and the state of the partition that the image of the
 * cluster, or the controller's answer to a change of the ISR, told last. It decides nothing.
 */
export class PartitionState {
  role: 'leader' | 'follower' | 'none' = 'none';
  /** -1 when nobody leads. */
  leaderId: BrokerId = -1;
  leaderEpoch = -1;
  partitionEpoch = -1;
  replicas: readonly BrokerId[] = [];
  #isr: readonly BrokerId[] = [];
  #pendingIsr: readonly BrokerId[] | undefined;
  #maximalIsr: ReadonlySet<BrokerId> = new Set();

  /** The committed ISR, as the controller knows it. */
  get isr(): readonly BrokerId[] {
    return this.#isr;
  }

  /** What the controller was asked for and has not answered. */
  get pendingIsr(): readonly BrokerId[] | undefined {
    return this.#pendingIsr;
  }

  /** The members of the committed ISR and of the pending one (KIP-497). */
  get maximalIsr(): ReadonlySet<BrokerId> {
    return this.#maximalIsr;
  }

  /** Takes a state that is not older than the one it has; what was asked of the controller is void then. */
  take(image: PartitionImage): void {
    assert(image.partitionEpoch >= this.partitionEpoch, 'the state of a partition does not go back');
    this.leaderId = image.leader;
    this.leaderEpoch = image.leaderEpoch;
    this.partitionEpoch = image.partitionEpoch;
    this.replicas = image.replicas;
    this.isrIs(image.isr);
  }

  /** The controller is asked for this ISR. */
  isrAsked(isr: readonly BrokerId[]): void {
    assert(this.role === 'leader', 'only a leader judges who is in sync');
    assert(this.#pendingIsr === undefined, 'one change of the ISR is under way');
    this.#pendingIsr = isr;
    this.#maximalIsr = new Set([...this.#isr, ...isr]);
  }

  /**
   * The controller answered with a state that is older than this one: what came of it is not known, and the
   * larger ISR counts on.
   */
  isrUnknown(): void {
    this.#pendingIsr = undefined;
  }

  /** This ISR is committed, and nothing is asked for. */
  isrIs(isr: readonly BrokerId[]): void {
    this.#isr = isr;
    this.#pendingIsr = undefined;
    this.#maximalIsr = new Set(isr);
  }
}
