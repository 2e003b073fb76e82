import type { LinearPattern } from '../../base/linear-pattern.ts';

/**
 * A replacement in the syntax of Java's Matcher.replaceAll: `$1`, `${name}`, and a backslash before what is
 * meant as it is.
 */
export interface JavaReplacement {
  /**
   * With what the groups of one match are; `groups[0]` is all of it, and a group that took no part is empty.
   */
  of(groups: readonly string[]): string;
}

type Part = string | number;

/** What Java would throw is an error. Names of groups are not known here: `${name}` is one. */
export function javaReplacement(
  given: string,
  { groupCount }: Pick<LinearPattern, 'groupCount'>,
): JavaReplacement | { readonly error: string } {
  const text = groupCount === 0 ? given : withLiteralReferences(given, groupCount);
  const parts: Part[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '\\') {
      if (at + 1 === text.length) return { error: 'it ends with a backslash' };
      parts.push(text.charAt(at + 1));
      at += 2;
    } else if (character === '$') {
      const reference = groupAt(text, at + 1, groupCount);
      if ('error' in reference) return reference;
      parts.push(reference.group);
      at = reference.end;
    } else {
      parts.push(character);
      at++;
    }
  }
  return {
    of: (groups) => parts.map((part) => (typeof part === 'string' ? part : (groups[part] ?? ''))).join(''),
  };
}

/** As many digits as make the number of a group that there is; the first one counts in any case. */
function groupAt(
  text: string,
  start: number,
  groupCount: number,
): { readonly group: number; readonly end: number } | { readonly error: string } {
  if (!isDigit(text, start)) return { error: 'a $ without the number of a group: write \\$ for the sign' };
  let group = Number(text.charAt(start));
  if (group > groupCount) return { error: `the pattern has no group ${group}` };
  let end = start + 1;
  while (isDigit(text, end)) {
    const longer = group * 10 + Number(text.charAt(end));
    if (longer > groupCount) break;
    group = longer;
    end++;
  }
  return { group, end };
}

function isDigit(text: string, at: number): boolean {
  return /^[0-9]$/.test(text.charAt(at));
}

/**
 * Kafka means a reference to a group that there is not as it is written, where the pattern has groups at all.
 * As Kafka does it: places are those of the text before, so that with two such references the second is not
 * found.
 */
function withLiteralReferences(text: string, groupCount: number): string {
  let escaped = text;
  for (const { 1: digits = '', index } of text.matchAll(/\$(\d+)/g)) {
    if (digits.startsWith('0')) continue;
    let group = Number(digits);
    while (group > groupCount && group >= 10) group = Math.trunc(group / 10);
    if (group > groupCount) escaped = `${escaped.slice(0, index)}\\${escaped.slice(index)}`;
  }
  return escaped;
}
