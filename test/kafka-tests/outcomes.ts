import { existsSync, readFileSync } from 'node:fs';

/** How a test ended, as `java/millrace/Outcomes.java` writes it. */
export interface Outcome {
  /** Full name of the class and name of the method. */
  readonly test: string;
  /** JUnit's name of this run of the method. */
  readonly name: string;
  readonly outcome: 'failed' | 'passed' | 'skipped';
  /** One or more lines; empty when it passed. */
  readonly reason: string;
  readonly trace: string;
  readonly seconds: number;
  /** Whether it asked for a cluster of Millrace: some tests of these classes need none. */
  readonly hasCluster: boolean;
}

/** All that the file has; none where there is no file, because no test ended. */
export function readOutcomes(file: string): Outcome[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
