import { expect, test } from 'vitest';
import type { ListenerKind } from '../../control/state/listeners.ts';
import { checkOpenClusters } from './open-addresses.ts';

const cluster = (name: string, ...listeners: ListenerKind[]) =>
  ({ name, state: 'ACTIVE', brokers: [{ listeners }] }) as const;
const check = (brokers: string, insecure: boolean, ...clusters: ReturnType<typeof cluster>[]) => {
  checkOpenClusters({ switched: () => insecure }, { brokers }, clusters);
};

test('brokers that others reach are those of clusters where everybody signs in, unless it is meant', () => {
  const closed = cluster('closed', 'scram', 'mutualTls');
  const open = cluster('open', 'scram', 'optionalMutualTls');
  expect(() => check('0.0.0.0', false, closed)).not.toThrow();
  expect(() => check('0.0.0.0', false, closed, open)).toThrow(/brokers of open without signing in/);
  expect(() => check('0.0.0.0', true, open)).not.toThrow();
  expect(() => check('127.0.0.{id}', false, open)).not.toThrow();
});
