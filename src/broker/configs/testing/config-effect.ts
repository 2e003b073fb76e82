import type { ConfigKey } from '../../../metadata/configs/config-key.ts';
import { setting } from '../../../metadata/configs/testing/setting.ts';
import type { Configured } from './configured.ts';

/** What a config changes, as what obeys it shows. */
export interface ConfigEffect {
  readonly key: ConfigKey;
  readonly value: string;
  readonly expected: unknown;
  /** The value of what obeys the config; not `expected` while the config is not set. */
  readonly see: (configured: Configured) => unknown;
  /** What the broker is started with in any case, without which the config has no effect. */
  readonly beside: Readonly<Record<string, string>>;
}

/** `expected` comes from Kafka's documentation of the config, in the unit of what obeys it. */
export function effect(
  key: ConfigKey,
  value: string,
  see: ConfigEffect['see'],
  expected: unknown,
  beside: Readonly<Record<string, string>> = {},
): ConfigEffect {
  setting(key, value);
  return { key, value, expected, see, beside };
}
