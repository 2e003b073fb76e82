import { exporterEndpoints } from '../../control/endpoints/node-endpoints.ts';
import type { BrokerPlace, Cluster } from '../../control/state/cluster.ts';
import type { ExportersConfig } from './exporters-config.ts';

/** What the file of a broker of this cluster says. Apart from the file's type, which the broker's process loads. */
export function exportersConfig({ spec }: Cluster, broker: BrokerPlace, brokerHost: string): ExportersConfig {
  const { jmxExporter, nodeExporter } = spec.openMonitoring?.prometheus ?? {};
  const { jmx, node } = exporterEndpoints(broker, brokerHost);
  return {
    level: spec.enhancedMonitoring,
    jmx: jmxExporter?.enabledInBroker ? jmx : null,
    node: nodeExporter?.enabledInBroker ? node : null,
  };
}
