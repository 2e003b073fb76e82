import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';

const tables = join(import.meta.dirname, '../../src/metadata/configs');
const jars = kafkaJars('tools');

/** To record another release: what these programs print, and for the first one formatted. */
test.skipIf(!jars).each([
  ['configs', 'kafka-configs.vector.json', 'KafkaConfigs.java'],
  ['verdicts on configs', 'kafka-config-verdicts.vector.json', 'KafkaConfigVerdicts.java'],
])('the recorded %s are those of the release of Apache Kafka that the tests run', (_, file, name) => {
  const recorded = join(tables, file);
  const program = join(import.meta.dirname, 'java', name);
  const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${jars}/*`, program, recorded];
  const printed = execFileSync('java', java, { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
  expect(JSON.parse(printed.toString())).toEqual(JSON.parse(readFileSync(recorded, 'utf8')));
});
