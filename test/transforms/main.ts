import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { differenceOf, transformOutcome } from '../../src/connectors/transforms/testing/transform-outcome.ts';
import { NodeClock } from '../../src/platform/node-clock.ts';
import { transformCases } from './cases.ts';
import { debeziumCases } from './debezium-cases.ts';
import { kafkaOutcomes } from './kafka-outcomes.ts';

/**
 * `npm run transforms -- [--cases 20000] [--seed N] [--debezium DIR]`: random records through random
 * transforms, by us and by Kafka Connect. Ends with 1 where they differ. `--debezium`: the unpacked archive
 * of one of its connectors, by whose class change events are judged, too. `--record FILE` keeps the short
 * ones of these cases and what Kafka Connect made of them, which
 * `src/connectors/transforms/transforms.test.ts` compares.
 */
const { values } = parseArgs({
  options: {
    debezium: { type: 'string' },
    record: { type: 'string' },
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);
/** What differs is told so often. */
const MOST_TOLD = 20;

/** Of a case that is kept. */
const SHORT = 1_000;
const [seed, count, debezium] = [Number(values.seed), Number(values.cases), values.debezium ?? null];

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
  `transforms: seed ${values.seed}, ${cases.length} records, ${failed} of which fail, ${differences.length} differ`,
);
if (values.record !== undefined) {
  const kept = cases.flatMap((one, at) => {
    const line = JSON.stringify({ ...one, outcome: kafka[at] });
    const isDebezium = one.transforms.some(({ type }) => type.startsWith('io.debezium'));
    return line.length <= SHORT || (isDebezium && at % 8 === 0) ? [`${line}\n`] : [];
  });
  writeFileSync(values.record, kept.join(''));
}
process.exit(differences.length === 0 ? 0 : 1);
