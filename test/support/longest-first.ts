import { BaseSequencer, type TestSequencer, type TestSpecification, type Vitest } from 'vitest/node';

/** The files that take longest, by the durations that a whole run prints. */
const LONGEST = [
  'test/clients/round-trip.test.ts',
  'test/aws/operation-crashes.test.ts',
  'test/aws/processes.test.ts',
  'test/connect/file-stream.test.ts',
  'sim/cluster.test.ts',
  'sim/replication.test.ts',
  'sim/controller.test.ts',
];

/**
 * Starts with the longest files, so that none of them runs alone at the end. Vitest's own order is by file
 * size.
 */
export class LongestFirst implements TestSequencer {
  readonly #byLength: BaseSequencer;

  constructor(vitest: Vitest) {
    this.#byLength = new BaseSequencer(vitest);
  }

  shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    return this.#byLength.shard(files);
  }

  async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await this.#byLength.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

function place({ moduleId }: TestSpecification): number {
  const at = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
  return at === -1 ? LONGEST.length : at;
}
