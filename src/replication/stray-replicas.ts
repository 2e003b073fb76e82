import type { BrokerId } from '../base/brand.ts';
import type { World } from '../base/world.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { LogDirectory } from '../storage/log-directory.ts';

/**
 * Sets aside what the cluster does not know of, or not on this broker: found at start, never deleted. The
 * image must have been read up to this broker's registration: one without it may be older than the folders
 * here.
 */
export function removeStrays(
  world: World,
  logs: LogDirectory,
  broker: { readonly id: BrokerId; readonly epoch: number },
  image: ClusterImage,
): void {
  if (image.brokers.byId(broker.id)?.epoch !== broker.epoch) {
    world.log.warn('no replica is set aside: this broker is registered anew', { brokerEpoch: broker.epoch });
    return;
  }
  for (const { topic, partition, topicId } of [...logs.all(), ...logs.unopened()]) {
    // One without an id is judged by its name here; if the name is known, `create` refuses it, and it is
    // set aside then.
    const known = topicId === null ? image.topics.byName(topic) : image.topics.byId(topicId);
    if (known?.name === topic && known.partitions[partition]?.replicas.includes(broker.id)) continue;
    world.log.warn('the cluster knows nothing of a replica', { topic, partition, topicId });
    logs.makeStray({ topic, partition });
  }
}
