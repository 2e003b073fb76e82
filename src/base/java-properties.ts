import { withoutByteOrderMark } from './byte-order-mark.ts';

/** What a text in the syntax of Java's Properties says, or what of it is no such syntax. */
export type JavaProperties = ReadonlyMap<string, string> | { readonly reason: string };

/**
 * As `java.util.Properties.load` reads it: comments begin with # or !, a backslash at the end goes on in the
 * next line, a key ends at the first =, : or space that is not escaped, and of a key that is there twice the
 * last value counts. Only a byte order mark, which Java takes for a part of the first key, is left out.
 */
export function readJavaProperties(text: string): JavaProperties {
  const properties = new Map<string, string>();
  for (const line of logicalLines(withoutByteOrderMark(text))) {
    const keyEnd = endOfKey(line);
    const separator = /^[ \t\f]*[=:]?[ \t\f]*/.exec(line.slice(keyEnd))?.[0] ?? '';
    const key = unescaped(line.slice(0, keyEnd));
    const value = unescaped(line.slice(keyEnd + separator.length));
    if (key === null || value === null)
      return { reason: `"${line.slice(0, 80)}" has a \\u that is not followed by four hexadecimal digits` };
    properties.set(key, value);
  }
  return properties;
}

/** Without comments and blank lines, continuations joined; escapes are still there. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun: string | null = null;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line: string = natural.replace(/^[ \t\f]+/, '');
    // Behind a continuation even a # is text.
    if (begun === null && (line === '' || /^[#!]/.test(line))) continue;
    const joined: string = (begun ?? '') + line;
    const goesOn: boolean = trailingBackslashes(line) % 2 === 1;
    begun = goesOn ? joined.slice(0, -1) : null;
    if (!goesOn && joined !== '') lines.push(joined);
  }
  return begun === null || begun === '' ? lines : [...lines, begun];
}

function trailingBackslashes(line: string): number {
  return /\\*$/.exec(line)?.[0].length ?? 0;
}

function endOfKey(line: string): number {
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '\\') at++;
    else if (/[=: \t\f]/.test(line.charAt(at))) return at;
  }
  return line.length;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** Null when a \u is malformed, which Java refuses as well. */
function unescaped(text: string): string | null {
  if (/(?<!\\)(?:\\\\)*\\u(?![0-9a-fA-F]{4})/.test(text)) return null;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S])|$)/g, (_, code?: string, one?: string) =>
    code === undefined ? (ESCAPES[one ?? ''] ?? one ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
