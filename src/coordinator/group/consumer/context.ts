import type { GuardedClock } from '../../../base/guarded-clock.ts';
import type { World } from '../../../base/world.ts';
import type { ClusterImage } from '../../../metadata/image.ts';
import type { CoordinatorDecision } from '../../decision.ts';
import type { GroupConfig } from '../group-config.ts';
import type { Groups } from '../groups.ts';
import type { RevocationContext } from '../member-timers.ts';
import type { Patterns } from '../patterns.ts';
import type { GroupRecord } from '../records.ts';

/** What the decisions about consumer groups need of their shard. */
export interface ConsumerContext extends RevocationContext {
  readonly world: World;
  readonly config: GroupConfig;
  /** For times from which the retention of offsets counts. */
  readonly guardedClock: GuardedClock;
  readonly groups: Groups;
  /** Expressions that members are subscribed by, compiled. */
  readonly patterns: Patterns;
  /** The offset of the metadata log since when no topic was made. */
  newTopicsSince(): number;
  /** What the cluster knows now. */
  image(): ClusterImage;
  /**
   * What happens when a member of the classic protocol did not join again, or fetch its assignment, within
   * its rebalance timeout.
   */
  classicMemberIsLate(
    groupId: string,
    memberId: string,
    what: 'join' | 'sync',
  ): CoordinatorDecision<GroupRecord, void>;
  /** A consumer group became a classic one: its members are to join again, unless it is settled. */
  downgraded(groupId: string, isSettled: boolean): void;
}
