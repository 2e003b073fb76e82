import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOptions, switchOption, textOption } from '../support/run-options.ts';
import { selectedTests } from './classes.ts';
import { type ClassResult, KafkaTests } from './kafka-tests.ts';
import { knownFailures } from './known-failures.ts';
import type { Outcome } from './outcomes.ts';
import { keyOf } from './verdict.ts';

const { only, 'on-kafka': onKafka } = runOptions(
  'kafka-tests',
  'Apache Kafka’s own integration tests, on clusters of Millrace. Status 1 when a test fails that is not known to, or one passes that is.',
  {
    only: textOption(
      'Only these classes, with or without their packages, or their methods (a pattern) as Class.method.',
      'NAME,…',
    ),
    'on-kafka': switchOption('On clusters of Apache Kafka itself, to compare.'),
  },
);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** The lines of a stack trace that are printed. */
const TRACE_LINES = 12;

// A signal alone would leave the JVM behind, whose end hangs on this process's.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const selections = selectedTests(only ?? null);
const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-tests-'));
const tests = new KafkaTests(folder, { onKafka, repeats: true });
const all: ClassResult[] = [];
for (const selection of selections) {
  const results = await tests.run(selection);
  results.forEach(tell);
  all.push(...results);
}
const sum = (of: (result: ClassResult) => number): number => all.reduce((total, one) => total + of(one), 0);
const failed = sum((one) => one.failed.length);
const mended = sum((one) => one.mended.length);
say(
  `kafka-tests: ${sum((one) => one.passed)} passed, ${sum((one) => one.again.length)} of them at the second run; ${sum((one) => one.outOfReach)} reach into processes of Apache Kafka, ${sum((one) => one.known)} are known to fail; ${failed} failed unexpectedly, ${mended} are known to fail and passed`,
);
if (failed + mended === 0) rmSync(folder, { recursive: true, force: true });
else say(`What the JVMs printed is in ${folder}.`);
process.exit(failed + mended === 0 ? 0 : 1);

function tell({ className, passed, again, outOfReach, known, failed, mended }: ClassResult): void {
  say(
    `${className}: ${passed} passed, ${outOfReach} out of reach, ${known} known to fail, ${failed.length} failed`,
  );
  for (const one of again)
    say(`  ${keyOf(one)}, ${one.name} passed at the second run; at the first: ${traceOf(one)}`);
  for (const one of failed) say(`  ${keyOf(one)}, ${one.name}: ${traceOf(one)}`);
  for (const key of mended) say(`  ${key} passed, and is known to fail: ${knownFailures[key]}`);
}

function traceOf({ trace }: Outcome): string {
  return trace.split('\n').slice(0, TRACE_LINES).join('\n    ');
}
