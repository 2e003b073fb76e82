import type { Violations } from './violations.ts';

/**
 * At most one broker leads a partition in one leader epoch, and no image names another leader for that epoch.
 */
export class OneLeaderPerEpoch {
  readonly #violations: Violations;
  readonly #leaders = new Map<string, number>();
  readonly #newest = new Map<string, number>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  saw(partition: string, leaderEpoch: number, leader: number): void {
    const key = `${partition} in epoch ${leaderEpoch}`;
    const known = this.#leaders.get(key);
    if (known !== undefined && known !== leader)
      this.#violations.add('OneLeaderPerEpoch', `${key} is led by ${known} and by ${leader}`);
    this.#leaders.set(key, leader);
    this.#newest.set(partition, Math.max(leaderEpoch, this.newestEpoch(partition)));
  }

  /** The newest epoch in which the partition was seen with a leader; -1 for none. */
  newestEpoch(partition: string): number {
    return this.#newest.get(partition) ?? -1;
  }
}
