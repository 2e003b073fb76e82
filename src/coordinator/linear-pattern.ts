/** A regular expression that a client sent. */
export interface LinearPattern {
  /** Whether it describes the whole text; in time proportional to its length, whatever the pattern. */
  matches(text: string): boolean;
}

/** No name is longer, and each character of a pattern costs memory. */
const LENGTH_MAX = 10_000;

/** In the syntax of RE2, as with Kafka's RE2J. The matcher is loaded when the first pattern comes. */
export async function linearPattern(text: string): Promise<LinearPattern | { readonly error: string }> {
  if (text.length > LENGTH_MAX) return { error: `it is longer than ${LENGTH_MAX} characters` };
  const { RE2JS, RE2JSException } = await import('re2js');
  try {
    const compiled = RE2JS.compile(text);
    return { matches: (candidate) => compiled.matches(candidate) };
  } catch (error) {
    if (error instanceof RE2JSException) return { error: error.message };
    throw error;
  }
}
