/** One realistic mistake in one file of the sources, and the tests of a normal run that must notice it. */
export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  /** A text that occurs in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Test files, the likeliest first; they run one after the other until one fails. */
  readonly caughtBy: readonly string[];
  /** Matches the failing test's name and message; another failure has noticed something else. */
  readonly found?: RegExp;
  /** A pattern for vitest's `-t` that selects the test, if others in its file fail before it. */
  readonly test?: string;
}
