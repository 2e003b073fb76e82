import type { Endpoint } from '../../control/endpoints/endpoint.ts';
import { exporterEndpoints } from '../../control/endpoints/node-endpoints.ts';
import type { BrokerPlace, Cluster } from '../../control/state/cluster.ts';

export type ExporterEndpoint = Pick<Endpoint, 'host' | 'port'>;

/** Which of a broker's exporters are open; a file in its folder, so that it changes while the broker runs. */
export interface ExportersConfig {
  readonly level: Cluster['spec']['enhancedMonitoring'];
  readonly jmx: ExporterEndpoint | null;
  readonly node: ExporterEndpoint | null;
}

export function exportersConfig({ spec }: Cluster, broker: BrokerPlace, brokerHost: string): ExportersConfig {
  const { jmxExporter, nodeExporter } = spec.openMonitoring?.prometheus ?? {};
  const { jmx, node } = exporterEndpoints(broker, brokerHost);
  return {
    level: spec.enhancedMonitoring,
    jmx: jmxExporter?.enabledInBroker ? jmx : null,
    node: nodeExporter?.enabledInBroker ? node : null,
  };
}

/** The file is written by the engine alone; what is checked is that it is such a file. */
export function isExportersConfig(value: unknown): value is ExportersConfig {
  return typeof value === 'object' && value !== null && 'level' in value && 'jmx' in value && 'node' in value;
}
