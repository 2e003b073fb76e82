import type { World } from '../../../base/world.ts';
import type { ClusterImage } from '../../../metadata/image.ts';
import type { CoordinatorDecision } from '../../decision.ts';
import type { GroupConfig } from '../group-config.ts';
import type { Groups } from '../groups.ts';
import type { RevocationContext } from '../member-timers.ts';
import type { GroupRecord } from '../records.ts';

/** What the decisions about streams groups need of their shard. */
export interface StreamsContext extends RevocationContext {
  readonly world: World;
  readonly config: GroupConfig;
  readonly groups: Groups;
  /** What the cluster knows now. */
  image(): ClusterImage;
  /** What happens when members had their time to join a new group: its first targets. */
  initialDelayEnded(groupId: string): CoordinatorDecision<GroupRecord, void>;
}
