import { matchesInParallel } from './parallel-match.ts';
import { ANY_CHARACTERS, ONE_CHARACTER, type Wildcard } from './wildcard.ts';

/**
 * How many times a text may be tried to match from another place on, before the pattern is compared the way
 * that takes the same time whatever the two are.
 */
const TRIES_MAX = 100;

/**
 * Whether the pattern describes the whole text. Whoever asks chooses the text, and some choose the pattern
 * too: no pair takes longer than a 30th of the product of the two lengths.
 */
export function matchesWildcard(pattern: Wildcard, text: string): boolean {
  let at = 0;
  let inText = 0;
  let afterStar = -1;
  let textOfStar = 0;
  let tries = 0;
  while (at < pattern.length || inText < text.length) {
    const part = pattern[at];
    if (part === ANY_CHARACTERS) {
      // An earlier one never has to take more once a later one has begun.
      afterStar = ++at;
      textOfStar = inText;
      if (at === pattern.length) return true;
    } else if (part === ONE_CHARACTER && inText < text.length) {
      at++;
      inText += lengthOfCharacter(text, inText);
    } else if (typeof part === 'string' && text.startsWith(part, inText)) {
      at++;
      inText += part.length;
    } else {
      if (afterStar < 0 || textOfStar >= text.length) return false;
      if (++tries > TRIES_MAX) return matchesInParallel(pattern, text);
      at = afterStar;
      inText = ++textOfStar;
    }
  }
  return true;
}

/** Two units where the character is one that UTF-16 writes with two. */
function lengthOfCharacter(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}
