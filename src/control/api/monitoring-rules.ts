import { type ApiError, badRequest } from '../aws/api-error.ts';
import type { ProvisionedRequest } from './cluster-shapes.ts';

/** MSK's rule for a new cluster and for one that is changed; null when all is right. */
export function wrongMonitoring({
  openMonitoring,
}: Pick<ProvisionedRequest, 'openMonitoring'>): ApiError | null {
  if (!openMonitoring) return null;
  const { jmxExporter, nodeExporter } = openMonitoring.prometheus;
  return jmxExporter?.enabledInBroker || nodeExporter?.enabledInBroker
    ? null
    : badRequest(
        'Open monitoring needs at least one of jmxExporter and nodeExporter to be enabled.',
        'openMonitoring.prometheus',
      );
}
