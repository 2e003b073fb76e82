import type { World } from '../../../base/world.ts';
import type { ClusterImage } from '../../../metadata/image.ts';
import type { CoordinatorTimer } from '../../coordinator-timer.ts';
import type { Decision } from '../../decision.ts';
import type { GroupConfig } from '../group-config.ts';
import type { Groups } from '../groups.ts';
import type { Patterns } from '../patterns.ts';
import type { GroupRecord } from '../records.ts';

/** What the decisions about consumer groups need of their shard. */
export interface ConsumerContext {
  readonly world: World;
  readonly config: GroupConfig;
  readonly groups: Groups;
  readonly timer: CoordinatorTimer<GroupRecord>;
  /** Expressions that members are subscribed by, compiled. */
  readonly patterns: Patterns;
  /** The offset of the metadata log since when no topic was made. */
  newTopicsSince(): number;
  /** What the cluster knows now. */
  image(): ClusterImage;
  /** What happens when nothing was heard of a member for its session timeout. */
  sessionEnded(groupId: string, memberId: string): Decision<GroupRecord, void>;
  /** What happens when a member was too long in this epoch without giving back what it was asked for. */
  revocationEnded(groupId: string, memberId: string, memberEpoch: number): Decision<GroupRecord, void>;
}
