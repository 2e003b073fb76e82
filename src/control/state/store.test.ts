import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RefusedStart } from '../../base/refused.ts';
import { withDefaults } from '../api/provisioned.ts';
import { FolderLock } from '../folder-lock.ts';
import { createCluster } from './create-cluster.ts';
import { Store } from './store.ts';
import { StoreError } from './store-error.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-store-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function create(store: Store, name: string): void {
  store.execute((clusters) =>
    createCluster(clusters, {
      name,
      uuid: name,
      arn: name,
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
}

function rows(): unknown {
  const database = new DatabaseSync(join(folder, 'control.db'));
  const count = database.prepare('SELECT count(*) AS count FROM records').get();
  database.close();
  return count?.count;
}

test('what was executed is there after a restart', () => {
  const store = Store.open(folder);
  create(store, 'a');
  store.execute((clusters) => clusters.completeStep('a', 'CREATING', 'PREPARED'));
  const before = store.clusters.all();
  store.close();
  const again = Store.open(folder);
  expect(again.clusters.all()).toEqual(before);
  again.close();
});

test('what a killed control plane left in the write-ahead log is in the file itself before anything comes after it', () => {
  const killed = Store.open(folder);
  create(killed, 'a');
  const left = join(folder, 'left');
  cpSync(join(folder, 'control.db'), join(left, 'control.db'));
  cpSync(join(folder, 'control.db-wal'), join(left, 'control.db-wal'));
  expect(statSync(join(left, 'control.db-wal')).size).toBeGreaterThan(0);
  const next = Store.open(left);
  expect(statSync(join(left, 'control.db-wal')).size).toBe(0);
  expect(next.clusters.all()).toEqual(killed.clusters.all());
  next.close();
  killed.close();
});

test('a command that cannot be stored changes nothing', () => {
  const store = Store.open(folder);
  const blocker = new DatabaseSync(join(folder, 'control.db'));
  blocker.exec('BEGIN IMMEDIATE');
  expect(() => create(store, 'a')).toThrow(StoreError);
  expect(store.clusters.all()).toEqual([]);
  blocker.exec('ROLLBACK');
  blocker.close();
  create(store, 'a');
  expect(store.clusters.all()).toHaveLength(1);
  store.close();
});

function activate(store: Store, name: string): void {
  create(store, name);
  for (const step of ['PREPARED', 'STARTED'] as const)
    store.execute((clusters) => clusters.completeStep(name, 'CREATING', step));
}

test('a long history becomes the shortest one that gives the same state, while it is written', () => {
  const store = Store.open(folder);
  activate(store, 'a');
  for (let i = 0; i < 600; i++) {
    store.execute((clusters) => clusters.health('a', { code: 'X', message: `${i}` }));
    store.execute((clusters) => clusters.health('a', null));
  }
  const before = store.clusters.all();
  expect(rows()).toBeLessThan(1_000);
  store.close();
  const again = Store.open(folder);
  expect(again.clusters.all()).toEqual(before);
  again.close();
});

test('what is told is true at once, and stored when the store can be written again', () => {
  const store = Store.open(folder);
  activate(store, 'a');
  const blocker = new DatabaseSync(join(folder, 'control.db'));
  blocker.exec('BEGIN IMMEDIATE');
  for (const message of ['first', 'second'])
    store.tell((clusters) => clusters.health('a', { code: 'X', message }));
  expect(store.clusters.get('a')).toMatchObject({ state: 'HEALING', stateInfo: { message: 'second' } });
  expect(() => store.flush()).toThrow(StoreError);
  expect(store.isBehind).toBe(true);
  blocker.exec('ROLLBACK');
  blocker.close();
  store.flush();
  expect(store.isBehind).toBe(false);
  const before = store.clusters.all();
  store.close();
  const again = Store.open(folder);
  expect(again.clusters.all()).toEqual(before);
  again.close();
});

test('what was told is stored before the next command, in the order in which it became true', () => {
  const store = Store.open(folder);
  activate(store, 'a');
  store.tell((clusters) => clusters.health('a', { code: 'X', message: 'ill' }));
  store.execute((clusters) => clusters.delete('a'));
  store.close();
  const again = Store.open(folder);
  expect(again.clusters.get('a')).toMatchObject({ state: 'DELETING', stateInfo: null });
  again.close();
});

test('a folder that a newer release wrote is refused and left as it is', () => {
  Store.open(folder).close();
  const newer = new DatabaseSync(join(folder, 'control.db'));
  newer.exec('PRAGMA user_version = 1000');
  newer.close();
  expect(() => Store.open(folder)).toThrow(RefusedStart);
  expect(() => Store.open(folder)).toThrow(/newer Millrace .* --data\.$/);
});

test('the lock of a folder is held once, and free when it is given back', () => {
  const lock = FolderLock.acquire(folder);
  expect(lock).not.toBeNull();
  expect(FolderLock.acquire(folder)).toBeNull();
  lock?.release();
  const next = FolderLock.acquire(folder);
  expect(next).not.toBeNull();
  next?.release();
});
