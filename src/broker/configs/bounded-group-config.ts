import type { ConfigKey } from '../../metadata/configs/config-key.ts';
import { resolveConfig } from '../../metadata/configs/resolve-config.ts';
import type { BrokerSettings } from './broker-settings.ts';

/**
 * A config of one group as it is in force. What was set for the group before its bounds changed is brought
 * between them.
 */
export function boundedGroupConfig(
  settings: BrokerSettings,
  overrides: ReadonlyMap<string, string>,
  {
    key,
    least,
    most,
  }: {
    readonly key: ConfigKey<number>;
    readonly least?: ConfigKey<number>;
    readonly most?: ConfigKey<number>;
  },
): number {
  const value = key.valueOf(resolveConfig(key, overrides, 'GROUP_CONFIG', settings.levels).value);
  const raised = least ? Math.max(value, settings.get(least)) : value;
  return most ? Math.min(raised, settings.get(most)) : raised;
}
