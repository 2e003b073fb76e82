import type { Uuid } from '../../../base/brand.ts';
import type { Draft } from '../../decision.ts';
import type { GroupRecord } from '../records.ts';
import type { ShareContext } from './share-context.ts';
import type { ShareGroup } from './share-group.ts';
import type { ShareMember } from './share-member.ts';
import {
  partitionsOf,
  type StateTopic,
  statePartitionsRecord,
  withInitializing,
} from './state-partitions.ts';

/**
 * Subscribed partitions of which the share coordinator keeps no state yet: once the record says that it is
 * asked for them, it is; the result does so. What was asked for and never confirmed is asked for again after
 * a while. Undefined when there are none.
 */
export function initializeNew(
  context: ShareContext,
  group: ShareGroup,
  { members, epoch }: { readonly members: readonly ShareMember[]; readonly epoch: number },
  draft: Draft<GroupRecord>,
): (() => void) | undefined {
  const now = context.world.clock.monotonic();
  const isOverdue = now - group.initializedAt >= context.config.share.initializeRetryIntervalMs;
  const { initialized, initializing } = group.statePartitions;
  const { topics } = context.image();
  const added = new Map<Uuid, StateTopic>();
  for (const name of new Set(members.flatMap(({ subscribedTopicNames }) => subscribedTopicNames))) {
    const topic = topics.byName(name);
    if (!topic) continue;
    const asked = isOverdue ? undefined : initializing.get(topic.id)?.partitions;
    const missing = [...topic.partitions.keys()].filter(
      (partition) => !initialized.get(topic.id)?.partitions.has(partition) && !asked?.has(partition),
    );
    if (missing.length > 0) added.set(topic.id, { name, partitions: new Set(missing) });
  }
  if (added.size === 0) return undefined;
  // The group of a first heartbeat is another one once its records are replayed.
  draft.whenTaken(() => {
    const taken = context.groups.share(group.groupId);
    if (taken) taken.initializedAt = now;
  });
  draft.append(statePartitionsRecord(group.groupId, withInitializing(group.statePartitions, added)));
  return () => context.initialize(group.groupId, epoch, partitionsOf(added));
}
