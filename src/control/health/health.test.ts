import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import { silent } from '../../base/log.ts';
import { withDefaults } from '../api/provisioned.ts';
import { createCluster } from '../state/create-cluster.ts';
import { Store } from '../state/store.ts';
import { Health } from './health.ts';

let folder: string;
let store: Store;
let clock: ManualClock;
let health: Health;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-health-'));
  store = Store.open(folder);
  clock = new ManualClock();
  health = new Health({ clock, log: silent }, store);
  store.execute((clusters) =>
    createCluster(clusters, {
      name: 'a',
      uuid: 'a',
      arn: 'a',
      clusterId: 'id',
      region: 'us-east-1',
      now: 1,
      spec: withDefaults({
        kafkaVersion: '3.9.x.kraft',
        numberOfBrokerNodes: 1,
        brokerNodeGroupInfo: { instanceType: 'kafka.m5.large', clientSubnets: ['subnet-a'] },
      }),
      tags: {},
      brokerConfig: {},
      busy: new Set(),
    }),
  );
  for (const step of ['PREPARED', 'STARTED'] as const)
    store.execute((clusters) => clusters.completeStep('a', 'CREATING', step));
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

test('health is told at once while the store cannot be written, and written by itself when it can', async () => {
  const blocker = new DatabaseSync(join(folder, 'control.db'));
  blocker.exec('BEGIN IMMEDIATE');
  health.report('a', { code: 'CRASH_LOOP', message: 'Broker 1 died' });
  expect(store.clusters.get('a')).toMatchObject({ state: 'HEALING', stateInfo: { code: 'CRASH_LOOP' } });
  await clock.advance(60_000);
  expect(store.isBehind).toBe(true);
  blocker.exec('ROLLBACK');
  blocker.close();
  await clock.advance(60_000);
  expect(store.isBehind).toBe(false);
});

test('a reason that an earlier life of the control plane found is none in the next', () => {
  health.report('a', { code: 'CRASH_LOOP', message: 'Broker 1 died' });
  health.forgetReasons();
  expect(store.clusters.get('a')).toMatchObject({ state: 'HEALING', stateInfo: null });
  health.report('a', null);
  expect(store.clusters.get('a')).toMatchObject({ state: 'ACTIVE', stateInfo: null });
});
