import { type ConnectValue, isMap, isStruct, LOGICAL_NAMES, type Schema } from '../../kernel/schema.ts';

/**
 * What the writer of Parquet files takes: structs as objects, maps as lists of `{ key, value }`, decimals as
 * unscaled integers.
 */
export type ParquetValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly ParquetValue[]
  | { readonly [name: string]: ParquetValue };

/** `size` adds up about how many bytes are held. */
export function parquetValue(
  schema: Schema | null,
  value: ConnectValue,
  size: (bytes: number) => void,
): ParquetValue {
  size(8);
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'string') size(value.length);
    return value;
  }
  if (value instanceof Uint8Array) {
    size(value.length);
    return schema?.name === LOGICAL_NAMES.decimal ? unscaled(value) : value;
  }
  if (isStruct(value))
    return Object.fromEntries(
      (value.schema.fields ?? []).map((field, at) => [
        field.name,
        parquetValue(field.schema, value.values[at] ?? null, size),
      ]),
    );
  const inner = schema?.valueSchema ?? null;
  if (!isMap(value)) return value.map((one) => parquetValue(inner, one, size));
  const keys = schema?.keySchema ?? null;
  return [...value].map(([key, one]) => ({
    key: parquetValue(keys, key, size),
    value: parquetValue(inner, one, size),
  }));
}

/** Of two's complement, the first byte highest. */
function unscaled(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x0${Buffer.from(bytes).toString('hex')}`));
}
