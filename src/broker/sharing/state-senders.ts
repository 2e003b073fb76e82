import { partitionFor } from '../../coordinator/partition-for.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import type { RequestInfo } from '../../server/handler.ts';
import { NewestConnections } from '../../server/newest-connections.ts';
import { brokerOfCoordinators } from '../peers/coordinator-client-id.ts';

type Sender = Pick<RequestInfo, 'clientId' | 'connectionNumber'>;

/**
 * Which brokers may change what this share coordinator keeps. A request to delete has no epoch (KIP-932), and
 * a new group has lesser epochs than a deleted one of its name had, or the same: so what comes late is told
 * by its sender. A sender that is no broker of this kind is not known, and not refused here.
 */
export class StateSenders {
  readonly #image: () => ClusterImage;
  readonly #newest = new NewestConnections();

  constructor(image: () => ClusterImage) {
    this.#image = image;
  }

  /** Whether the broker has sent such requests over a newer connection: this one was given up before. */
  isLate({ clientId, connectionNumber }: Sender): boolean {
    if (clientId === null || brokerOfCoordinators(clientId) === null) return false;
    return !this.#newest.admits(clientId, connectionNumber);
  }

  /**
   * Whether, as far as is known here, another broker coordinates the group. Whoever has been elected before
   * this broker heard of it asks again; whoever was replaced is never heard after the next one.
   */
  isOfOther(groupId: string, { clientId }: Pick<Sender, 'clientId'>): boolean {
    const broker = brokerOfCoordinators(clientId);
    if (broker === null) return false;
    const partitions = this.#image().topics.byName(CONSUMER_OFFSETS)?.partitions ?? [];
    return partitions[partitionFor(groupId, Math.max(1, partitions.length))]?.leader !== broker;
  }
}
