/** One partition's change of replicas, the first of which is the preferred leader. */
export interface Move {
  readonly topic: string;
  readonly partition: number;
  readonly from: readonly number[];
  readonly to: readonly number[];
  /**
   * What is copied for it: the partition's size for every replica that is new. Zero when only the order
   * changes.
   */
  readonly bytes: number;
}

export function sameOrder(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((broker, index) => broker === other[index]);
}

export function sameBrokers(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((broker) => other.includes(broker));
}
