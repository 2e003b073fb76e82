import { type JavaPattern, javaPattern } from './java-pattern.ts';

/** What is wrong with a regular expression, as the end of a sentence, or null. */
export function regexProblem(text: string): string | null {
  const made = javaPattern(text);
  return 'problem' in made ? `Invalid regex: ${made.problem}` : null;
}

/** For a text that `regexProblem` has found nothing wrong with. */
export function compiledRegex(text: string): JavaPattern {
  const made = javaPattern(text);
  if ('problem' in made) throw new Error(`Invalid regex: ${made.problem}`);
  return made;
}
