import type { World } from '../../../base/world.ts';
import type { CoordinatorRuntime } from '../../runtime.ts';
import type { GroupShard } from '../group-shard.ts';
import type { GroupRecord } from '../records.ts';
import type { StatePartition } from './group-state-store.ts';
import type { OrderedGroupState } from './ordered-group-state.ts';

interface StateInitialization {
  readonly groupId: string;
  readonly stateEpoch: number;
  readonly partitions: readonly StatePartition[];
}

/**
 * Has the share coordinator keep these partitions, and tells the group of those that it keeps, and of those
 * that it does not.
 */
export async function initializeState(
  world: World,
  runtime: CoordinatorRuntime<GroupShard, GroupRecord>,
  shareState: OrderedGroupState,
  { groupId, stateEpoch, partitions }: StateInitialization,
): Promise<void> {
  const kept: StatePartition[] = [];
  const failed: StatePartition[] = [];
  await Promise.all(
    partitions.map(async (partition) => {
      const state = { stateEpoch, startOffset: -1 };
      const failure = await shareState.initialize(groupId, partition, state);
      if (failure)
        world.log.warn('the share coordinator does not keep a partition of a share group', {
          group: groupId,
          ...partition,
          ...failure,
        });
      (failure ? failed : kept).push(partition);
    }),
  );
  // Where the group is coordinated elsewhere by now, its next coordinator asks again.
  await runtime.runFor<null>(
    groupId,
    (shard) => shard.share.initialized(groupId, kept, failed),
    () => null,
  );
}
