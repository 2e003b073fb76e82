import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as kafka from '@aws-sdk/client-kafka';
import { afterEach, expect, test } from 'vitest';
import { LOCK_FILE } from '../../src/control/folder-lock.ts';
import { eventually } from '../support/millrace.ts';
import { ApiHarness } from './api-harness.ts';
import { FakeAccess } from './fake-access.ts';

/**
 * The state after SIGKILL of the control plane while changes of a cluster wait for each other. The data
 * folder is copied after each transaction, because a queued change leaves nothing else; another control plane
 * continues from each copy.
 */

const exec = DatabaseSync.prototype.exec;
afterEach(() => {
  DatabaseSync.prototype.exec = exec;
});

interface Remains {
  readonly folder: string;
  /** The operations that clients had been told of. */
  readonly told: readonly string[];
}

/** Each change as QueueChange takes it, and the cluster's state when it is done. */
const CHANGES = [
  {
    operation: 'UpdateBrokerType',
    request: { targetInstanceType: 'kafka.m5.xlarge' },
    isDone: (cluster: kafka.ClusterInfo) => cluster.BrokerNodeGroupInfo?.InstanceType === 'kafka.m5.xlarge',
  },
  {
    operation: 'UpdateStorage',
    request: { volumeSizeGB: 2000 },
    isDone: (cluster: kafka.ClusterInfo) =>
      cluster.BrokerNodeGroupInfo?.StorageInfo?.EbsStorageInfo?.VolumeSize === 2000,
  },
  {
    operation: 'UpdateMonitoring',
    request: { enhancedMonitoring: 'PER_BROKER' },
    isDone: (cluster: kafka.ClusterInfo) => cluster.EnhancedMonitoring === 'PER_BROKER',
  },
] as const;

test('changes that wait are begun once, in their order, wherever the control plane is killed', async () => {
  await using api = await ApiHarness.start(() => new FakeAccess([[1, 2, 3]]));
  const { ClusterArn = '' } = await api.aws.send(
    new kafka.CreateClusterCommand({
      ClusterName: 'orders',
      KafkaVersion: '3.9.x.kraft',
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: { InstanceType: 'kafka.m5.large', ClientSubnets: ['a', 'b', 'c'] },
    }),
  );
  await api.control.settled();

  const asked: string[] = [];
  const remains: Remains[] = [];
  DatabaseSync.prototype.exec = function (sql: string): void {
    exec.call(this, sql);
    if (sql !== 'COMMIT') return;
    const folder = mkdtempSync(join(tmpdir(), 'millrace-remains-'));
    // The lock of the folder ends with the process that has it, so it is not copied.
    cpSync(api.data, folder, { recursive: true, filter: (path) => basename(path) !== LOCK_FILE });
    remains.push({ folder, told: [...asked] });
  };
  const url = `${api.control.url}/millrace/v1/clusters/${encodeURIComponent(ClusterArn)}/queue`;
  for (const { operation, request } of CHANGES) {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ operation, request }) });
    const answer: { readonly clusterOperationArn?: string } = JSON.parse(await response.text());
    expect(answer.clusterOperationArn, JSON.stringify(answer)).toBeDefined();
    asked.push(answer.clusterOperationArn ?? '');
  }
  await eventually('all have ended', async () => (await operationsOf(api, ClusterArn)).every(hasEnded));
  DatabaseSync.prototype.exec = exec;

  // The least for each change: that it waits or has begun, its step, and its end.
  expect(remains.length).toBeGreaterThan(10);
  for (const [point, { folder, told }] of remains.entries()) {
    const where = `point ${point} of ${remains.length}`;
    await using next = await ApiHarness.start(
      () => new FakeAccess([[1, 2, 3]]),
      (data) => cpSync(folder, data, { recursive: true }),
    );
    await eventually(`${where}: all have ended`, async () =>
      (await operationsOf(next, ClusterArn)).every(hasEnded),
    );
    const known = await operationsOf(next, ClusterArn);
    expect(known.length, where).toBeGreaterThanOrEqual(told.length);
    const operations = asked
      .slice(0, known.length)
      .map((arn) => known.find(({ OperationArn }) => OperationArn === arn) ?? {});
    expect(
      operations.map(({ OperationState }) => OperationState),
      where,
    ).toEqual(operations.map(() => 'UPDATE_COMPLETE'));
    // Each operation ends before the next begins.
    const times = operations.flatMap(({ CreationTime, EndTime }) => [Number(CreationTime), Number(EndTime)]);
    expect(times, where).toEqual(times.toSorted((a, b) => a - b));
    const { ClusterInfo = {} } = await next.aws.send(new kafka.DescribeClusterCommand({ ClusterArn }));
    expect(ClusterInfo.State, where).toBe('ACTIVE');
    expect(
      CHANGES.map(({ isDone }) => isDone(ClusterInfo)),
      where,
    ).toEqual(CHANGES.map((_, index) => index < operations.length));
    rmSync(folder, { recursive: true });
  }
});

function hasEnded({ EndTime }: kafka.ClusterOperationInfo): boolean {
  return EndTime !== undefined;
}

async function operationsOf(
  { aws }: ApiHarness,
  ClusterArn: string,
): Promise<readonly kafka.ClusterOperationInfo[]> {
  const { ClusterOperationInfoList = [] } = await aws.send(
    new kafka.ListClusterOperationsCommand({ ClusterArn }),
  );
  return ClusterOperationInfoList;
}
