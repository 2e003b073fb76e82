import { withoutSecrets } from '../secrets/reference.ts';
import type { Connector } from '../state/connector.ts';

/** The configuration as Kafka Connect tells it, with the connector's name; passwords are not told. */
export function configOf({ configuration, name }: Connector): Record<string, string> {
  return { ...withoutSecrets(configuration), name };
}
