import { groupsConfigs } from '../../metadata/configs/broker/groups-configs.ts';
import { STREAMS_VERSION } from '../../metadata/features.ts';
import type { BrokerContext } from '../context.ts';

/**
 * Whether groups may use the streams protocol (KIP-1071): the cluster has agreed to it, and the operator has.
 */
export function hasStreamsProtocol({ image, settings }: Pick<BrokerContext, 'image' | 'settings'>): boolean {
  if (image().features.level(STREAMS_VERSION) === 0) return false;
  return settings.get(groupsConfigs.groupCoordinatorRebalanceProtocols).includes('streams');
}
