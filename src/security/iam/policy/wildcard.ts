/** Any characters, or none. */
export const ANY_CHARACTERS = Symbol('*');
/** One character. */
export const ONE_CHARACTER = Symbol('?');

/** A pattern: texts that are themselves, never empty, and these two between them. */
export type Wildcard = readonly (string | typeof ANY_CHARACTERS | typeof ONE_CHARACTER)[];

/** A pattern as policies write it: `*` for any characters, slashes and colons too, and `?` for one. */
export function wildcard(text: string): Wildcard {
  return text.split(/([*?])/).flatMap((part) => {
    if (part === '*') return [ANY_CHARACTERS];
    return part === '?' ? [ONE_CHARACTER] : literal(part);
  });
}

/** A pattern of this very text. */
export function literal(text: string): Wildcard {
  return text === '' ? [] : [text];
}
