import { readJavaProperties } from '../../base/java-properties.ts';
import { nearest } from '../../base/nearest.ts';
import { configConflict } from '../../metadata/configs/config-conflicts.ts';
import { topicConfigs } from '../../metadata/configs/topic-configs.ts';
import { validateConfig } from '../../metadata/configs/validate-config.ts';
import { type ApiError, badRequest } from '../aws/api-error.ts';
import { settableProperties } from './settable-properties.ts';

const FIELD = 'serverProperties';

/** The properties of a configuration's text, by name; or the first that is wrong, with what it may be. */
export function readServerProperties(text: string): Readonly<Record<string, string>> | ApiError {
  const properties = readJavaProperties(text);
  if ('reason' in properties)
    return badRequest(`${FIELD} is no properties file: ${properties.reason}.`, FIELD);
  for (const [name, value] of properties) {
    const key = settableProperties.get(name);
    if (!key)
      return badRequest(
        `The property ${name} cannot be set by a configuration.${meant(name)} Valid properties: [${[...settableProperties.keys()].join(', ')}]`,
        FIELD,
      );
    const wrong = validateConfig(key, value);
    if (wrong !== null) return badRequest(wrong, FIELD);
  }
  const conflict = configConflict((name) => properties.get(name) ?? null);
  if (conflict !== null) return badRequest(conflict.message, FIELD);
  return Object.fromEntries([...properties].map(([name, value]) => [name, value.trim()]));
}

/** As a question: the property that a name was probably meant to be. */
function meant(name: string): string {
  // Longer than any; each letter costs a comparison with each letter of all of them.
  if (name.length > 100) return '';
  const broker = topicConfigs.get(name)?.brokerConfigs.find((one) => settableProperties.has(one.name));
  const near = broker?.name ?? nearest(name, [...settableProperties.keys()]);
  return near === null ? '' : ` Did you mean ${near}?`;
}
