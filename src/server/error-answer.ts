import type { AnyApi } from '../protocol/api.ts';
import { isPresent } from '../protocol/compile.ts';
import { type ErrorName, errorCode, errorMessage } from '../protocol/errors.ts';
import type { Fields, Wire } from '../protocol/field.ts';
import { errorMirrors } from './error-mirrors.ts';

/**
 * The answer of this version that says nothing but this error, as Kafka's AbstractRequest.getErrorResponse
 * builds it: the error of the whole where the version has one, else that of everything that was asked for.
 * Null when the version has no place for it, or nothing was asked for that could carry it: then the
 * connection is closed, since a client would take the answer for success.
 */
export function errorAnswer(api: AnyApi, version: number, request: unknown, error: ErrorName): object | null {
  const told = { errorCode: errorCode(error), errorMessage: errorMessage(error) };
  const { fields } = api.definition.response;
  const mirror = errorMirrors.get(api.key);
  const answer = mirror ? mirror(request, told, version) : whole(fields, told);
  return answer && tells(fields, version, answer, told.errorCode) ? answer : null;
}

interface Told {
  readonly errorCode: number;
  readonly errorMessage: string;
}

function whole(fields: Fields, told: Told): object | null {
  if (!('errorCode' in fields)) return null;
  return {
    errorCode: told.errorCode,
    ...('errorMessage' in fields ? { errorMessage: told.errorMessage } : {}),
  };
}

/** Whether this error is in a field that the version has. */
function tells(fields: Fields, version: number, answer: object, code: number): boolean {
  const values = new Map<string, unknown>(Object.entries(answer));
  return Object.entries(fields).some(([name, { spec }]) => {
    const value = values.get(name);
    if (value === undefined || !isPresent(spec, version)) return false;
    return name.toLowerCase().endsWith('errorcode')
      ? value === code
      : tellsInside(spec.wire, version, value, code);
  });
}

function tellsInside(wire: Wire, version: number, value: unknown, code: number): boolean {
  if (wire.kind === 'array' && Array.isArray(value))
    return value.some((element) => tellsInside(wire.element, version, element, code));
  if (wire.kind !== 'struct' || typeof value !== 'object' || value === null) return false;
  return tells(wire.fields, version, value, code);
}
