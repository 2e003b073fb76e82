import { Failure } from '../failure.ts';

/** `key=value` words, in their order; the value may be empty or have `=` in it. */
export function readAssignments(words: readonly string[]): Map<string, string> {
  return new Map(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at < 1) throw new Failure(`"${word}" is no KEY=VALUE.`, { exit: 'usage' });
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}
