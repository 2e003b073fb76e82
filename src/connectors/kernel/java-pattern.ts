/** A regular expression of Java. */
export interface JavaPattern {
  /** Whether the whole text matches. */
  matches(text: string): boolean;
  /** The first match within a text. */
  find(text: string): RegExpExecArray | null;
  readonly groups: number;
}

/** Java's classes of characters for ASCII, as the inside of a class. */
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\0-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\0-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0B\\f\\r',
};
/** Letters behind a backslash that JavaScript takes for something else. */
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\\x07',
  e: '\\x1B',
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  R: '(?:\\r\\n|[\\n\\x0B\\f\\r\\x85\\u2028\\u2029])',
};
/** The same, and what is the inside of a class. */
const CLASSES: Readonly<Record<string, string>> = {
  s: ' \\t\\n\\x0B\\f\\r',
  h: ' \\t\\xA0\\u1680\\u180E\\u2000-\\u200A\\u202F\\u205F\\u3000',
  v: '\\n\\x0B\\f\\r\\x85\\u2028\\u2029',
};
const SYNTAX = /[$^.*+?()[\]{}|/\\]/;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;
const FLAGS = /^\(\?([ims]+)\)/;

/** Compiles a text in Java's syntax; `problem` says what is wrong with it, or what of Java's there is not. */
export function javaPattern(text: string): JavaPattern | { readonly problem: string } {
  const [whole = '', flags = ''] = FLAGS.exec(text) ?? [];
  try {
    const source = new Translation(text.slice(whole.length)).source;
    const find = new RegExp(source, `${flags}u`);
    const matches = new RegExp(`(?<![\\s\\S])(?:${source})(?![\\s\\S])`, `${flags}u`);
    return {
      matches: (one) => matches.test(one),
      find: (one) => find.exec(one),
      groups: (new RegExp(`${source}|`, `${flags}u`).exec('')?.length ?? 1) - 1,
    };
  } catch (error) {
    if (error instanceof Unsupported || error instanceof SyntaxError) return { problem: error.message };
    throw error;
  }
}

/**
 * What `Matcher.replaceFirst` makes of a text. Throws an Error for a replacement with groups that there are
 * not.
 */
export function replaceFirst(pattern: JavaPattern, text: string, replacement: string): string {
  const match = pattern.find(text);
  if (!match) return text;
  let made = '';
  for (let at = 0; at < replacement.length; ) {
    const [, escaped, name, digits] = /^(?:\\([\s\S])|\$\{(\w+)\}|\$(\d+))/.exec(replacement.slice(at)) ?? [];
    if (escaped !== undefined) {
      made += escaped;
      at += 2;
    } else if (name !== undefined) {
      if (!(name in (match.groups ?? {}))) throw new Error(`No group with name {${name}}`);
      made += match.groups?.[name] ?? '';
      at += name.length + 3;
    } else if (digits !== undefined) {
      const number = groupNumber(digits, pattern.groups);
      made += match[Number(number)] ?? '';
      at += number.length + 1;
    } else {
      const one = replacement.charAt(at);
      if (one === '$') throw new Error('Illegal group reference');
      if (one === '\\') throw new Error('character to be escaped is missing');
      made += one;
      at++;
    }
  }
  return text.slice(0, match.index) + made + text.slice(match.index + match[0].length);
}

/** As many digits as are the number of a group. */
function groupNumber(digits: string, groups: number): string {
  let number = digits.charAt(0);
  if (Number(number) > groups) throw new Error(`No group ${number}`);
  for (const digit of digits.slice(1)) {
    if (Number(number + digit) > groups) break;
    number += digit;
  }
  return number;
}

class Unsupported extends Error {}

/** One expression on its way from Java's syntax to JavaScript's. */
class Translation {
  readonly source: string;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    let source = '';
    while (this.#at < text.length) source += this.#next();
    this.source = source;
  }

  #next(): string {
    const rest = this.#text.slice(this.#at);
    const [quantifier] = QUANTIFIER.exec(rest) ?? [];
    if (quantifier !== undefined) {
      this.#at += quantifier.length;
      if (this.#text[this.#at] === '+') throw new Unsupported('possessive quantifiers are not supported');
      if (this.#text[this.#at] !== '?') return quantifier;
      this.#at++;
      return `${quantifier}?`;
    }
    const one = rest.charAt(0);
    if (one === '\\') return this.#escape(false);
    if (one === '[') return this.#class();
    if (/^\(\?(?![:=!<])/.test(rest))
      throw new Unsupported(`${rest.slice(0, 4)} is not supported here: flags stand at the beginning`);
    this.#at++;
    return one === ']' || one === '}' ? `\\${one}` : one;
  }

  #escape(isInClass: boolean): string {
    const rest = this.#text.slice(this.#at + 1);
    const [quoted, plain] = /^Q([\s\S]*?)(?:\\E|$)/.exec(rest) ?? [];
    if (quoted !== undefined) return this.#taken(quoted.length, [...(plain ?? '')].map(literal).join(''));
    const [posix, negated, name = ''] = /^([pP])\{(\w+)\}/.exec(rest) ?? [];
    if (posix !== undefined) return this.#taken(posix.length, property(name, negated === 'P', isInClass));
    const [hex, digits] = /^x\{([0-9a-fA-F]+)\}/.exec(rest) ?? [];
    if (hex !== undefined) return this.#taken(hex.length, `\\u{${digits}}`);
    const [octal, number = ''] = /^0([0-3]?[0-7]{1,2})/.exec(rest) ?? [];
    if (octal !== undefined)
      return this.#taken(octal.length, `\\x${Number.parseInt(number, 8).toString(16).padStart(2, '0')}`);
    const one = rest.charAt(0);
    if (one === '') throw new Unsupported('a backslash ends it');
    const inside = CLASSES[one];
    if (inside !== undefined) return this.#taken(1, isInClass ? inside : `[${inside}]`);
    if ((one === 'H' || one === 'V' || one === 'S') && !isInClass)
      return this.#taken(1, `[^${CLASSES[one.toLowerCase()]}]`);
    const other = ESCAPES[one];
    if (other !== undefined && !(isInClass && other.startsWith('('))) return this.#taken(1, other);
    if (/[a-zA-Z0-9]/.test(one)) {
      if (!/[tnrfcxudDwWsSbBk1-9]/.test(one)) throw new Unsupported(`\\${one} is not supported`);
      return this.#taken(1, `\\${one}`);
    }
    return this.#taken(1, one === '-' && isInClass ? '\\-' : literal(one));
  }

  #taken(length: number, made: string): string {
    this.#at += length + 1;
    return made;
  }

  #class(): string {
    let made = '[';
    this.#at++;
    if (this.#text[this.#at] === '^') {
      made += '^';
      this.#at++;
    }
    for (let isFirst = true; ; isFirst = false) {
      const one = this.#text[this.#at];
      if (one === undefined) throw new Unsupported('a class of characters does not end');
      if (one === '\\') {
        made += this.#escape(true);
        continue;
      }
      this.#at++;
      if (one === ']' && !isFirst) return `${made}]`;
      if (one === '[') throw new Unsupported('classes of characters within others are not supported');
      if (one === '&' && this.#text[this.#at] === '&')
        throw new Unsupported('the && of classes of characters is not supported');
      made += one === ']' ? '\\]' : one;
    }
  }
}

function literal(one: string): string {
  return SYNTAX.test(one) ? `\\${one}` : one;
}

function property(name: string, isNegated: boolean, isInClass: boolean): string {
  const posix = POSIX[name];
  if (posix === undefined) return `\\${isNegated ? 'P' : 'p'}{${name.replace(/^Is/, '')}}`;
  if (!isInClass) return `[${isNegated ? '^' : ''}${posix}]`;
  if (isNegated) throw new Unsupported(`\\P{${name}} in a class of characters is not supported`);
  return posix;
}
