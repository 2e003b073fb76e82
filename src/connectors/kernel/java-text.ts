import { type ConnectValue, isMap, isStruct, type Schema } from './schema.ts';
import { DataError } from './task-errors.ts';

/**
 * A value as Java's `toString` has it, by which Kafka's StringConverter and file sink write what is no text.
 * Throws DataError for bytes, of which Java writes where they lie in its memory.
 */
export function javaText(value: ConnectValue, schema: Schema | null): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberText(value, schema);
  if (value === null || typeof value !== 'object') return String(value);
  if (isStruct(value)) {
    const parts = (value.schema.fields ?? []).flatMap((field, at) => {
      const own = value.values[at] ?? null;
      return own === null ? [] : [`${field.name}=${javaText(own, field.schema)}`];
    });
    return `Struct{${parts.join(',')}}`;
  }
  const inner = schema?.valueSchema ?? null;
  if (isMap(value)) {
    const keys = schema?.keySchema ?? null;
    return `{${[...value].map(([key, own]) => `${javaText(key, keys)}=${javaText(own, inner)}`).join(', ')}}`;
  }
  if (value instanceof Uint8Array) throw new DataError('bytes have no text: use another converter');
  return `[${value.map((one) => javaText(one, inner)).join(', ')}]`;
}

/** A number as Java and its JSON write it: `1` by a schema of whole numbers, else `1.0`, `1.0E10`. */
export function numberText(value: number, schema: Schema | null): string {
  switch (schema?.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return String(value);
    case 'FLOAT32':
      return doubleText(shortestFloat(value));
    default:
      return doubleText(value);
  }
}

function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** The number with the fewest digits that is this one among those of 32 bits. */
function shortestFloat(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === Math.fround(value)) return shorter;
  }
  return value;
}
