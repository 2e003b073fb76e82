import { readFileSync } from 'node:fs';
import { readJavaProperties } from '../../base/java-properties.ts';
import { Failure } from '../failure.ts';
import { unreadable } from '../unreadable.ts';

/**
 * A connector's configuration from a file of Java properties, as Kafka Connect's own examples are. Throws
 * Failure.
 */
export function connectorConfig(file: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(`The file ${file}`, error);
  }
  const properties = readJavaProperties(text);
  if ('reason' in properties) throw new Failure(`${file} is no properties file: ${properties.reason}.`);
  return Object.fromEntries(properties);
}
