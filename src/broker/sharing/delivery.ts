import type { StateBatch } from '../../coordinator/share/records.ts';
import { acknowledgeType } from './acknowledgements.ts';

export type DeliveryState = 'available' | 'acquired' | 'acknowledged' | 'archived';
type Settled = Exclude<DeliveryState, 'acquired'>;

/** As records and requests number them. */
const STATE_CODES: Readonly<Record<Settled, number>> = { available: 0, acknowledged: 2, archived: 4 };

/**
 * What was decided for records and is on its way to the share coordinator: until it is there, nobody else
 * gets them.
 */
export class Change {
  readonly batches: StateBatch[] = [];
}

/** Offsets that follow one another and of which the same is so. */
export interface Delivery {
  firstOffset: number;
  lastOffset: number;
  state: DeliveryState;
  deliveryCount: number;
  /** With which it was first acquired: those that are cut of one have the same. */
  readonly batch: { readonly size: number };
  /** Who has acquired it; empty where nobody has. */
  memberId: string;
  /** Monotonic time at which its lock ends. */
  lockedUntil: number;
  /** What it is to become, and with which count, once the change is kept. */
  change: { readonly of: Change; readonly to: Settled; readonly deliveryCount: number } | null;
}

export interface DeliveryLimits {
  /** `share.delivery.count.limit` */
  readonly deliveryCount: number;
  /** `share.partition.max.record.locks` */
  readonly recordLocks: number;
}

export function isAvailable(one: Delivery): boolean {
  return one.state === 'available' && !one.change;
}

export function isTerminal(state: DeliveryState): boolean {
  return state === 'acknowledged' || state === 'archived';
}

export function isDone(one: Delivery | undefined): boolean {
  return one !== undefined && isTerminal(one.state) && !one.change;
}

export function settle(one: Delivery, state: Settled, deliveryCount: number): void {
  one.state = state;
  one.deliveryCount = deliveryCount;
  one.memberId = '';
  one.lockedUntil = 0;
  one.change = null;
}

export function kept({ firstOffset, lastOffset }: Delivery, to: Settled, deliveryCount: number): StateBatch {
  return { firstOffset, lastOffset, deliveryState: STATE_CODES[to], deliveryCount };
}

export function stateOf(code: number): Settled {
  return code === STATE_CODES.acknowledged
    ? 'acknowledged'
    : code === STATE_CODES.archived
      ? 'archived'
      : 'available';
}

/** What a record becomes; released as often as it may be delivered, it is given up. */
export function settledBy(
  type: number,
  deliveryCount: number,
  limits: Pick<DeliveryLimits, 'deliveryCount'>,
): Settled {
  if (type === acknowledgeType.accept) return 'acknowledged';
  if (type === acknowledgeType.release && deliveryCount < limits.deliveryCount) return 'available';
  return 'archived';
}
