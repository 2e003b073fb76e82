/** A regular expression that somebody else wrote, or that reads what somebody else wrote. */
export interface LinearPattern {
  readonly groupCount: number;
  /** Whether it describes the whole text; in time proportional to its length, whatever the pattern. */
  matches(text: string): boolean;
  /** With each match replaced. `groups[0]` is all of the match, and a group that took no part is empty. */
  replaceAll(text: string, replacement: (groups: readonly string[]) => string): string;
}

/** No name is longer, and each character of a pattern costs memory. */
const LENGTH_MAX = 10_000;

/** In the syntax of RE2, as with Kafka's RE2J. The matcher is loaded when the first pattern comes. */
export async function linearPattern(text: string): Promise<LinearPattern | { readonly error: string }> {
  if (text.length > LENGTH_MAX) return { error: `it is longer than ${LENGTH_MAX} characters` };
  const { RE2JS, RE2JSException } = await import('re2js');
  try {
    const compiled = RE2JS.compile(text);
    const groupCount = compiled.groupCount();
    return {
      groupCount,
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
