import { writeFileSync } from 'node:fs';
import { differenceOf, transformOutcome } from '../../src/connectors/transforms/testing/transform-outcome.ts';
import { NodeClock } from '../../src/platform/node-clock.ts';
import { numberOption, runOptions, textOption } from '../support/run-options.ts';
import { transformCases } from './cases.ts';
import { debeziumCases } from './debezium-cases.ts';
import { kafkaOutcomes } from './kafka-outcomes.ts';

const options = runOptions(
  'transforms',
  'Random records through random transforms, by us and by Kafka Connect. Status 1 where they differ.',
  {
    cases: numberOption('How many records.', 20_000, { least: 1 }),
    seed: numberOption(
      'The seed of a run that is to be made again. Default: a new one.',
      Date.now() % 1_000_000,
    ),
    debezium: textOption(
      'The unpacked archive of one of its connectors, by whose class change events are judged, too.',
      'DIR',
    ),
    record: textOption(
      'Keeps the short ones of these cases and what Kafka Connect made of them, which src/connectors/transforms/transforms.test.ts compares.',
      'FILE',
    ),
  },
);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
/** The most differences that are printed. */
const MOST_TOLD = 20;

/** The most characters of a case that are kept. */
const SHORT = 1_000;
const { seed, cases: count } = options;
const debezium = options.debezium ?? null;

const cases = [
  ...transformCases(seed, count),
  ...(debezium === null ? [] : debeziumCases(seed, Math.ceil(count / 10))),
];
const kafka = kafkaOutcomes(cases, debezium);
const clock = new NodeClock();
const differences = cases.flatMap((one, at) => {
  const outcome = kafka[at];
  const difference = outcome && differenceOf(outcome, transformOutcome(one, clock));
  return typeof difference === 'string' ? [`${JSON.stringify(one)}\n${difference}`] : [];
});
for (const difference of differences.slice(0, MOST_TOLD)) say(`${difference}\n`);
const failed = kafka.filter((outcome) => 'failure' in outcome).length;
say(
  `transforms: seed ${options.seed}, ${cases.length} records, ${failed} of which fail, ${differences.length} differ`,
);
if (options.record !== undefined) {
  const kept = cases.flatMap((one, at) => {
    const line = JSON.stringify({ ...one, outcome: kafka[at] });
    const isDebezium = one.transforms.some(({ type }) => type.startsWith('io.debezium'));
    return line.length <= SHORT || (isDebezium && at % 8 === 0) ? [`${line}\n`] : [];
  });
  writeFileSync(options.record, kept.join(''));
}
process.exit(differences.length === 0 ? 0 : 1);
