import type { World } from '../../../base/world.ts';
import type { ClusterImage } from '../../../metadata/image.ts';
import type { GroupConfig } from '../group-config.ts';
import type { Groups } from '../groups.ts';
import type { SessionContext } from '../member-timers.ts';
import type { StatePartition } from './group-state-store.ts';

/** What the decisions about share groups need of their shard. */
export interface ShareContext extends SessionContext {
  readonly world: World;
  readonly config: GroupConfig;
  readonly groups: Groups;
  /** What the cluster knows now. */
  image(): ClusterImage;
  /** Has the share coordinator keep these partitions of the group, and tells the group what came of it. */
  initialize(groupId: string, stateEpoch: number, partitions: readonly StatePartition[]): void;
}
