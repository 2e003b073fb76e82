import type { BrokerPlace, Cluster } from './cluster.ts';
import { OLDER_JMX_EXPORTER_OFFSET } from './ports.ts';
import type { ProvisionedSpec } from './provisioned-spec.ts';
import type { ControlRecord } from './records.ts';

/** Raised with every change that an older Millrace would misread. */
export const STORE_VERSION = 7;

/**
 * A record as a store of any version up to this one has it, in JSON. What is written has the form of this
 * version: a `ControlRecord`.
 */
export type StoredRecord =
  | Exclude<ControlRecord, { readonly type: 'ClusterRecord' }>
  | { readonly type: 'ClusterRecord'; readonly cluster: StoredCluster };

/** What the first release did not know of a cluster, and later ones came to write. */
type LaterOfCluster =
  | 'properties'
  | 'firstKafkaVersion'
  | 'exactPorts'
  | 'operationArn'
  | 'bytesPerSecond'
  | 'zonesDown'
  | 'policy'
  | 'policyRevision';

type LaterOfBroker =
  | 'jmxExporterOffset'
  | 'instanceType'
  | 'listeners'
  | 'properties'
  | 'clientCas'
  | 'kafkaVersion';

type StoredCluster = WithoutSome<Omit<Cluster, 'spec' | 'brokers'>, LaterOfCluster> & {
  readonly spec: WithoutSome<ProvisionedSpec, 'rebalancing'>;
  readonly brokers: readonly WithoutSome<BrokerPlace, LaterOfBroker>[];
};

type WithoutSome<Whole, Later extends keyof Whole> = Omit<Whole, Later> & Partial<Pick<Whole, Later>>;

/** The record that the state machine replays. */
export function recordOf(stored: StoredRecord): ControlRecord {
  return stored.type === 'ClusterRecord'
    ? { type: 'ClusterRecord', cluster: completed(stored.cluster) }
    : stored;
}

/** A cluster as an earlier release stored it, with what it did not know yet. */
function completed(stored: StoredCluster): Cluster {
  const { instanceType } = stored.spec.brokerNodeGroupInfo;
  return {
    ...stored,
    spec: { ...stored.spec, rebalancing: stored.spec.rebalancing ?? { status: 'ACTIVE' } },
    brokers: stored.brokers.map((broker) => ({
      ...broker,
      jmxExporterOffset: broker.jmxExporterOffset ?? OLDER_JMX_EXPORTER_OFFSET,
      instanceType: broker.instanceType ?? instanceType,
      listeners: broker.listeners ?? ['plaintext'],
      properties: broker.properties ?? null,
      clientCas: broker.clientCas ?? [],
      kafkaVersion: broker.kafkaVersion ?? null,
    })),
    firstKafkaVersion: stored.firstKafkaVersion ?? null,
    exactPorts: stored.exactPorts ?? false,
    properties: stored.properties ?? {},
    operationArn: stored.operationArn ?? null,
    bytesPerSecond: stored.bytesPerSecond ?? null,
    zonesDown: stored.zonesDown ?? [],
    policy: stored.policy ?? null,
    policyRevision: stored.policyRevision ?? 0,
  };
}
