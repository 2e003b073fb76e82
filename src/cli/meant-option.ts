import { nearest } from '../base/nearest.ts';

/** What options of Apache Kafka's own tools are called here, where it is not their beginning. */
const KAFKA_TOOLS: Readonly<Record<string, string>> = {
  'command-config': 'config',
  'consumer-property': 'config',
  'producer-property': 'config',
  'max-messages': 'max',
  'max-partition-memory-bytes': 'max',
  'shift-by': 'by',
  'to-datetime': 'to-time',
  'to-earliest': 'to-beginning',
  'to-latest': 'to-end',
};

/**
 * What somebody meant by an option that a command does not have, as it is to be written: another option, or
 * the word that the command `takes` in its place. Null where nothing is near.
 */
export function meantOption(
  name: string,
  { options, takes = '' }: { readonly options: readonly string[]; readonly takes?: string | undefined },
): string | null {
  const known = KAFKA_TOOLS[name];
  if (known !== undefined && options.includes(known)) return `--${known}`;
  const word = takes.split(/[ |[\]]+/).find((one) => one === name.toUpperCase());
  if (word !== undefined) return `${word}, without --${name}`;
  // Some options of Kafka's tools only have longer names: `--from-beginning`, `--bootstrap-server`.
  const near = nearest(name, options) ?? options.find((one) => name.startsWith(`${one}-`)) ?? null;
  return near === null ? null : `--${near}`;
}
