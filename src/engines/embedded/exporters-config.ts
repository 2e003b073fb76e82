import type { ListenerEndpoint } from '../../control/endpoints/endpoint.ts';
import type { Cluster } from '../../control/state/cluster.ts';

export type ExporterEndpoint = Pick<ListenerEndpoint, 'host' | 'port'>;

/** Which of a broker's exporters are open; a file in its folder, so that it changes while the broker runs. */
export interface ExportersConfig {
  readonly level: Cluster['spec']['enhancedMonitoring'];
  readonly jmx: ExporterEndpoint | null;
  readonly node: ExporterEndpoint | null;
  /**
   * What they may be called by, beyond the machine's names for itself and the address they are reached at;
   * the files of an older release have none.
   */
  readonly names?: readonly string[];
}

/** The file is written by the engine alone; what is checked is that it is such a file. */
export function isExportersConfig(value: unknown): value is ExportersConfig {
  return typeof value === 'object' && value !== null && 'level' in value && 'jmx' in value && 'node' in value;
}
