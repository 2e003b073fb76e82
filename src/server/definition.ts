import type { Fields, Wire } from '../protocol/field.ts';

/** Whether decoding a message of these fields may return slices of the frame. */
export function carriesBytes(fields: Fields): boolean {
  return Object.values(fields).some((field) => wireCarriesBytes(field.spec.wire));
}

function wireCarriesBytes(wire: Wire): boolean {
  switch (wire.kind) {
    case 'primitive':
      return wire.name === 'bytes' || wire.name === 'records';
    case 'array':
      return wireCarriesBytes(wire.element);
    case 'struct':
      return carriesBytes(wire.fields);
  }
}
