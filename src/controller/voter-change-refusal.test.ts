import { expect, test } from 'vitest';
import type { Uuid } from '../base/brand.ts';
import { voterChangeRefusal } from './voter-change-refusal.ts';

// The other answers are compared with Apache Kafka's, byte for byte, in test/hostile/parity.test.ts.
test('a request that was meant for another cluster is told so before anything else', () => {
  const voterDirectoryId = 'AAAAAAAAAAAAAAAAAAAAAg' as Uuid;
  expect(voterChangeRefusal('mine', { clusterId: 'yours', voterId: -1, voterDirectoryId }, 'add')).toEqual({
    error: 'INCONSISTENT_CLUSTER_ID',
    message: 'The given id "yours" doesn\'t match the cluster id "mine"',
  });
});
