import type { BrokerId, Uuid } from '../../base/brand.ts';
import { below, type Random } from '../../base/random.ts';
import type { BrokerImage } from '../../metadata/brokers.ts';
import { LOST_DIRECTORY, MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../../metadata/directory-id.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { NO_LEADER, type PartitionImage } from '../../metadata/topics.ts';

/** A broker as clients of one listener reach it. */
export interface ReachableBroker {
  readonly id: BrokerId;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
  readonly isFenced: boolean;
}

/**
 * The cluster as it looks from one listener, in one image: a broker without an endpoint of that name is out
 * of reach for whoever came through it. Made for one request, since it keeps what it has looked up.
 */
export class ListenerView {
  readonly #image: ClusterImage;
  readonly #listenerName: string;
  readonly #nodes = new Map<BrokerId, ReachableBroker | null>();

  constructor(image: ClusterImage, listenerName: string) {
    this.#image = image;
    this.#listenerName = listenerName;
  }

  /** All brokers that can be reached through the listener, fenced ones too, by id. */
  nodes(): ReachableBroker[] {
    return this.#image.brokers.all().flatMap(({ id }) => this.node(id) ?? []);
  }

  node(id: BrokerId): ReachableBroker | null {
    const known = this.#nodes.get(id);
    if (known !== undefined) return known;
    const node = nodeOf(this.#image.brokers.byId(id), this.#listenerName);
    this.#nodes.set(id, node);
    return node;
  }

  isAlive(id: BrokerId): boolean {
    const node = this.node(id);
    return node !== null && !node.isFenced;
  }

  /** Whether the broker is registered at all, through whatever listener it is reached. */
  isRegistered(id: BrokerId): boolean {
    return this.#image.brokers.byId(id) !== undefined;
  }

  /** The leader that clients can be sent to, NO_LEADER when there is none. */
  leader(partition: PartitionImage): BrokerId {
    return this.node(partition.leader) === null ? NO_LEADER : partition.leader;
  }

  /** Replicas whose broker is down or out of reach, or whose directory failed. */
  offlineReplicas(partition: PartitionImage): BrokerId[] {
    return partition.replicas.filter((id, i) => {
      if (!this.isAlive(id)) return true;
      return !isOnline(partition.directories[i], this.#image.brokers.byId(id)?.logDirs ?? []);
    });
  }
}

/**
 * The broker that clients are told is the controller: any that is alive, since every broker forwards to the
 * real one. -1 when none is.
 */
export function anyAliveBroker(image: ClusterImage, random: Random): BrokerId {
  const alive = image.brokers.alive();
  return alive[below(random, alive.length)]?.id ?? NO_CONTROLLER;
}

const NO_CONTROLLER = -1;

function nodeOf(broker: BrokerImage | undefined, listenerName: string): ReachableBroker | null {
  const endpoint = broker?.endpoints.find(({ name }) => name === listenerName);
  if (!broker || !endpoint) return null;
  return {
    id: broker.id,
    host: endpoint.host,
    port: endpoint.port,
    rack: broker.rack,
    isFenced: broker.fenced,
  };
}

/**
 * KIP-858: a replica whose directory is not known yet counts as online, as do all of a broker that told no
 * directories.
 */
function isOnline(directory: Uuid | undefined, online: readonly Uuid[]): boolean {
  if (directory === undefined || directory === UNASSIGNED_DIRECTORY || directory === MIGRATING_DIRECTORY) {
    return true;
  }
  if (directory === LOST_DIRECTORY) return false;
  return online.length === 0 || online.includes(directory);
}
