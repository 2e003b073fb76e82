import { knownFailures, lastWords, unsteady } from './known-failures.ts';
import type { Outcome } from './outcomes.ts';

/** How outcomes compare with what is known. */
export interface Verdict {
  /** Tests that had a cluster and passed. */
  readonly passed: number;
  /** Tests that need what only Apache Kafka's own processes have: objects in memory, controllers. */
  readonly outOfReach: number;
  readonly known: number;
  /** Failed, and are not known to. */
  readonly unexpected: readonly Outcome[];
  /** Keys of known failures whose tests passed. */
  readonly mended: readonly string[];
}

const OUT_OF_REACH = 'millrace.OutOfReach';

/** `onKafka`: the clusters were Apache Kafka's, where every test passes. */
export function judge(outcomes: readonly Outcome[], onKafka: boolean): Verdict {
  const isKnown = (one: Outcome): boolean => !onKafka && keyOf(one) in knownFailures;
  const mayFail = (one: Outcome): boolean =>
    (isKnown(one) && failsAsKnown(one)) || (!onKafka && keyOf(one) in unsteady);
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed');
  const outOfReach = failed.filter(({ reason }) => reason.includes(OUT_OF_REACH));
  const others = failed.filter((one) => !outOfReach.includes(one));
  const passed = outcomes.filter(
    ({ outcome, hasCluster }) => outcome === 'passed' && (hasCluster || onKafka),
  );
  return {
    passed: passed.length,
    outOfReach: outOfReach.length,
    known: others.filter(mayFail).length,
    unexpected: others.filter((one) => !mayFail(one)),
    mended: [...new Set(passed.filter(isKnown).map(keyOf))].filter(
      (key) => !failed.some((one) => keyOf(one) === key),
    ),
  };
}

function failsAsKnown(one: Outcome): boolean {
  return lastWords.get(knownFailures[keyOf(one)] ?? '')?.test(one.reason) ?? true;
}

/** Name of the class without its package, and of the method: all runs of a method count as one. */
export function keyOf({ test }: Pick<Outcome, 'test'>): string {
  return test.split('.').slice(-2).join('.');
}
