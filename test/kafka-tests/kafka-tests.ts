import { join } from 'node:path';
import { methodPattern, type Selection } from './classes.ts';
import { ClusterServer } from './cluster-server.ts';
import type { Outcome } from './outcomes.ts';
import { runTests } from './run-tests.ts';
import { compileStandIns } from './test-jars.ts';
import { judge, keyOf } from './verdict.ts';

/** What came out of one class. */
export interface ClassResult {
  readonly className: string;
  readonly passed: number;
  /** How those failed at the first run that passed at the second: they count as passed. */
  readonly again: readonly Outcome[];
  readonly outOfReach: number;
  readonly known: number;
  /** Failed in every run, and are not known to. */
  readonly failed: readonly Outcome[];
  /** Keys of known failures whose tests passed. */
  readonly mended: readonly string[];
}

/** Runs Apache Kafka's tests, one JVM after the other. */
export class KafkaTests {
  readonly #folder: string;
  readonly #onKafka: boolean;
  readonly #repeats: boolean;

  /**
   * `folder`: is there already, and gets what is compiled and what the JVMs print. `onKafka`: the clusters
   * are Apache Kafka's own. `repeats`: what failed unexpectedly runs a second time, as in Apache Kafka's own
   * builds, because its tests have deadlines that a busy machine misses. Throws where the tests or a JDK are
   * missing.
   */
  constructor(
    folder: string,
    { onKafka, repeats }: { readonly onKafka: boolean; readonly repeats: boolean },
  ) {
    this.#folder = folder;
    this.#onKafka = onKafka;
    this.#repeats = repeats;
    compileStandIns(this.#classes, onKafka);
  }

  /** Rejects where a JVM ran no test. */
  async run(selection: Selection): Promise<ClassResult[]> {
    const first = await this.#runOnce(selection);
    const { unexpected } = judge(first, this.#onKafka);
    const patterns = [...new Set(unexpected.map(patternOf))];
    const second =
      !this.#repeats || patterns.length === 0 ? [] : await this.#runOnce({ ...selection, patterns });
    return selection.classNames.map((className) => {
      const ofClass = ({ test }: Outcome): boolean => test.startsWith(`${className}.`);
      return this.#compare(className, first.filter(ofClass), second.filter(ofClass));
    });
  }

  #compare(className: string, first: readonly Outcome[], second: readonly Outcome[]): ClassResult {
    const { passed, outOfReach, known, unexpected, mended } = judge(first, this.#onKafka);
    // Without an outcome of the second run the JVM died, or the class could not be made.
    const failed = unexpected.filter(
      (one) => !second.some((other) => isSame(one, other) && other.outcome === 'passed'),
    );
    const again = unexpected.filter((one) => !failed.includes(one));
    return { className, passed: passed + again.length, again, outOfReach, known, failed, mended };
  }

  /** With a cluster server for each JVM: nothing is left of the clusters of the one before. */
  async #runOnce(selection: Selection): Promise<Outcome[]> {
    const server = await ClusterServer.start();
    const log = join(this.#folder, 'java.log');
    try {
      const outcomes = await runTests({
        ...selection,
        classes: this.#classes,
        port: server.port,
        outcomes: join(this.#folder, 'outcomes.jsonl'),
        log,
      });
      if (outcomes.length === 0) throw new Error(`No test ran: ${log} has what the JVM printed.`);
      return outcomes;
    } finally {
      await server.stop();
    }
  }

  get #classes(): string {
    return join(this.#folder, 'classes');
  }
}

function patternOf(outcome: Outcome): string {
  const [className = '', method = ''] = keyOf(outcome).split('.');
  return methodPattern(className, method);
}

const isSame = (one: Outcome, other: Outcome): boolean => one.test === other.test && one.name === other.name;
