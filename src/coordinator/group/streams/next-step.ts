import type { StreamsGroupHeartbeatRequest } from '../../../protocol/messages/88-streams-group-heartbeat.ts';
import { type Refusal, refused } from '../../../protocol/refusal.ts';
import type { Draft } from '../../decision.ts';
import type { GroupRecord } from '../records.ts';
import type { AssignmentConfigs } from './assignment-configs.ts';
import type { StreamsContext } from './context.ts';
import { reconcile } from './current-assignment.ts';
import { groupEpoch } from './group-records.ts';
import { refusesTasks } from './group-topology.ts';
import { delayFirstAssignment, isFirstAssignmentDelayed } from './initial-delay.ts';
import { type StreamsMember, sameAssignment } from './member.ts';
import { memberAssignment } from './member-records.ts';
import type { StreamsGroup } from './streams-group.ts';
import { assignTargets } from './target-assignment.ts';
import { NO_TASKS, type TaskAssignment, tasksOf } from './tasks.ts';
import { limitRevocation, renewSession } from './timers.ts';
import { type ConfiguredTopology, configureTopology } from './topology/configured-topology.ts';
import type { Topology } from './topology/topology.ts';

/** A member says what is new about it. */
export interface StreamsStep {
  /** The member with what is new. */
  readonly updated: StreamsMember;
  /** Whether that is anything that its record says. */
  readonly memberChanged: boolean;
  /** The group's, once the decision's records are replayed. */
  readonly topology: Topology;
  /** In which it says what tasks it has. */
  readonly request: StreamsGroupHeartbeatRequest;
}

/** What came of it. */
export interface StepTaken {
  /** The member after its next step to its target, which may be a new one. */
  readonly next: StreamsMember;
  readonly configured: ConfiguredTopology;
  /** Why there is no new target yet, in words; null when there is. */
  readonly delayed: string | null;
}

export function takeStep(
  context: StreamsContext,
  group: StreamsGroup,
  { updated, memberChanged, topology, request }: StreamsStep,
  draft: Draft<GroupRecord>,
): StepTaken | Refusal {
  const { groupId } = group;
  const epoch = nextGroupEpoch(context, group, { topology, memberChanged }, draft);
  if ('error' in epoch) return epoch;
  const refusal = refusesTasks(epoch.configured, request);
  if (refusal) return refusal;
  if (group.members.size === 0) delayFirstAssignment(context, groupId);
  const { target, targetEpoch, delayed } = nextTarget(context, group, { updated, ...epoch }, draft);
  const next = reconcile(updated, {
    target,
    targetEpoch,
    owned: ownedTasks(request),
    isIdle: (subtopologyId, partition) => group.isIdle(subtopologyId, partition),
    worksOn: (processId, subtopologyId, partition) => group.worksOn(processId, subtopologyId, partition),
    hasCopy: (processId, subtopologyId, partition) => group.hasCopy(processId, subtopologyId, partition),
  });
  if (next === 'FENCED')
    return refused(
      'FENCED_MEMBER_EPOCH',
      'The streams group member is in a unknown state. The member must abandon all its tasks and rejoin.',
    );
  if (!sameAssignment(updated, next)) {
    draft.append(memberAssignment(groupId, next));
    draft.whenTaken(() => limitRevocation(context, groupId, next));
  }
  renewSession(context, groupId, next.memberId);
  return { next, configured: epoch.configured, delayed };
}

/** What rules the assignment, under the names that Kafka's records have for it. */
function assignmentConfigs(context: StreamsContext, groupId: string): AssignmentConfigs {
  return new Map([['num.standby.replicas', String(context.config.streams.of(groupId).standbyReplicas)]]);
}

/** A member, a topic or a config changed: then the group has another epoch, which needs other targets. */
function nextGroupEpoch(
  context: StreamsContext,
  group: StreamsGroup,
  { topology, memberChanged }: { readonly topology: Topology; readonly memberChanged: boolean },
  draft: Draft<GroupRecord>,
): { readonly epoch: number; readonly configured: ConfiguredTopology } | Refusal {
  const configured =
    group.topology === null || group.configured === null
      ? configureTopology(topology, context.image())
      : group.configured;
  if ('error' in configured) return configured;
  group.configured = configured;
  const { metadataHash } = configured;
  const validatedTopologyEpoch = configured.problem === null ? topology.epoch : -1;
  const configs = assignmentConfigs(context, group.groupId);
  const bumps =
    memberChanged ||
    group.topology === null ||
    metadataHash !== group.metadataHash ||
    validatedTopologyEpoch !== group.validatedTopologyEpoch ||
    !sameConfigs(configs, group.assignmentConfigs);
  const epoch = group.groupEpoch + (bumps ? 1 : 0);
  if (bumps)
    draft.append(
      groupEpoch(group.groupId, { epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs: configs }),
    );
  return { epoch, configured };
}

/**
 * The member's target: a new one when the group's epoch is new, its first members had time to come, and the
 * last assignment is long enough ago.
 */
function nextTarget(
  context: StreamsContext,
  group: StreamsGroup,
  of: { readonly updated: StreamsMember; readonly epoch: number; readonly configured: ConfiguredTopology },
  draft: Draft<GroupRecord>,
): { readonly target: TaskAssignment; readonly targetEpoch: number; readonly delayed: string | null } {
  const { groupId } = group;
  const { updated, epoch, configured } = of;
  const { assignmentIntervalMs, standbyReplicas } = context.config.streams.of(groupId);
  const targetEpoch = group.assignmentEpoch;
  if (isFirstAssignmentDelayed(context, groupId))
    return {
      target: NO_TASKS,
      targetEpoch,
      delayed: 'Assignment delayed due to the configured initial rebalance delay.',
    };
  const known = { target: group.targetOf(updated.memberId), targetEpoch, delayed: null };
  if (epoch <= group.assignmentEpoch) return known;
  const now = context.world.clock.now();
  const since = now - group.assignmentTimestamp;
  // A wall clock that went back does not hold assignments up.
  if (since >= 0 && since < assignmentIntervalMs)
    return { ...known, delayed: 'Assignment delayed due to the configured assignment interval.' };
  const members = new Map(group.members).set(updated.memberId, updated);
  const { records, targets } = assignTargets(group, {
    members: [...members.values()],
    topology: configured,
    standbyReplicas,
    epoch,
    now,
  });
  for (const record of records) draft.append(record);
  return { target: targets.get(updated.memberId) ?? NO_TASKS, targetEpoch: epoch, delayed: null };
}

function sameConfigs(one: AssignmentConfigs, other: AssignmentConfigs): boolean {
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
}

/** What the member says it has; null when it does not say, because that has not changed. */
export function ownedTasks({
  activeTasks,
  standbyTasks,
  warmupTasks,
}: StreamsGroupHeartbeatRequest): TaskAssignment | null {
  if (activeTasks === null || standbyTasks === null || warmupTasks === null) return null;
  return { active: tasksOf(activeTasks), standby: tasksOf(standbyTasks), warmup: tasksOf(warmupTasks) };
}
