import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';

const recorded = join(import.meta.dirname, '../../src/metadata/configs/kafka-configs.vector.json');
const jars = kafkaJars('tools');

/** To record another release: the formatted output of this command. */
test.skipIf(!jars)('the recorded configs are those of the release of Apache Kafka that the tests run', () => {
  const program = join(import.meta.dirname, 'java/KafkaConfigs.java');
  const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${jars}/*`, program, recorded];
  const printed = execFileSync('java', java, { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
  expect(JSON.parse(printed.toString())).toEqual(JSON.parse(readFileSync(recorded, 'utf8')));
});
