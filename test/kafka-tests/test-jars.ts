import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaJars } from '../../scripts/kafka-jars.ts';

const SOURCES = join(import.meta.dirname, 'java');
/** What writes down the outcomes, and what lets classes be loaded. */
const ON_KAFKA = ['ClusterServer.java', 'MiniKdc.java', 'Outcomes.java'];
const LISTENERS = 'META-INF/services/org.junit.platform.launcher.TestExecutionListener';

/**
 * Compiles what stands before Apache Kafka's classes in the class path, into a new folder. `onKafka`: only
 * what Apache Kafka needs, too. Throws with javac's sentences.
 */
export function compileStandIns(classes: string, onKafka: boolean): void {
  rmSync(classes, { recursive: true, force: true });
  mkdirSync(join(classes, 'META-INF/services'), { recursive: true });
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => (onKafka ? ON_KAFKA.some((one) => name.endsWith(one)) : name.endsWith('.java')))
    .map((name) => join(SOURCES, name));
  execFileSync('javac', ['-proc:none', '-nowarn', '-cp', `${jarsOfTests()}/*`, '-d', classes, ...sources], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  writeFileSync(join(classes, LISTENERS), 'millrace.Outcomes\n');
}

/** The folder with Apache Kafka's tests. Throws if they were not fetched. */
export function jarsOfTests(): string {
  const jars = kafkaJars('tests');
  if (!jars)
    throw new Error('Apache Kafka’s tests are missing: run `node scripts/test-tools.mjs kafka-tests`');
  return jars;
}
