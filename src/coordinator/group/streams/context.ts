import type { World } from '../../../base/world.ts';
import type { ClusterImage } from '../../../metadata/image.ts';
import type { CoordinatorTimer } from '../../coordinator-timer.ts';
import type { Decision } from '../../decision.ts';
import type { GroupConfig } from '../group-config.ts';
import type { Groups } from '../groups.ts';
import type { GroupRecord } from '../records.ts';

/** What the decisions about streams groups need of their shard. */
export interface StreamsContext {
  readonly world: World;
  readonly config: GroupConfig;
  readonly groups: Groups;
  readonly timer: CoordinatorTimer<GroupRecord>;
  /** What the cluster knows now. */
  image(): ClusterImage;
  /** What happens when nothing was heard of a member for its session timeout. */
  sessionEnded(groupId: string, memberId: string): Decision<GroupRecord, void>;
  /** What happens when a member was too long in this epoch without giving back what it was asked for. */
  revocationEnded(groupId: string, memberId: string, memberEpoch: number): Decision<GroupRecord, void>;
  /** What happens when members had their time to join a new group: its first targets. */
  initialDelayEnded(groupId: string): Decision<GroupRecord, void>;
}
