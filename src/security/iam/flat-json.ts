const MEMBER =
  /[\t\n\r ]*("(?:[^"\\]|\\.)*")[\t\n\r ]*:[\t\n\r ]*("(?:[^"\\]|\\.)*"|\d{1,15})[\t\n\r ]*([,}])/y;
const BEGINNING = /^[\t\n\r ]*\{/;
const END = /^[\t\n\r ]*$/;

/**
 * The members of a JSON object whose values are texts or whole numbers, as texts. Null for anything else, and
 * where a name is there twice: readers would not agree on which one counts.
 */
export function flatJson(text: string): ReadonlyMap<string, string> | null {
  const members = new Map<string, string>();
  MEMBER.lastIndex = BEGINNING.exec(text)?.[0].length ?? text.length;
  for (;;) {
    const [, name = '', value = '', end] = MEMBER.exec(text) ?? [];
    if (end === undefined) return null;
    const [key, content] = [unquoted(name), value.startsWith('"') ? unquoted(value) : value];
    if (key === null || content === null || members.has(key)) return null;
    members.set(key, content);
    if (end === '}') return END.test(text.slice(MEMBER.lastIndex)) ? members : null;
  }
}

/** Null for what is no text of JSON: a control character, or an escape that there is not. */
function unquoted(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
