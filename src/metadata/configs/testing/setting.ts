import type { ConfigKey } from '../../../metadata/configs/config-key.ts';
import { textOf } from '../../../metadata/configs/config-value.ts';
import { readConfig } from '../../../metadata/configs/validate-config.ts';

/**
 * A property with which a test starts something, to see what the config does. `src/tidy.test.ts` counts the
 * configs that tests set so: throws where nothing could be seen, since the value is not allowed, is the
 * default, or is of a config that nobody obeys.
 */
export function setting(key: ConfigKey, value: string): Record<string, string> {
  const { when } = key.obedience;
  if (when !== 'live' && when !== 'at start') throw new Error(`${key.name} is obeyed by nobody.`);
  const read = readConfig(key, value);
  if ('message' in read) throw new Error(read.message);
  if (textOf(key.type, read.value) === key.fallback)
    throw new Error(`${key.name}=${value} is its default, which shows no effect.`);
  return { [key.name]: value };
}
