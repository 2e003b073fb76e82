/** A regular expression that somebody else wrote, or that reads what somebody else wrote. */
export interface LinearPattern {
  readonly groupCount: number;
  /** How much work each character of a text is, at most: a microsecond or less for each. */
  readonly size: number;
  /** Whether it describes the whole text; in time proportional to its length, whatever the pattern. */
  matches(text: string): boolean;
  /** With each match replaced. `groups[0]` is all of the match, and a group that took no part is empty. */
  replaceAll(text: string, replacement: (groups: readonly string[]) => string): string;
}

/** No name is longer, and each character of a pattern costs memory. */
const LENGTH_MAX = 10_000;
/**
 * Repetitions are written out, `(.?){1000}` as a thousand: a pattern of a kilobyte is so one of 400,000
 * instructions, which takes seconds for a short name.
 */
const SIZE_MAX = 5000;

/** In the syntax of RE2, as with Kafka's RE2J. The matcher is loaded when the first pattern comes. */
export async function linearPattern(text: string): Promise<LinearPattern | { readonly error: string }> {
  if (text.length > LENGTH_MAX) return { error: `it is longer than ${LENGTH_MAX} characters` };
  if (writtenOut(text) > LENGTH_MAX) return { error: 'what it repeats is too much' };
  const { RE2JS, RE2JSException } = await import('re2js');
  try {
    const compiled = RE2JS.compile(text);
    const size = compiled.programSize();
    if (size > SIZE_MAX) return { error: `it is more than ${SIZE_MAX} instructions` };
    const groupCount = compiled.groupCount();
    return {
      groupCount,
      size,
      matches: (candidate) => compiled.matches(candidate),
      replaceAll(candidate, replacement) {
        const matcher = compiled.matcher(candidate);
        let replaced = '';
        let end = 0;
        while (matcher.find()) {
          const groups = Array.from({ length: groupCount + 1 }, (_, group) => matcher.group(group) ?? '');
          replaced += candidate.slice(end, matcher.start()) + replacement(groups);
          end = matcher.end();
        }
        return replaced + candidate.slice(end);
      },
    };
  } catch (error) {
    if (error instanceof RE2JSException) return { error: error.message };
    throw error;
  }
}

const COUNTED = /\{(\d+)(?:,(\d*))?\}/y;
/** A class, a quotation or an escape: characters that are none by themselves. */
const ONE = /\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\\Q.*?(?:\\E|$)|\\./sy;

/**
 * About how many characters a pattern has when what it repeats a counted number of times is written out;
 * known before it is compiled, which takes memory for each of them. Also of what is no pattern.
 */
function writtenOut(text: string): number {
  /** The sizes of the groups that are open, without what is in the innermost. */
  const outer: number[] = [];
  let size = 0;
  /** Of what a repetition would repeat. */
  let last = 0;
  for (let at = 0; at < text.length; at++) {
    const counted = text[at] === '{' ? repetition(text, at) : null;
    if (counted) {
      size += last * (counted.times - 1);
      last *= counted.times;
      at = counted.end - 1;
    } else if (text[at] === '(') {
      outer.push(size);
      size = 0;
      last = 0;
    } else if (text[at] === ')' && outer.length > 0) {
      last = size + 1;
      size = (outer.pop() ?? 0) + last;
    } else if (!'*+?'.includes(text[at] ?? '')) {
      ONE.lastIndex = at;
      const isOne = ONE.test(text);
      // A class without an end is no pattern. Each that may begin behind it would be looked through, too.
      if (!isOne && text[at] === '[') break;
      last = isOne ? ONE.lastIndex - at : 1;
      size += last;
      at += last - 1;
    }
  }
  return outer.reduce((sum, one) => sum + one, size);
}

function repetition(text: string, at: number): { readonly times: number; readonly end: number } | null {
  COUNTED.lastIndex = at;
  const found = COUNTED.exec(text);
  if (!found) return null;
  return { times: Math.max(1, Number(found[1]), Number(found[2] ?? 0)), end: COUNTED.lastIndex };
}
