import { hostOfBroker } from '../../control/broker-host.ts';
import type { BrokerPlace, Cluster } from '../../control/state/cluster.ts';
import { PORT_OFFSET } from '../../control/state/ports.ts';

export interface ExporterEndpoint {
  readonly host: string;
  readonly port: number;
}

/** Which of a broker's exporters are open; a file in its folder, so that it changes while the broker runs. */
export interface ExportersConfig {
  readonly level: Cluster['spec']['enhancedMonitoring'];
  readonly jmx: ExporterEndpoint | null;
  readonly node: ExporterEndpoint | null;
}

export function exportersConfig({ spec }: Cluster, broker: BrokerPlace, brokerHost: string): ExportersConfig {
  const { jmxExporter, nodeExporter } = spec.openMonitoring?.prometheus ?? {};
  const at = (offset: number) => ({
    host: hostOfBroker(brokerHost, broker.id),
    port: broker.portBase + offset,
  });
  return {
    level: spec.enhancedMonitoring,
    jmx: jmxExporter?.enabledInBroker ? at(PORT_OFFSET.jmxExporter) : null,
    node: nodeExporter?.enabledInBroker ? at(PORT_OFFSET.nodeExporter) : null,
  };
}

/** The file is written by the engine alone; what is checked is that it is such a file. */
export function isExportersConfig(value: unknown): value is ExportersConfig {
  return typeof value === 'object' && value !== null && 'level' in value && 'jmx' in value && 'node' in value;
}
