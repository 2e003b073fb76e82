import type { ConfigKey } from './config-key.ts';
import { type ConfigValue, parseConfigValue, textOf } from './config-value.ts';
import { invalidValue } from './invalid-value.ts';

/** The text as a value of the config's type that its rules allow, or the sentence that says why it is not. */
export function readConfig(
  key: ConfigKey,
  text: string,
): { readonly value: ConfigValue } | { readonly message: string } {
  const parsed = parseConfigValue(key.type, text);
  if ('reason' in parsed) return { message: invalidValue(key.name, text, parsed.reason) };
  const message = key.valid?.(parsed.value, key.name) ?? null;
  return message === null ? parsed : { message };
}

/**
 * Null when the config may have this value, else why not; a value that is Kafka's and not ours is refused by
 * name.
 */
export function validateConfig(key: ConfigKey, text: string): string | null {
  const read = readConfig(key, text);
  if ('message' in read) return read.message;
  if (key.obedience.when !== 'refused' || textOf(key.type, read.value) === key.fallback) return null;
  const only = key.fallback === null || key.fallback === '' ? '' : `; only ${key.fallback} is accepted`;
  return invalidValue(key.name, text, `${key.obedience.reason}${only}`);
}
