import { SHARE_VERSION } from '../../metadata/features.ts';
import type { BrokerContext } from '../context.ts';

/** Whether there are share groups (KIP-932): the cluster has agreed to them. */
export function hasShareGroups({ image }: Pick<BrokerContext, 'image'>): boolean {
  return image().features.level(SHARE_VERSION) > 0;
}

/** As Kafka judges the id that a member made for itself. */
export function isMemberId(memberId: string | null): memberId is string {
  return memberId !== null && memberId !== '' && memberId.length <= 36;
}
