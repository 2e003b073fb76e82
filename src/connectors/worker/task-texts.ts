import { converterSpec } from '../converters/converters.ts';
import { behind } from '../kernel/client-properties.ts';
import type { Converter } from '../kernel/converter.ts';

type Texts = Readonly<Record<string, string>>;

/**
 * The converter that the connector names, or else its worker; the properties of one are never those of the
 * other.
 */
export function converterOf(role: 'key.converter' | 'value.converter', connector: Texts, worker: Texts) {
  const whose = connector[role] === undefined ? worker : connector;
  const name = whose[role] ?? '';
  const spec = converterSpec(name);
  if (!spec) throw new Error(`There is no built-in converter ${name}.`);
  const converter: Converter = spec.make(behind(`${role}.`, whose));
  return { className: spec.className, converter };
}
