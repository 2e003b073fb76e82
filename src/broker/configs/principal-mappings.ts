import { tlsConfigs } from '../../metadata/configs/broker/tls-configs.ts';
import { type PrincipalMapping, principalMapping } from '../../security/certificates/principal-mapping.ts';
import type { BrokerListener } from '../broker-options.ts';
import type { BrokerSettings } from './broker-settings.ts';

/**
 * How each listener that takes certificates names its clients: by its own ssl.principal.mapping.rules
 * (`listener.name.<name>.…`), else by those of all. Rejects with a sentence when rules are wrong.
 */
export async function principalMappings(
  settings: BrokerSettings,
  listeners: readonly BrokerListener[],
): Promise<ReadonlyMap<string, PrincipalMapping>> {
  const mappings = new Map<string, PrincipalMapping>();
  for (const { name, tls, configsOf = name } of listeners) {
    if (!tls) continue;
    const { name: config } = tlsConfigs.sslPrincipalMappingRules;
    const own = settings.levels.value(`listener.name.${configsOf.toLowerCase()}.${config}`);
    const mapping = await principalMapping(own ?? settings.get(tlsConfigs.sslPrincipalMappingRules));
    if ('error' in mapping) throw new Error(`${config} of the listener ${name}: ${mapping.error}`);
    mappings.set(name, mapping);
  }
  return mappings;
}
