import { BROKER_ID, hostOfBroker } from '../broker-host.ts';
import type { BrokerPlace, Cluster } from '../state/cluster.ts';
import { encryptsInCluster } from '../state/listeners.ts';
import { PORT_OFFSET, portOf } from '../state/ports.ts';
import type { ListenerEndpoint } from './endpoint.ts';

/**
 * Brokers and controller of a cluster share this machine, so nobody else needs to reach what they say to each
 * other.
 */
export const INTERNAL_HOST = '127.0.0.1';

/**
 * Where brokers listen to each other. `brokerHost`: where they listen for clients; those with an address of
 * their own use it here, too.
 */
export function replicationEndpoint(
  { spec }: Pick<Cluster, 'spec'>,
  { id, portBase }: Pick<BrokerPlace, 'id' | 'portBase'>,
  brokerHost: string,
): ListenerEndpoint {
  return {
    listener: 'REPLICATION',
    security: encryptsInCluster(spec) ? 'SASL_SSL' : 'PLAINTEXT',
    host: brokerHost.includes(BROKER_ID) ? hostOfBroker(brokerHost, id) : INTERNAL_HOST,
    port: portOf(portBase, PORT_OFFSET.replication),
  };
}

/** Where the cluster's controller listens; brokers and operators need it, clients do not. */
export function controllerEndpoint({ spec, brokers }: Pick<Cluster, 'spec' | 'brokers'>): ListenerEndpoint {
  return {
    listener: 'CONTROLLER',
    security: encryptsInCluster(spec) ? 'SASL_SSL' : 'PLAINTEXT',
    host: INTERNAL_HOST,
    port: portOf(brokers[0]?.portBase ?? 0, PORT_OFFSET.controller),
  };
}

/** Where a broker's exporters listen when they are open. */
export function exporterEndpoints(
  { id, portBase, jmxExporterOffset }: Pick<BrokerPlace, 'id' | 'portBase' | 'jmxExporterOffset'>,
  brokerHost: string,
): Record<'jmx' | 'node', Pick<ListenerEndpoint, 'host' | 'port'>> {
  const host = hostOfBroker(brokerHost, id);
  return {
    jmx: { host, port: portOf(portBase, jmxExporterOffset) },
    node: { host, port: portOf(portBase, PORT_OFFSET.nodeExporter) },
  };
}
