import { groupsConfigs } from '../../metadata/configs/broker/groups-configs.ts';
import { GROUP_VERSION } from '../../metadata/features.ts';
import type { BrokerContext } from '../context.ts';

/**
 * Whether groups may use the consumer protocol (KIP-848): the cluster has agreed to it, and the operator has.
 */
export function hasConsumerProtocol({ image, settings }: BrokerContext): boolean {
  if (image().features.level(GROUP_VERSION) === 0) return false;
  return settings.get(groupsConfigs.groupCoordinatorRebalanceProtocols).includes('consumer');
}
