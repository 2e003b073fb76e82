/** A pattern, in units of UTF-16, among which these two stand for others. */
export type Wildcard = readonly number[];

/** Any characters, or none. */
export const ANY_CHARACTERS = -1;
/** One character. */
export const ONE_CHARACTER = -2;

/** A pattern as policies write it: `*` for any characters, slashes and colons too, and `?` for one. */
export function wildcard(text: string): Wildcard {
  return Array.from(text, (character) => {
    if (character === '*') return [ANY_CHARACTERS];
    return character === '?' ? [ONE_CHARACTER] : literal(character);
  }).flat();
}

/** A pattern of this very text. */
export function literal(text: string): Wildcard {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

/**
 * Whether the pattern describes the whole text. It takes at most as many steps as the product of their
 * lengths: an earlier `*` never has to take more once a later one has begun.
 */
export function matchesWildcard(pattern: Wildcard, text: string): boolean {
  let at = 0;
  let inText = 0;
  let afterStar = -1;
  let textOfStar = 0;
  while (inText < text.length) {
    const unit = pattern[at];
    if (unit === ANY_CHARACTERS) {
      afterStar = ++at;
      textOfStar = inText;
    } else if (unit === ONE_CHARACTER) {
      at++;
      inText += lengthOfCharacter(text, inText);
    } else if (unit === text.charCodeAt(inText)) {
      at++;
      inText++;
    } else {
      if (afterStar < 0) return false;
      at = afterStar;
      inText = ++textOfStar;
    }
  }
  while (pattern[at] === ANY_CHARACTERS) at++;
  return at === pattern.length;
}

/** Two units where the character is one that UTF-16 writes with two. */
function lengthOfCharacter(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}
