import { bigDecimalText } from './big-decimal-text.ts';
import { decimalText } from './decimal.ts';
import { numberText } from './java-text.ts';
import { type ConnectValue, isMap, isStruct, LOGICAL_NAMES, type Schema } from './schema.ts';
import { isoText, millisecondsOf } from './temporal.ts';

/**
 * A header's value as Kafka Connect's SimpleHeaderConverter writes it; `isInner`: within a list or an object,
 * where texts are quoted.
 */
export function headerText(value: ConnectValue, schema: Schema | null, isInner = false): string {
  if (value === null) return 'null';
  const quoted = (text: string) =>
    isInner ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : text;
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') {
    const milliseconds = schema && millisecondsOf(schema, value);
    if (typeof milliseconds === 'bigint') return isoText(milliseconds);
    return typeof value === 'number' ? numberText(value, schema) : String(value);
  }
  if (value instanceof Uint8Array) {
    if (schema?.name === LOGICAL_NAMES.decimal) return bigDecimalText(decimalText(schema, value));
    return quoted(Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64'));
  }
  const entry = (key: string, of: string) => `${key}:${of}`;
  if (isStruct(value)) {
    const fields = (value.schema.fields ?? []).map((field, at) =>
      entry(
        headerText(field.name, null, true),
        headerText(value.values[at] ?? field.schema.default ?? null, field.schema, true),
      ),
    );
    return `{${fields.join()}}`;
  }
  const inner = schema?.valueSchema ?? null;
  if (!isMap(value)) return `[${value.map((one) => headerText(one, inner, true)).join()}]`;
  const entries = [...value].map(([key, one]) =>
    entry(headerText(key, schema?.keySchema ?? null, true), headerText(one, inner, true)),
  );
  return `{${entries.join()}}`;
}
