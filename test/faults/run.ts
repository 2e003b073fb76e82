import { below, Sfc32 } from '../../src/base/random.ts';
import { kafkaTool } from '../support/kafka-tools.ts';
import { Millrace } from '../support/millrace.ts';
import type { Fault } from './faults.ts';
import { check, longestGapMs, type Violations } from './history.ts';
import { JavaProducer } from './java-producer.ts';
import { readAll } from './read-all.ts';

export interface FaultRun {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Ends after so many faults or so much time, whichever comes first. */
  readonly strikes: number;
  readonly seconds: number;
  readonly brokers: number;
  /** One copy of the data means that nothing is acknowledged while its broker is away. */
  readonly replicationFactor: number;
  readonly producers: number;
  readonly perSecond: number;
}

export interface FaultReport {
  readonly strikes: readonly {
    readonly fault: string;
    readonly detail: string;
    readonly longestGapMs: number;
  }[];
  readonly acknowledged: number;
  readonly failed: number;
  readonly read: number;
  readonly longestGapMs: number;
  readonly seconds: number;
  readonly violations: Violations;
}

const PARTITIONS = 6;

/** Real processes, real clients, one fault after another; afterwards everything is read back and compared with what was acknowledged. */
export async function runFaults(run: FaultRun, say: (line: string) => void = () => {}): Promise<FaultReport> {
  const random = new Sfc32(run.seed);
  await using millrace = await Millrace.up(['--cluster', 'faults', '--brokers', String(run.brokers)]);
  const bootstrap = millrace.ready.clusters[0]?.bootstrap ?? '';
  const topic = 'history';
  const created = await kafkaTool('kafka-topics', [
    ...['--bootstrap-server', bootstrap, '--create', '--topic', topic],
    ...['--partitions', String(PARTITIONS), '--replication-factor', String(run.replicationFactor)],
  ]);
  if (created.status !== 0) throw new Error(`kafka-topics: ${created.stderr}${created.stdout}`);
  const producers = Array.from(
    { length: run.producers },
    (_, id) => new JavaProducer({ bootstrap, topic, id, perSecond: run.perSecond / run.producers }),
  );
  const acknowledged = () => producers.reduce((sum, producer) => sum + producer.acknowledged, 0);
  await progress(acknowledged, 1);
  const started = performance.now();
  const strikes: FaultReport['strikes'][number][] = [];
  while (strikes.length < run.strikes && performance.now() - started < run.seconds * 1000) {
    const fault = run.faults[below(random, run.faults.length)];
    if (!fault) throw new Error('no fault was given');
    const from = performance.now();
    const detail = await fault.strike({ millrace, brokers: run.brokers }, random);
    await progress(acknowledged, run.perSecond / 4);
    const during = producers.flatMap((producer) =>
      producer.sent.filter((record) => record.atMs >= from - 100),
    );
    strikes.push({ fault: fault.name, detail, longestGapMs: Math.round(longestGapMs(during)) });
    say(`${fault.name}, ${detail}: no acknowledgement for ${strikes.at(-1)?.longestGapMs} ms`);
  }
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(producers.map((producer) => producer.stop()));
  const sent = producers.flatMap((producer) => producer.sent);
  const read = await readAll(bootstrap, topic);
  return {
    strikes,
    acknowledged: sent.filter((record) => record.acknowledged).length,
    failed: sent.filter((record) => !record.acknowledged).length,
    read: read.length,
    longestGapMs: Math.round(longestGapMs(sent)),
    seconds,
    violations: check(sent, read),
  };
}

/** Waits until so many more records were acknowledged: a fault has passed only when work goes on. */
async function progress(acknowledged: () => number, more: number): Promise<void> {
  const goal = acknowledged() + more;
  const deadline = performance.now() + 60_000;
  while (acknowledged() < goal) {
    if (performance.now() > deadline)
      throw new Error(`no progress for 60 s: ${acknowledged()} acknowledged, ${goal} wanted`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
