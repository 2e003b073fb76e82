import { expect, test } from 'vitest';
import { kafkaJars } from '../support/kafka-tools.ts';
import { killAllBrokers, killBroker } from './faults.ts';
import { runFaults } from './run.ts';

test.skipIf(!kafkaJars('tools'))(
  'every acknowledged record is there exactly once and in order after brokers were killed while producing',
  { timeout: 240_000 },
  async () => {
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
    process.stdout.write(`faults: seed ${seed} (SEED=${seed} repeats the choice of faults)\n`);
    const report = await runFaults({
      seed,
      faults: [killBroker, killBroker, killAllBrokers],
      strikes: 20,
      seconds: 45,
      brokers: 3,
      replicationFactor: 1,
      producers: 2,
      perSecond: 2000,
    });
    expect(report.strikes.length).toBeGreaterThan(3);
    expect(report.acknowledged).toBeGreaterThan(5000);
    expect(report.violations).toEqual({ lost: [], invented: [], duplicated: [], disordered: [], moved: [] });
  },
);
