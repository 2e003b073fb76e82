import type { AnyField, Fields, Wire } from './field.ts';

/**
 * What decoding the encoded message at the newest version would give, without the bytes: fields that were
 * left out read their default, at every depth. State machines replay what they decided before it was ever
 * encoded.
 */
export function complete(fields: Fields, message: object): Record<string, unknown> {
  const given = new Map<string, unknown>(Object.entries(message));
  const whole: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    const value = given.get(key);
    whole[key] = value === undefined ? defaultOf(field) : completeValue(field.spec.wire, value);
  }
  return whole;
}

function completeValue(wire: Wire, value: unknown): unknown {
  if (wire.kind === 'struct' && typeof value === 'object' && value !== null)
    return complete(wire.fields, value);
  if (wire.kind === 'array' && Array.isArray(value))
    return value.map((element) => completeValue(wire.element, element));
  if (value instanceof Uint8Array && !Buffer.isBuffer(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value;
}

/** The value that a field reads where its version lacks it. */
export function defaultOf({ spec }: AnyField): unknown {
  if (spec.fallback === null) return null;
  if (spec.wire.kind === 'array') return [];
  if (spec.wire.kind === 'struct') return complete(spec.wire.fields, {});
  return spec.fallback;
}
