/** A part of a pattern: letters that stand for a part of a time, or text. */
type Part = { readonly letter: string; readonly count: number } | { readonly text: string };

/** By the letters of Joda-Time's patterns, which path.format is written in. */
const NUMBERS: Readonly<Record<string, (time: Date) => number>> = {
  Y: (time) => time.getUTCFullYear(),
  y: (time) => time.getUTCFullYear(),
  M: (time) => time.getUTCMonth() + 1,
  d: (time) => time.getUTCDate(),
  D: (time) => Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0)) / 86_400_000) + 1,
  H: (time) => time.getUTCHours(),
  m: (time) => time.getUTCMinutes(),
  s: (time) => time.getUTCSeconds(),
  S: (time) => time.getUTCMilliseconds(),
};
/** From so many letters on, months and days of the week have names; four are the long ones. */
const NAMED = 3;

/** What is wrong with a pattern, as the end of a sentence, or null. */
export function jodaProblem(pattern: string): string | null {
  const parts = partsOf(pattern);
  if (parts === null) return 'has a quote that does not end';
  const other = parts.find((part) => 'letter' in part && part.letter !== 'E' && !(part.letter in NUMBERS));
  return other && 'letter' in other
    ? `has the letter ${other.letter}; Y, y, M, d, D, E, H, m, s and S are those that there are, and text goes in quotes`
    : null;
}

/**
 * Writes times by a pattern for which `jodaProblem` has found nothing. The hours and days of a time are its
 * UTC ones: the caller has moved it.
 */
export function jodaFormat(pattern: string, locale: string): (time: Date) => string {
  const parts = partsOf(pattern) ?? [];
  return (time) => parts.map((part) => ('text' in part ? part.text : partText(part, time, locale))).join('');
}

function partText({ letter, count }: { letter: string; count: number }, time: Date, locale: string): string {
  const names = count > NAMED ? 'long' : 'short';
  if (letter === 'E')
    return new Intl.DateTimeFormat(locale, { weekday: names, timeZone: 'UTC' }).format(time);
  if (letter === 'M' && count >= NAMED)
    return new Intl.DateTimeFormat(locale, { month: names, timeZone: 'UTC' }).format(time);
  const number = NUMBERS[letter]?.(time) ?? 0;
  // Two letters are the last two digits of a year.
  if ((letter === 'Y' || letter === 'y') && count === 2) return String(number % 100).padStart(2, '0');
  // Fractions of a second: their first digits.
  if (letter === 'S') return String(number).padStart(3, '0').padEnd(count, '0').slice(0, count);
  return String(number).padStart(count, '0');
}

/** Null when a quote does not end. Two quotes are one. */
function partsOf(pattern: string): Part[] | null {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const [letters] = /^([A-Za-z])\1*/.exec(rest) ?? [];
    const [quote, text] = /^'((?:[^']|'')*)'/.exec(rest) ?? [];
    const [other] = /^[^A-Za-z']+/.exec(rest) ?? [];
    if (letters !== undefined) parts.push({ letter: letters.charAt(0), count: letters.length });
    else if (quote !== undefined)
      parts.push({ text: text === '' ? "'" : (text ?? '').replaceAll("''", "'") });
    else if (other !== undefined) parts.push({ text: other });
    else return null;
    at += (letters ?? quote ?? other ?? '').length;
  }
  return parts;
}
