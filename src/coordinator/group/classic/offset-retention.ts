import type { CommittedOffset } from '../offset-map.ts';
import type { ClassicGroup } from './classic-group.ts';

/**
 * KIP-211: retention counts from when the group became empty; for topics that a stable consumer group no
 * longer reads, and for consumers that only commit, from the last commit. Null: while a group rebalances, or
 * while it says nothing about its topics, nothing expires.
 */
export function classicRetentionStart(group: ClassicGroup): ((offset: CommittedOffset) => number) | null {
  if (group.protocolType === null) return ({ commitTimestamp }) => commitTimestamp;
  if (group.state === 'Empty') {
    return ({ commitTimestamp }) => (group.stateTimestamp === -1 ? commitTimestamp : group.stateTimestamp);
  }
  if (group.state === 'Stable' && group.usesConsumerProtocol && group.knowsSubscriptions) {
    return ({ commitTimestamp }) => commitTimestamp;
  }
  return null;
}
