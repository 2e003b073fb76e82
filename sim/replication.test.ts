import { expect, test } from 'vitest';
import { replication } from './scenarios/replication.ts';
import { seeds } from './seeds.ts';

/** A seed takes some tenths of a second on an idle machine; a busy one may take ten times as long. */
const TIMEOUT_MS = 600_000;

test(
  'what all in-sync replicas acknowledged stays where it is, and replicas end up equal',
  async () => {
    for (const seed of seeds({ fixed: 60, fresh: 10 })) await replication(seed);
  },
  TIMEOUT_MS,
);

test(
  'canary: records that the leader alone acknowledged are lost, and it is noticed',
  async () => {
    let found = 0;
    for (let seed = 1; seed <= 30 && found === 0; seed++)
      await replication(seed, 'acknowledged by the leader alone').catch(() => {
        found += 1;
      });
    expect(found).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
