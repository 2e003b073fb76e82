/** One realistic mistake in one file of the sources, and the tests of a normal run that must notice it. */
export interface PlantedBug {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Test files, the likeliest first; they run one after the other until one fails. */
  readonly caughtBy: readonly string[];
  /** The test that fails because of it and its message; others that fail have noticed something else. */
  readonly found?: RegExp;
  /** The test alone, as vitest's `-t`, where others in its file fail before it. */
  readonly test?: string;
}
