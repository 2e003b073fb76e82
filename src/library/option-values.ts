import { nearest } from '../base/nearest.ts';

/**
 * How the options of the library are read: JavaScript checks no types, so each is checked here and named when
 * it is wrong, by a TypeError, whose message is for whoever wrote it.
 */

export function text(given: unknown, at: string): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'string') throw new TypeError(`${at} must be a string, not ${shown(given)}.`);
  if (given === '') throw new TypeError(`${at} must not be empty.`);
  return given;
}

export function integer(
  given: unknown,
  at: string,
  range: { min: number; max: number; fallback: number },
): number {
  if (given === undefined) return range.fallback;
  if (typeof given === 'number' && Number.isInteger(given) && given >= range.min && given <= range.max)
    return given;
  throw new TypeError(`${at} must be an integer from ${range.min} to ${range.max}, not ${shown(given)}.`);
}

/** The members of an object, of which there are no others than these. */
export function fields<Name extends string>(
  given: unknown,
  at: string,
  known: readonly Name[],
): { readonly [name in Name]?: unknown } {
  const members = object(given, at === 'startCluster' ? 'What startCluster is given' : at);
  const names: readonly string[] = known;
  const stranger = Object.keys(members).find((name) => !names.includes(name));
  if (stranger !== undefined) throw unknown(`${at} has no option "${stranger}"`, stranger, names);
  const result: { [name in Name]?: unknown } = {};
  for (const name of known) result[name] = members[name];
  return result;
}

export function object(given: unknown, at: string): Record<string, unknown> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new TypeError(`${at} must be an object, not ${shown(given)}.`);
  return { ...given };
}

/** Names what was probably meant; a short list is told whole. */
export function unknown(sentence: string, name: string, known: readonly string[]): TypeError {
  const near = nearest(name, known);
  if (near !== null) return new TypeError(`${sentence}: did you mean ${near}?`);
  return new TypeError(known.length > 16 ? `${sentence}.` : `${sentence}: there are ${known.join(', ')}.`);
}

export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  if (typeof value === 'function') return 'a function';
  return String(value);
}
