import type { World } from '../../../base/world.ts';
import type { ClusterImage } from '../../../metadata/image.ts';
import type { CoordinatorTimer } from '../../coordinator-timer.ts';
import type { Decision } from '../../decision.ts';
import type { GroupConfig } from '../group-config.ts';
import type { Groups } from '../groups.ts';
import type { GroupRecord } from '../records.ts';
import type { StatePartition } from './group-state-store.ts';

/** What the decisions about share groups need of their shard. */
export interface ShareContext {
  readonly world: World;
  readonly config: GroupConfig;
  readonly groups: Groups;
  readonly timer: CoordinatorTimer<GroupRecord>;
  /** What the cluster knows now. */
  image(): ClusterImage;
  /** What happens when nothing was heard of a member for its session timeout. */
  sessionEnded(groupId: string, memberId: string): Decision<GroupRecord, void>;
  /** Has the share coordinator keep these partitions of the group, and tells the group what came of it. */
  initialize(groupId: string, stateEpoch: number, partitions: readonly StatePartition[]): void;
}
