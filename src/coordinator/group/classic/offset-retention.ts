import type { CommittedOffset } from '../offset-map.ts';
import type { ClassicGroupState } from './group-state.ts';

/** A classic group as far as the retention of its offsets depends on it. */
interface RetainedGroup {
  readonly state: ClassicGroupState;
  /** Since when it is in this state, in milliseconds since 1970; -1 when that is not known. */
  readonly stateTimestamp: number;
  readonly protocolType: string | null;
  readonly usesConsumerProtocol: boolean;
  readonly knowsSubscriptions: boolean;
}

/**
 * KIP-211: retention counts from when the group became empty; for topics that a stable consumer group no
 * longer reads, and for consumers that only commit, from the last commit. Null: while a group rebalances, or
 * while it says nothing about its topics, nothing expires.
 */
export function classicRetentionStart(group: RetainedGroup): ((offset: CommittedOffset) => number) | null {
  if (group.protocolType === null) return ({ commitTimestamp }) => commitTimestamp;
  if (group.state === 'Empty') {
    return ({ commitTimestamp }) => (group.stateTimestamp === -1 ? commitTimestamp : group.stateTimestamp);
  }
  if (group.state === 'Stable' && group.usesConsumerProtocol && group.knowsSubscriptions) {
    return ({ commitTimestamp }) => commitTimestamp;
  }
  return null;
}
