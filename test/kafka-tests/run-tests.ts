import { spawn } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { delimiter } from 'node:path';
import { type Outcome, readOutcomes } from './outcomes.ts';
import { jarsOfTests } from './test-jars.ts';

/** A test that hangs is ended by JUnit: no test of Apache Kafka's takes so long on this machine. */
const TEST_TIMEOUT_S = 180;

export interface JavaRun {
  /** Full names. */
  readonly classNames: readonly string[];
  /** Only the methods that one of these describes. */
  readonly patterns: readonly string[];
  /** The folder with what stands before Kafka's classes. */
  readonly classes: string;
  /** Of the cluster server. */
  readonly port: number;
  readonly outcomes: string;
  /** What the JVM prints is appended to it. */
  readonly log: string;
}

/** Runs tests in a JVM of their own. Resolves with those that ended, also when the JVM died. */
export async function runTests(run: JavaRun): Promise<Outcome[]> {
  const { classNames, patterns, classes, port, outcomes, log } = run;
  rmSync(outcomes, { force: true });
  const child = spawn(
    'java',
    [
      ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx1g', '-XX:+EnableDynamicAgentLoading'],
      ...[`-Dmillrace.port=${port}`, `-Dmillrace.outcomes=${outcomes}`],
      ...['-cp', [classes, `${jarsOfTests()}/*`].join(delimiter)],
      ...['org.junit.platform.console.ConsoleLauncher', 'execute', '--disable-banner', '--details=none'],
      ...['--config=junit.jupiter.extensions.autodetection.enabled=true'],
      ...[`--config=junit.jupiter.execution.timeout.default=${TEST_TIMEOUT_S} s`],
      ...classNames.flatMap((name) => ['--select-class', name]),
      ...patterns.map((pattern) => `--include-methodname=${pattern}`),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const kill = (): void => void child.kill('SIGKILL');
  process.on('exit', kill);
  for (const output of [child.stdout, child.stderr])
    output.on('data', (chunk: Buffer) => appendFileSync(log, chunk));
  await new Promise<void>((done, reject) => child.once('error', reject).once('close', () => done()));
  process.off('exit', kill);
  return readOutcomes(outcomes);
}
