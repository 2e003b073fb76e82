import type { GuardedClock } from '../../../base/guarded-clock.ts';
import type { World } from '../../../base/world.ts';
import type { CoordinatorTimer } from '../../coordinator-timer.ts';
import type { CoordinatorDecision, Draft } from '../../decision.ts';
import type { GroupConfig } from '../group-config.ts';
import type { GroupRecord } from '../records.ts';
import type { ClassicGroup } from './classic-group.ts';

/** What the decisions about classic groups need of their shard. */
export interface ClassicContext {
  readonly world: World;
  readonly config: GroupConfig;
  /** For times from which the retention of offsets counts. */
  readonly guardedClock: GuardedClock;
  readonly timer: CoordinatorTimer<GroupRecord>;
  /** The group as it is now; a timer asks again, because its group may be gone or another. */
  find(groupId: string): ClassicGroup | undefined;
  /** What happens when nothing was heard of a member for its session timeout. */
  sessionEnded(groupId: string, memberId: string): CoordinatorDecision<GroupRecord, void>;
}

export type GroupDraft = Draft<GroupRecord>;

/** Names of a group's timers. Ids may hold any character but not a NUL. */
export const timerName = {
  join: (groupId: string) => `join\0${groupId}`,
  sync: (groupId: string) => `sync\0${groupId}`,
  session: (groupId: string, memberId: string) => `session\0${groupId}\0${memberId}`,
};
