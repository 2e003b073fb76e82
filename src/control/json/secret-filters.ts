import type { Secret } from '../state/secret.ts';

export const FILTER_KEYS = ['description', 'name', 'tag-key', 'tag-value', 'all'] as const;

export interface SecretFilter {
  readonly Key: (typeof FILTER_KEYS)[number];
  readonly Values: readonly string[];
}

/** Whether a secret passes every filter; of each filter's values one is enough. */
export function passes(secret: Secret, filters: readonly SecretFilter[]): boolean {
  return filters.every(({ Key, Values }) => Values.some((value) => passesValue(secret, Key, value)));
}

/** A value that begins with ! is one that must not match. */
function passesValue(secret: Secret, key: SecretFilter['Key'], value: string): boolean {
  if (value.startsWith('!')) return !matches(secret, key, value.slice(1));
  return matches(secret, key, value);
}

/**
 * Names and tags match by their beginning, with regard to case; texts by the beginning of a word, without.
 */
function matches(secret: Secret, key: SecretFilter['Key'], value: string): boolean {
  const { name, description, tags } = secret;
  switch (key) {
    case 'name':
      return name.startsWith(value);
    case 'tag-key':
      return Object.keys(tags).some((tag) => tag.startsWith(value));
    case 'tag-value':
      return Object.values(tags).some((tag) => tag.startsWith(value));
    case 'description':
      return hasWord(description ?? '', value);
    case 'all':
      return [name, description ?? '', ...Object.keys(tags), ...Object.values(tags)].some((text) =>
        hasWord(text, value),
      );
  }
}

function hasWord(text: string, beginning: string): boolean {
  const wanted = beginning.toLowerCase();
  const whole = text.toLowerCase();
  return whole.startsWith(wanted) || whole.split(/[^a-z0-9]+/).some((word) => word.startsWith(wanted));
}
