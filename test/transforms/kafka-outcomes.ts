import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import type {
  TransformCase,
  TransformOutcome,
} from '../../src/connectors/transforms/testing/transform-outcome.ts';

const PROGRAM = join(import.meta.dirname, 'java/TransformOutcomes.java');

/**
 * The results of Kafka Connect's own transforms. `more`: a folder with jars of other transforms. Throws if
 * Java or the jars are missing.
 */
export function kafkaOutcomes(cases: readonly TransformCase[], more: string | null): TransformOutcome[] {
  const jars = kafkaJars('connect');
  if (!jars)
    throw new Error('Kafka Connect’s jars are missing: run `node scripts/test-tools.mjs kafka-connect`');
  const { status, stdout, stderr } = spawnSync(
    'java',
    [
      ...[
        '-XX:TieredStopAtLevel=1',
        '-XX:+UseSerialGC',
        '-Duser.timezone=UTC',
        '-Duser.language=en',
        '-Duser.country=US',
      ],
      ...['-cp', `${jars}/*${more === null ? '' : `:${more}/*`}`, PROGRAM],
    ],
    { input: cases.map((one) => `${JSON.stringify(one)}\n`).join(''), encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  if (status !== 0) throw new Error(`java ended with ${status}: ${stderr}`);
  const outcomes: TransformOutcome[] = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  if (outcomes.length !== cases.length)
    throw new Error(`${cases.length} cases have ${outcomes.length} outcomes: ${stderr}`);
  return outcomes;
}
