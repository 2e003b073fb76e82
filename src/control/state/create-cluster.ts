import { refuse } from '../../base/decision.ts';
import { isApiError } from '../aws/api-error.ts';
import { obeyedProperties } from '../configuration/settable-properties.ts';
import type { BrokerPlace, Cluster } from './cluster.ts';
import type { ClusterDecision, Clusters } from './clusters.ts';
import { clientCasOf, listenersOf } from './listeners.ts';
import { type PassedOver, PORT_OFFSET } from './ports.ts';
import type { ProvisionedSpec } from './provisioned-spec.ts';
import { subnetZones } from './subnet-zones.ts';

/** Clusters of one account and region; all their processes share one machine. */
const MAX_CLUSTERS = 100;

export interface CreateCluster extends PassedOver {
  readonly name: string;
  readonly uuid: string;
  readonly arn: string;
  readonly clusterId: string;
  readonly region: string;
  readonly now: number;
  readonly spec: ProvisionedSpec;
  readonly tags: Readonly<Record<string, string>>;
  readonly brokerConfig: Readonly<Record<string, string>>;
  /** Where the search for ports begins. */
  readonly firstPortBase?: number | undefined;
  readonly exactPorts?: boolean | undefined;
}

export function createCluster(clusters: Clusters, command: CreateCluster): ClusterDecision {
  if (clusters.byName(command.name))
    return refuse({ error: 'ConflictException', message: 'A resource with this name already exists.' });
  if (clusters.all().length >= MAX_CLUSTERS)
    return refuse({
      error: 'TooManyRequestsException',
      message: `There are already ${MAX_CLUSTERS} clusters.`,
    });
  const { spec } = command;
  const revision = spec.configurationInfo
    ? clusters.configurations.revisionFor(spec.configurationInfo, spec.kafkaVersion)
    : null;
  if (revision && isApiError(revision)) return refuse(revision);
  const bases = clusters.planPorts({
    count: spec.numberOfBrokerNodes,
    firstPortBase: command.firstPortBase,
    exactPorts: command.exactPorts,
    busy: command.busy,
    reserved: command.reserved ?? [],
    advertisedHosts: command.advertisedHosts ?? 1,
  });
  if (!bases)
    return refuse({
      error: 'ServiceUnavailableException',
      message: 'This machine has no free ports left.',
    });
  const { clientSubnets, instanceType } = spec.brokerNodeGroupInfo;
  const places = subnetZones(clusters.all(), clientSubnets, command.region);
  if (isApiError(places)) return refuse(places);
  const brokers = bases.map((portBase, index): BrokerPlace => {
    const { zone = 0, subnet = '' } = places[index % places.length] ?? {};
    return {
      id: index + 1,
      zone,
      subnet,
      portBase,
      jmxExporterOffset: PORT_OFFSET.jmxExporter,
      instanceType,
      listeners: listenersOf(spec),
      properties: null,
      clientCas: clientCasOf(spec),
      kafkaVersion: spec.kafkaVersion,
      addedAt: command.now,
    };
  });
  const cluster: Cluster = {
    arn: command.arn,
    name: command.name,
    uuid: command.uuid,
    clusterId: command.clusterId,
    region: command.region,
    createdAt: command.now,
    spec,
    tags: command.tags,
    brokerConfig: command.brokerConfig,
    properties: revision ? obeyedProperties(revision.properties) : {},
    brokers,
    firstKafkaVersion: spec.kafkaVersion,
    exactPorts: command.exactPorts ?? false,
    state: 'CREATING',
    stateInfo: null,
    step: 'NONE',
    operationArn: null,
    bytesPerSecond: null,
    zonesDown: [],
    policy: null,
    policyRevision: 0,
    revision: 1,
  };
  return { records: [{ type: 'ClusterRecord', cluster }], answer: cluster };
}
