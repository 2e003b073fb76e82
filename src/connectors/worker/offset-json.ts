import { type Json, JsonFraction, quoted, readJson } from '../converters/json-text.ts';
import { DataError } from '../kernel/task-errors.ts';

/** What JSON says, as plain data: whole numbers that a number does not keep are bigint. */
export type PlainJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly PlainJson[]
  | { readonly [name: string]: PlainJson };

/** Throws a SyntaxError. */
export function readPlainJson(text: string): PlainJson {
  try {
    return plain(readJson(text));
  } catch (error) {
    if (error instanceof DataError) throw new SyntaxError(error.message, { cause: error });
    throw error;
  }
}

/** As JSON.stringify, with every digit of whole numbers. */
export function plainJsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(plainJsonText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  return `{${Object.entries(value)
    .flatMap(([name, one]) => (one === undefined ? [] : [`${quoted(name)}:${plainJsonText(one)}`]))
    .join(',')}}`;
}

function plain(json: Json): PlainJson {
  if (json instanceof JsonFraction) return Number(json.text);
  if (typeof json === 'bigint') return Number.isSafeInteger(Number(json)) ? Number(json) : json;
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(plain);
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, plain(value)]));
}
