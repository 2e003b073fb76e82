import { hostOfBroker } from '../../control/broker-host.ts';
import type { AdvertisedHosts } from '../../control/endpoints/endpoint.ts';
import { exporterEndpoints } from '../../control/endpoints/node-endpoints.ts';
import type { BrokerPlace, Cluster } from '../../control/state/cluster.ts';
import type { ExportersConfig } from './exporters-config.ts';

/**
 * What the file of a broker of this cluster says. Apart from the file's type, which the broker's process
 * loads.
 */
export function exportersConfig(
  { spec }: Cluster,
  broker: BrokerPlace,
  { advertised, apiNames = [] }: ExporterNames,
): ExportersConfig {
  const { jmxExporter, nodeExporter } = spec.openMonitoring?.prometheus ?? {};
  const { jmx, node } = exporterEndpoints(broker, advertised[0].host);
  return {
    level: spec.enhancedMonitoring,
    jmx: jmxExporter?.enabledInBroker ? jmx : null,
    node: nodeExporter?.enabledInBroker ? node : null,
    names: [...advertised.map(({ name }) => hostOfBroker(name, broker.id)), ...apiNames],
  };
}

/** What brokers and the API are called. */
interface ExporterNames {
  readonly advertised: AdvertisedHosts;
  readonly apiNames?: readonly string[];
}
