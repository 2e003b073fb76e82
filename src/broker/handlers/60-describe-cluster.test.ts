import { expect, test } from 'vitest';
import { Sfc32 } from '../../base/random.ts';
import { errorCode } from '../../protocol/errors.ts';
import { describeCluster } from '../../protocol/messages/60-describe-cluster.ts';
import { ask, brokerRecords, imageOf } from '../testing/three-brokers.ts';
import { describeClusterHandler } from './60-describe-cluster.ts';

const image = imageOf(...brokerRecords, { type: 'FenceBrokerRecord', id: 2, epoch: 2 });
const context = { world: { random: new Sfc32(1) }, clusterId: 'cluster-1', image: () => image };

test.each([0, 1, 2])('v%i tells the brokers that live', async (version) => {
  const answer = await ask(describeCluster, describeClusterHandler, context, {
    version,
    request: { includeClusterAuthorizedOperations: false },
  });
  expect(answer).toMatchObject({ errorCode: 0, clusterId: 'cluster-1', endpointType: 1 });
  expect(answer.brokers.map(({ brokerId, host }) => [brokerId, host])).toEqual([[1, 'b1.example']]);
  expect([1, 3]).toContain(answer.controllerId);
  expect(answer.clusterAuthorizedOperations).toBe(-2147483648);
});

test('fenced brokers are told when asked for', async () => {
  const answer = await ask(describeCluster, describeClusterHandler, context, {
    version: 2,
    request: { includeClusterAuthorizedOperations: false, includeFencedBrokers: true },
  });
  expect(answer.brokers.map(({ brokerId, isFenced }) => [brokerId, isFenced])).toEqual([
    [1, false],
    [2, true],
  ]);
});

test('asking a broker for controllers is refused', async () => {
  const request = (endpointType: number) =>
    ask(describeCluster, describeClusterHandler, context, {
      version: 1,
      request: { includeClusterAuthorizedOperations: false, endpointType },
    });
  expect((await request(2)).errorCode).toBe(errorCode('MISMATCHED_ENDPOINT_TYPE'));
  expect((await request(9)).errorCode).toBe(errorCode('UNSUPPORTED_ENDPOINT_TYPE'));
});

test('what the caller may do with the cluster is told only to whoever may describe it', async () => {
  const request = (authorize: (operation: string) => boolean) =>
    ask(describeCluster, describeClusterHandler, context, {
      version: 0,
      request: { includeClusterAuthorizedOperations: true },
      authorize,
    });
  // AclOperation codes: CREATE 5, ALTER 7, DESCRIBE 8, CLUSTER_ACTION 9, DESCRIBE_CONFIGS 10, ALTER_CONFIGS
  // 11, IDEMPOTENT_WRITE 12.
  const everything = [5, 7, 8, 9, 10, 11, 12].reduce((bits, code) => bits | (1 << code), 0);
  expect((await request(() => true)).clusterAuthorizedOperations).toBe(everything);
  expect((await request((operation) => operation !== 'DESCRIBE')).clusterAuthorizedOperations).toBe(0);
});
