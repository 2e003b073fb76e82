import type { Draft } from '../../../decision.ts';
import { NO_ASSIGNMENT } from '../../classic/member.ts';
import type { GroupMetadataValue } from '../../group-record.ts';
import type { GroupRecord } from '../../records.ts';
import type { ConsumerGroup } from '../consumer-group.ts';
import type { ConsumerContext } from '../context.ts';
import type { ConsumerMember } from '../member.ts';
import { cancelTimers } from '../timers.ts';
import { assignmentFor } from './embedded-protocol.ts';

/**
 * Whether the group becomes a classic one when only these members are left: all speak the classic protocol.
 */
export function isDowngrade(context: ConsumerContext, staying: readonly ConsumerMember[]): boolean {
  const { consumer, maxSize } = context.config;
  if (staying.length === 0 || staying.some(({ classicMetadata }) => classicMetadata === null)) return false;
  return consumer.migration.downgrade && staying.length <= maxSize;
}

/** Who makes a classic group of a consumer group. */
export interface Downgrade {
  /** Members of the classic group. */
  readonly staying: readonly ConsumerMember[];
  /** A static member that came back, which is one of them, and the member that it was. */
  readonly returned?: { readonly memberId: string; readonly before: ConsumerMember };
  /** All have what they are to have: the generation goes on, and nobody joins again. */
  readonly isSettled: boolean;
}

/**
 * Makes a classic group of a consumer group. Returns its generation, with the targets as assignments: members
 * go on in it, or join again after it.
 */
export function downgrade(
  context: ConsumerContext,
  group: ConsumerGroup,
  how: Downgrade,
  draft: Draft<GroupRecord>,
): GroupMetadataValue {
  const { groupId } = group;
  const { staying, isSettled } = how;
  const memberIds = [...group.members.keys()];
  for (const record of group.tombstones()) draft.append(record);
  const value = generationOf(context, group, how);
  draft.append({ type: 'GroupMetadata', key: { group: groupId }, value });
  draft.whenTaken(() => {
    for (const memberId of memberIds) cancelTimers(context, groupId, memberId);
    context.downgraded(groupId, isSettled);
    context.world.log.info('consumer group is a classic group now', {
      group: groupId,
      members: staying.length,
    });
  });
  return value;
}

function generationOf(
  context: ConsumerContext,
  group: ConsumerGroup,
  { staying, returned }: Downgrade,
): GroupMetadataValue {
  const protocol = commonProtocol(staying);
  const { topics } = context.image();
  return {
    protocolType: 'consumer',
    generation: group.groupEpoch,
    protocol,
    leader: staying[0]?.memberId ?? null,
    currentStateTimestamp: context.guardedClock.stamp(),
    members: staying.map((member) => {
      const { memberId } = returned?.memberId === member.memberId ? returned.before : member;
      const subscription = offers(member).find(({ name }) => name === protocol)?.metadata ?? NO_ASSIGNMENT;
      return {
        memberId: member.memberId,
        groupInstanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeout: member.rebalanceTimeoutMs,
        sessionTimeout: member.classicMetadata?.sessionTimeoutMs ?? member.rebalanceTimeoutMs,
        subscription,
        assignment: assignmentFor(subscription, group.targetOf(memberId), topics),
      };
    }),
  };
}

/** The first of the first member that all offer; they were let in only with one in common. */
function commonProtocol(members: readonly ConsumerMember[]): string | null {
  const [first] = members;
  const common =
    first && offers(first).find(({ name }) => members.every((member) => doesOffer(member, name)));
  return common?.name ?? null;
}

const offers = ({ classicMetadata }: ConsumerMember) => classicMetadata?.supportedProtocols ?? [];
const doesOffer = (member: ConsumerMember, protocol: string): boolean =>
  offers(member).some(({ name }) => name === protocol);
