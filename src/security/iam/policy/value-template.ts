import { literal, type Wildcard, wildcard } from './wildcard.ts';

/** What a request is, by the names of condition keys in lower case. */
export type RequestContext = ReadonlyMap<string, string>;

/** A value of a Resource or Condition, in which policy variables stand for what a request says. */
export interface ValueTemplate {
  /** As the policy has it. */
  readonly text: string;
  readonly parts: readonly (Wildcard | PolicyVariable)[];
}

interface PolicyVariable {
  /** The condition key, in lower case. */
  readonly key: string;
  /** What stands for a key that the request does not have; null where the policy gives nothing. */
  readonly otherwise: string | null;
}

/** `${aws:username}`, `${aws:username, 'nobody'}`, and the characters `${*}`, `${?}` and `${$}`. */
const VARIABLE = /\$\{(?:([*?$])|\s*([A-Za-z0-9:/._-]+)\s*(?:,\s*'([^']*)'\s*)?)\}/g;

/**
 * `hasVariables`: policies of version 2012-10-17 have them. `hasWildcards`: whether `*` and `?` stand for
 * others. Returns what is wrong with the text where it cannot be read.
 */
export function valueTemplate(
  text: string,
  { hasVariables, hasWildcards }: { readonly hasVariables: boolean; readonly hasWildcards: boolean },
): ValueTemplate | { readonly wrong: string } {
  const plain = (part: string): Wildcard => (hasWildcards ? wildcard(part) : literal(part));
  if (!hasVariables) return { text, parts: [plain(text)] };
  const parts: (Wildcard | PolicyVariable)[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    parts.push(plain(text.slice(end, match.index)));
    const [whole, character, key, otherwise = null] = match;
    parts.push(key === undefined ? literal(character ?? '') : { key: key.toLowerCase(), otherwise });
    end = match.index + whole.length;
  }
  parts.push(plain(text.slice(end)));
  const rest = text.replace(VARIABLE, '');
  if (rest.includes('${')) return { wrong: `${text} has a policy variable that cannot be read` };
  return { text, parts };
}

/** The condition keys that the template asks for, in lower case. */
export function variablesOf({ parts }: ValueTemplate): readonly string[] {
  return parts.flatMap((part) => ('key' in part ? [part.key] : []));
}

/**
 * The pattern for one request; null where a variable has no value. What a variable stands for is no pattern.
 */
export function expand({ parts }: ValueTemplate, context: RequestContext): Wildcard | null {
  if (parts.length === 1 && parts[0] !== undefined && !('key' in parts[0])) return parts[0];
  const all: Wildcard[] = [];
  for (const part of parts) {
    if (!('key' in part)) {
      all.push(part);
      continue;
    }
    const value = context.get(part.key) ?? part.otherwise;
    if (value === null) return null;
    all.push(literal(value));
  }
  return all.flat();
}

/** The text of a pattern in which nothing stands for others. */
export function textOf(pattern: Wildcard): string {
  return pattern.map((part) => (typeof part === 'string' ? part : part.description)).join('');
}
