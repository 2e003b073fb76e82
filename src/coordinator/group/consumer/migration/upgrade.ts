import type { ClusterImage } from '../../../../metadata/image.ts';
import { type Refusal, refused } from '../../../../protocol/refusal.ts';
import type { Draft } from '../../../decision.ts';
import { joinError, syncError } from '../../classic/answers.ts';
import type { ClassicGroup } from '../../classic/classic-group.ts';
import type { ClassicMember } from '../../classic/member.ts';
import { groupTombstone } from '../../group-record.ts';
import type { GroupRecord } from '../../records.ts';
import { assignmentOf, type HeldPartitions } from '../assignment.ts';
import { ConsumerGroup, type ConsumerGroupRecord } from '../consumer-group.ts';
import type { ConsumerContext } from '../context.ts';
import { assignmentEpoch, groupEpoch } from '../group-records.ts';
import { type ConsumerMember, newMember } from '../member.ts';
import { memberAssignment, memberMetadata, memberTarget } from '../member-records.ts';
import { metadataHash } from '../metadata-hash.ts';
import { renewSession } from '../timers.ts';
import { assignmentIn, subscriptionIn } from './embedded-protocol.ts';

/** A group as it is once the records are replayed. */
export interface UpgradedGroup {
  readonly group: ConsumerGroup;
  readonly records: readonly GroupRecord[];
}

/**
 * Makes a consumer group of a classic one that a member of the consumer protocol joins (KIP-848): members
 * keep what they have, and those of the classic protocol go on with JoinGroup, SyncGroup and Heartbeat.
 * Otherwise says why it cannot be.
 */
export function upgraded(context: ConsumerContext, classic: ClassicGroup): UpgradedGroup | Refusal {
  const { groupId } = classic;
  const cannot = (why: string) =>
    refused(
      'GROUP_ID_NOT_FOUND',
      `Cannot upgrade classic group ${groupId} to consumer group because ${why}.`,
    );
  const { migration, maxSize } = context.config.consumer;
  if (!migration.upgrade) return cannot('online upgrade is disabled');
  if (!classic.usesConsumerProtocol) return cannot('the group does not use the consumer embedded protocol');
  if (classic.members.size > maxSize) return cannot('the group size exceeds the consumer group maximum size');
  const members: ConsumerMember[] = [];
  for (const known of classic.members.values()) {
    const member = consumerMember(known, classic, context.image());
    if (typeof member === 'string') return cannot(member);
    members.push(member);
  }
  return made(context, classic, members);
}

/**
 * The members of the group that waited are told to join again, and their sessions begin. Runs when the log
 * has taken it.
 */
export function adopt(
  context: ConsumerContext,
  classic: ClassicGroup,
  { group }: UpgradedGroup,
  draft: Draft<GroupRecord>,
): void {
  for (const member of classic.members.values()) {
    const joinWaiter = classic.awaitJoin(member, null);
    if (joinWaiter) draft.reply(joinWaiter, joinError(member.memberId, 'REBALANCE_IN_PROGRESS'));
    if (member.syncWaiter) draft.reply(member.syncWaiter, syncError('REBALANCE_IN_PROGRESS'));
    member.syncWaiter = null;
  }
  for (const member of group.members.values()) renewSession(context, group.groupId, member);
  context.world.log.info('classic group is a consumer group now', {
    group: group.groupId,
    members: group.members.size,
  });
}

function made(
  context: ConsumerContext,
  { groupId, generation: epoch }: ClassicGroup,
  members: readonly ConsumerMember[],
): UpgradedGroup {
  const hash = metadataHash(members, context.image(), () => []);
  const records = [
    ...members.map((member) => memberMetadata(groupId, member)),
    groupEpoch(groupId, { epoch, metadataHash: hash }),
    ...members.map(({ memberId, assigned }) => memberTarget(groupId, memberId, targetOf(assigned))),
    assignmentEpoch(groupId, epoch, 0),
    ...members.map((member) => memberAssignment(groupId, member)),
  ];
  const group = new ConsumerGroup(groupId);
  for (const record of records) if (isConsumerRecord(record)) group.replay(record);
  return { group, records: [groupTombstone(groupId), ...records] };
}

function isConsumerRecord(record: GroupRecord): record is ConsumerGroupRecord {
  return record.type.startsWith('ConsumerGroup');
}

const targetOf = (assigned: HeldPartitions) =>
  new Map([...assigned].map(([topicId, partitions]) => [topicId, new Set(partitions.keys())]));

/** The member in the consumer group, or why it cannot be in one. */
function consumerMember(
  member: ClassicMember,
  { generation, protocol }: ClassicGroup,
  { topics }: ClusterImage,
): ConsumerMember | string {
  const metadata = member.protocols.find(({ name }) => name === protocol) ?? member.protocols[0];
  const subscription = metadata && subscriptionIn(metadata.metadata);
  const assignment = assignmentIn(member.assignment, topics);
  if (!subscription || !assignment) return 'the embedded consumer protocol is malformed';
  if (assignment.hasUserData)
    return 'an unsupported custom assignor is in use. Please refer to the documentation or switch to a default assignor before re-attempting the upgrade';
  return {
    ...newMember(member.memberId),
    instanceId: member.groupInstanceId,
    rackId: subscription.rackId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    subscribedTopicNames: [...new Set(subscription.topics)].sort(),
    classicMetadata: {
      sessionTimeoutMs: member.sessionTimeoutMs,
      supportedProtocols: member.protocols.map(({ name, metadata }) => ({ name, metadata })),
    },
    memberEpoch: generation,
    previousMemberEpoch: generation,
    assigned: new Map(
      [...assignmentOf(assignment.assigned)].map(([topicId, partitions]) => [
        topicId,
        new Map([...partitions].map((partition) => [partition, generation])),
      ]),
    ),
  };
}
