import type { ClusterImage } from '../metadata/image.ts';
import type { ErrorName } from '../protocol/errors.ts';

/**
 * Requests of a broker count only in the life it is in: an older epoch is one that was replaced (KIP-380,
 * KIP-631).
 */
export function checkBrokerEpoch(
  image: ClusterImage,
  brokerId: number,
  brokerEpoch: number,
): ErrorName | null {
  const broker = image.brokers.byId(brokerId);
  return broker?.epoch === brokerEpoch ? null : 'STALE_BROKER_EPOCH';
}
