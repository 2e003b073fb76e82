import { expect, test } from 'vitest';
import { kafkaJars } from '../../scripts/kafka-jars.ts';
import { FAULTS, possible } from './catalogue.ts';
import { noViolations } from './history.ts';
import { killAllBrokers, killBroker, killEverything } from './kills.ts';
import { type FaultRun, runFaults } from './run.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

function seeded(): number {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  say(`faults: seed ${seed} (SEED=${seed} repeats the choice of faults)`);
  return seed;
}

const RUN: Omit<FaultRun, 'seed' | 'faults' | 'strikes' | 'seconds' | 'replicationFactor'> = {
  brokers: 3,
  partitions: 6,
  producers: 1,
  perSecond: 2000,
  overlap: 4,
};

test.skipIf(!kafkaJars('tools'))(
  'every acknowledged record is there exactly once and in order after faults of all kinds, and consumers saw no other',
  { timeout: 900_000 },
  async () => {
    const report = await runFaults(
      {
        ...RUN,
        seed: seeded(),
        // A kill of everything must never lose anything, so it comes more often than other faults.
        faults: possible([...Object.values(FAULTS), killEverything, killEverything], say),
        strikes: 12,
        seconds: 30,
        replicationFactor: 3,
        shares: true,
      },
      say,
    );
    expect(report.violations).toEqual(noViolations());
    expect(report.strikes.length).toBeGreaterThan(1);
    expect(report.acknowledged).toBeGreaterThan(1000);
  },
);

test.skipIf(!kafkaJars('tools'))(
  'with one copy of the data too, nothing acknowledged is lost by kill -9',
  { timeout: 900_000 },
  async () => {
    const report = await runFaults(
      {
        ...RUN,
        seed: seeded(),
        faults: [killBroker, killBroker, killAllBrokers],
        strikes: 8,
        seconds: 12,
        replicationFactor: 1,
      },
      say,
    );
    expect(report.violations).toEqual(noViolations());
    expect(report.strikes.length).toBeGreaterThan(1);
    expect(report.acknowledged).toBeGreaterThan(1000);
  },
);
