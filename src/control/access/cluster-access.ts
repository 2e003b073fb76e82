import type { World } from '../../base/world.ts';
import { Peers } from '../../client/peers/peers.ts';
import { replicationEndpoint } from '../endpoints/node-endpoints.ts';
import type { AclAccess } from '../rebalance/acl-admin.ts';
import type { ClusterAdmin } from '../rebalance/cluster-admin.ts';
import { KafkaAdmin } from '../rebalance/kafka-admin.ts';
import type { Cluster } from '../state/cluster.ts';
import type { TopicAdmin } from '../topics/topic-admin.ts';

/** What operations ask of a running cluster, over Kafka's own requests. */
export interface ClusterAccess extends ClusterAdmin {
  readonly topics: TopicAdmin;
  /**
   * The cluster-wide defaults of configs of brokers, in force from when this resolves; null takes one away.
   * Rejects with AdminError.
   */
  alterBrokerDefaults(values: Readonly<Record<string, string | null>>): Promise<void>;
  /** Raises the levels of the cluster's features to these, but lowers none. Rejects with AdminError. */
  raiseFeatures(levels: ReadonlyMap<string, number>): Promise<void>;
  /** Makes the cluster forget a broker that was taken away for good. */
  unregister(broker: number): Promise<void>;
  /**
   * Users sign in by SCRAM-SHA-512 with these passwords from when this resolves, and those of `take` do not
   * any more; one that is not there is as good. Rejects with AdminError.
   */
  alterScramUsers(give: readonly NewScramUser[], take: readonly string[]): Promise<void>;
  /** The names of all users that can sign in by SCRAM. Rejects with AdminError. */
  scramUsers(): Promise<readonly string[]>;
  readonly acls: AclAccess;
  close(): Promise<void>;
}

export interface NewScramUser {
  readonly name: string;
  readonly password: string;
}

export type Connect = (cluster: Cluster) => ClusterAccess;

/**
 * As the brokers reach each other, which needs no user and no name that clients are told. `peers`: as one of
 * the nodes of this cluster.
 */
export function connectByKafka(
  world: World,
  brokerHost: string,
  peers: (cluster: Cluster) => Peers = () => new Peers(world, null),
): Connect {
  return (cluster) =>
    new KafkaAdmin(world, {
      bootstrap: cluster.brokers.map((broker) => {
        const { host, port } = replicationEndpoint(cluster, broker, brokerHost);
        return { node: broker.id, host, port };
      }),
      clientId: 'millrace-control',
      peers: peers(cluster),
    });
}
