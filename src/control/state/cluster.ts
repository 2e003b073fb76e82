import type { StateInfo } from '../aws/state-info.ts';
import type { ClientEndpoint } from '../endpoints/endpoint.ts';
import type { ClusterPolicy } from './cluster-policy.ts';
import type { ListenerKind } from './listeners.ts';
import type { ProvisionedSpec } from './provisioned-spec.ts';

export type ClusterState =
  | 'CREATING'
  | 'ACTIVE'
  | 'UPDATING'
  | 'REBOOTING_BROKER'
  | 'HEALING'
  | 'FAILED'
  | 'DELETING';

/** What was done last on the way to the wanted state; the reconciler continues behind it. */
export type ClusterStep = 'NONE' | 'PREPARED' | 'STARTED' | 'STOPPED';

export interface BrokerPlace {
  /** 1 … n, as MSK counts. */
  readonly id: number;
  /** The index of the broker's zone: brokers take the zones in turn. */
  readonly zone: number;
  readonly subnet: string;
  /** The first of the ten ports that are the broker's for as long as it exists. */
  readonly portBase: number;
  /** Which of its ten ports its JMX exporter has. */
  readonly jmxExporterOffset: number;
  /** Where it listens for clients, when somebody else than the control plane chose that. */
  readonly endpoints?: readonly ClientEndpoint[];
  /** The size it runs with: during a change of size, and after one that failed, others than the cluster's. */
  readonly instanceType: string;
  /**
   * The listeners that it runs with: during a change of them, and after one that failed, others than the
   * cluster's.
   */
  readonly listeners: readonly ListenerKind[];
  /**
   * What of a configuration it was started with, while that is not what the cluster's other nodes have; null
   * while it is.
   */
  readonly properties: Readonly<Record<string, string>> | null;
  /**
   * The ARNs of the CAs that it believes certificates of clients from; as its listeners, they may be others
   * than the cluster's.
   */
  readonly clientCas: readonly string[];
  /**
   * The Kafka version that it runs with: during an upgrade another one than the cluster's. Null: the newest,
   * whatever the cluster's is called.
   */
  readonly kafkaVersion: string | null;
  readonly addedAt: number;
}

/** A cluster as the store knows it. Immutable: a record makes the next one. */
export interface Cluster {
  readonly arn: string;
  readonly name: string;
  readonly uuid: string;
  /** Kafka's own id of the cluster: the uuid's 16 bytes in Kafka's spelling. */
  readonly clusterId: string;
  readonly region: string;
  readonly createdAt: number;
  readonly spec: ProvisionedSpec;
  readonly tags: Readonly<Record<string, string>>;
  /** The configs of its nodes, where its configuration says nothing. */
  readonly brokerConfig: Readonly<Record<string, string>>;
  /**
   * What of its configuration its nodes are started with: a revision that changes only live configs leaves it
   * as it is.
   */
  readonly properties: Readonly<Record<string, string>>;
  readonly brokers: readonly BrokerPlace[];
  /**
   * The Kafka version it was created with, whose features it began with. Null: of an older release of ours,
   * all whose clusters have the newest features.
   */
  readonly firstKafkaVersion: string | null;
  /** The ports were asked for: the creation fails on one that is taken, and does not look for others. */
  readonly exactPorts: boolean;
  readonly state: ClusterState;
  readonly stateInfo: StateInfo | null;
  readonly step: ClusterStep;
  /** The operation that is under way: there is one while the cluster is UPDATING or REBOOTING_BROKER. */
  readonly operationArn: string | null;
  /** What partitions that move may take of each broker, in and out; null does not throttle. */
  readonly bytesPerSecond: number | null;
  /** Zones that a person took down, by index; their brokers stay down until they are let up again. */
  readonly zonesDown: readonly number[];
  /** Null when it has none. */
  readonly policy: ClusterPolicy | null;
  /** Of the last policy, also when it was deleted since. */
  readonly policyRevision: number;
  /** Counts the changes that were asked for; `currentVersion` follows from it. */
  readonly revision: number;
}

/** What an operation changes of the place of one broker after the other. */
export type PlaceChange = Partial<
  Pick<BrokerPlace, 'instanceType' | 'listeners' | 'properties' | 'clientCas' | 'kafkaVersion'>
>;

/** The cluster with other settings of one broker. */
export function withBroker(cluster: Cluster, broker: number, settings: PlaceChange): Cluster {
  const brokers = cluster.brokers.map((one) => (one.id === broker ? { ...one, ...settings } : one));
  return { ...cluster, brokers };
}

/** The cluster when all of its nodes were started with these properties of a configuration. */
export function withProperties(cluster: Cluster, properties: Cluster['properties']): Cluster {
  const brokers = cluster.brokers.map((broker) => ({ ...broker, properties: null }));
  return { ...cluster, properties, brokers };
}

/** The configs that a broker is started with; without a broker, those of the controller. */
export function startConfig(
  { brokerConfig, properties }: Pick<Cluster, 'brokerConfig' | 'properties'>,
  broker?: BrokerPlace,
): Readonly<Record<string, string>> {
  return { ...brokerConfig, ...(broker?.properties ?? properties) };
}
