import type { Encodable, Fields, Wire } from '../protocol/field.ts';

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

/** An answer that says nothing but this error, or null when the answer has no error of its own. */
export function errorAnswer(fields: Fields, errorCode: number): Encodable<Fields> | null {
  if (!('errorCode' in fields)) return null;
  const answer: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) answer[name] = field.spec.fallback;
  answer.errorCode = errorCode;
  return answer;
}
