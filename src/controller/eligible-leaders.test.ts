import { describe, expect, test } from 'vitest';
import type { BrokerId } from '../base/brand.ts';
import type { Clock } from '../base/clock.ts';
import type { PartitionImage } from '../metadata/topics.ts';
import { fenceBroker, heartbeat, registerBroker, unregisterBroker } from './brokers-control.ts';
import { incrementalAlterConfigs, replaceConfigs } from './configs-control.ts';
import { electUncleanLeaders } from './elections-control.ts';
import { bootstrapRecords, updateFeatures } from './features-control.ts';
import { Heartbeats } from './heartbeats.ts';
import { type Election, partitionChange } from './partition-change.ts';
import { directoryOf, incarnationOf, TestCluster } from './testing/cluster.ts';

const PLACE = { topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitionId: 0 };

function partitionOf(state: Partial<PartitionImage>): PartitionImage {
  return {
    replicas: [1, 2, 3, 4],
    directories: [1, 2, 3, 4].map(directoryOf),
    isr: [1, 2, 3, 4],
    removingReplicas: [],
    addingReplicas: [],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    leader: 1,
    leaderRecoveryState: 0,
    leaderEpoch: 5,
    partitionEpoch: 9,
    ...state,
  };
}

interface Case {
  readonly rule: string;
  readonly before: Partial<PartitionImage>;
  readonly isr?: readonly BrokerId[];
  readonly replicas?: readonly BrokerId[];
  readonly dead?: readonly BrokerId[];
  readonly unclean?: BrokerId;
  readonly election?: Election;
  readonly min?: number | null;
  /** Only what the record changes; null is no record. */
  readonly changes: object | null;
}

/** KIP-966, and what Kafka's controller does of it; min.insync.replicas is 3 where nothing else is said. */
const cases: readonly Case[] = [
  {
    rule: 'who leaves while enough are in sync is not eligible',
    before: {},
    isr: [1, 2, 3],
    changes: { isr: [1, 2, 3], eligibleLeaderReplicas: null },
  },
  {
    rule: 'who leaves below the minimum is eligible',
    before: { isr: [1, 2, 3] },
    isr: [1, 2],
    changes: { isr: [1, 2], leader: -2, eligibleLeaderReplicas: [3] },
  },
  {
    rule: 'those that were eligible stay so',
    before: { isr: [1, 2], eligibleLeaderReplicas: [3] },
    isr: [1],
    changes: { isr: [1], eligibleLeaderReplicas: [3, 2] },
  },
  {
    rule: 'who is in sync again is not eligible besides',
    before: { isr: [1], eligibleLeaderReplicas: [3, 2] },
    isr: [1, 2],
    changes: { isr: [1, 2], eligibleLeaderReplicas: [3] },
  },
  {
    rule: 'with enough in sync nobody else is eligible',
    before: { isr: [1, 2], eligibleLeaderReplicas: [3], lastKnownElr: [2] },
    isr: [1, 2, 4],
    changes: { isr: [1, 2, 4], eligibleLeaderReplicas: [], lastKnownElr: [] },
  },
  {
    rule: 'the ISR comes before those that are eligible',
    before: { isr: [1, 4], eligibleLeaderReplicas: [2] },
    isr: [4],
    dead: [1],
    changes: { isr: [4], leader: 4, eligibleLeaderReplicas: [2, 1] },
  },
  {
    rule: 'one that is eligible leads when the ISR is empty, as a clean leader',
    before: { isr: [1], eligibleLeaderReplicas: [3, 2] },
    isr: [],
    dead: [1],
    changes: {
      isr: [2],
      leader: 2,
      eligibleLeaderReplicas: [3, 1],
      leaderRecoveryState: -1,
      lastKnownElr: null,
    },
  },
  {
    rule: 'a replica that is neither does not lead',
    before: { isr: [1], eligibleLeaderReplicas: [2] },
    isr: [],
    dead: [1, 2],
    changes: { isr: [], leader: -1, eligibleLeaderReplicas: [2, 1], lastKnownElr: [1] },
  },
  {
    rule: 'nor is one elected uncleanly that is only the last that led, while another is eligible',
    before: { isr: [], leader: -1, eligibleLeaderReplicas: [2], lastKnownElr: [1] },
    dead: [2],
    changes: null,
  },
  {
    rule: 'an unclean shutdown makes a broker neither in sync nor eligible',
    before: { isr: [1, 2], eligibleLeaderReplicas: [3] },
    isr: [1],
    dead: [2],
    unclean: 2,
    changes: { isr: [1], eligibleLeaderReplicas: null },
  },
  {
    rule: 'the last of those that are eligible is lost: who led last stays known',
    before: { isr: [], leader: -1, eligibleLeaderReplicas: [1], lastKnownElr: [1] },
    dead: [1],
    unclean: 1,
    changes: { isr: null, leader: -2, eligibleLeaderReplicas: [], lastKnownElr: null },
  },
  {
    rule: 'who led last leads again when nobody is left, and must recover',
    before: { isr: [], leader: -1, lastKnownElr: [1] },
    changes: { isr: [1], leader: 1, leaderRecoveryState: 1, lastKnownElr: [] },
  },
  {
    rule: 'but not while it is dead',
    before: { isr: [], leader: -1, lastKnownElr: [1] },
    dead: [1],
    changes: null,
  },
  {
    rule: 'an unclean election empties what was eligible',
    before: { isr: [1], eligibleLeaderReplicas: [2] },
    isr: [],
    dead: [1, 2],
    election: 'unclean',
    changes: { isr: [3], leader: 3, leaderRecoveryState: 1, eligibleLeaderReplicas: [], lastKnownElr: null },
  },
  {
    rule: 'an eligible replica leads rather than the first that is alive, where unclean elections are allowed',
    before: { isr: [1], eligibleLeaderReplicas: [4] },
    isr: [],
    dead: [1],
    election: 'unclean',
    changes: { isr: [4], leader: 4, leaderRecoveryState: -1, eligibleLeaderReplicas: [1] },
  },
  {
    rule: 'with a minimum of one only the last in sync is eligible',
    before: { isr: [1, 2] },
    isr: [1],
    min: 1,
    changes: { isr: [1], eligibleLeaderReplicas: null },
  },
  {
    rule: 'and alone is enough once it leads again, whatever the minimum was before',
    before: { isr: [], leader: -1, eligibleLeaderReplicas: [1, 2], lastKnownElr: [1] },
    min: 1,
    changes: { isr: [1], leader: 1, eligibleLeaderReplicas: [], lastKnownElr: [] },
  },
  {
    rule: 'a minimum above the number of replicas is that number',
    before: { replicas: [1, 2], directories: [1, 2].map(directoryOf), isr: [1], eligibleLeaderReplicas: [2] },
    isr: [1, 2],
    changes: { isr: [1, 2], eligibleLeaderReplicas: [] },
  },
  {
    rule: 'a replica that is taken away is not eligible',
    before: { isr: [1, 2], eligibleLeaderReplicas: [3] },
    replicas: [1, 2, 4],
    changes: { replicas: [1, 2, 4], leader: 1, eligibleLeaderReplicas: [] },
  },
  {
    rule: 'from before there were eligible ones, the last in sync is who led last',
    before: { isr: [1], leader: -1 },
    isr: [],
    dead: [1],
    unclean: 1,
    changes: { isr: [], leader: -2, eligibleLeaderReplicas: null, lastKnownElr: [1] },
  },
  {
    rule: 'a cluster that keeps none leaves the last in the ISR',
    before: { isr: [1] },
    isr: [],
    dead: [1],
    min: null,
    changes: { isr: null, leader: -1, eligibleLeaderReplicas: null, lastKnownElr: null },
  },
];

describe('one change of a partition', () => {
  test.each(cases)('$rule', ({ before, isr, replicas, dead, unclean, election, min, changes }) => {
    const record = partitionChange(
      PLACE,
      partitionOf(before),
      { ...(isr ? { isr } : {}), ...(replicas ? { replicas } : {}) },
      {
        election: election ?? 'online',
        minInSyncReplicas: min === undefined ? 3 : min,
        isAcceptableLeader: (id) => !(dead ?? []).includes(id),
        ...(unclean === undefined ? {} : { uncleanShutdown: unclean }),
      },
    );
    if (changes === null) expect(record).toBeNull();
    else expect(record).toMatchObject(changes);
  });
});

const still: Clock = {
  now: () => 0,
  monotonic: () => 0,
  after: () => {
    throw new Error('nothing waits here');
  },
  soon: () => {
    throw new Error('nothing waits here');
  },
};

/** Three brokers, two of which must be in sync. */
function clusterOf(properties: Record<string, string> = {}) {
  const cluster = TestCluster.of(3, { 'min.insync.replicas': '2', ...properties });
  cluster.replay(bootstrapRecords(cluster.rules).slice(1));
  cluster.topic('orders', [1, 2, 3]);
  const heartbeats = new Heartbeats(still, 9000);
  let life = 1;
  const fence = (id: number) => cluster.decided(fenceBroker(cluster, cluster.lifeOf(id)));
  const start = (brokerId: number, previousBrokerEpoch: number) => {
    const request = {
      brokerId,
      clusterId: 'c',
      incarnationId: incarnationOf(brokerId, ++life),
      listeners: [{ name: 'CLIENT', host: 'here', port: 9092, securityProtocol: 0 }],
      features: [
        'transaction.version',
        'group.version',
        'streams.version',
        'share.version',
        'eligible.leader.replicas.version',
      ].map((name) => ({
        name,
        minSupportedVersion: 0,
        maxSupportedVersion: 2,
      })),
      rack: null,
      isMigratingZkBroker: false,
      logDirs: [directoryOf(brokerId)],
      previousBrokerEpoch,
    };
    const context = { clusterId: 'c', nextOffset: cluster.nextOffset, heartbeats };
    expect(cluster.decided(registerBroker(cluster, request, context))).toHaveProperty('epoch');
  };
  const unfence = (brokerId: number) =>
    cluster.decided(
      heartbeat(
        cluster,
        {
          brokerId,
          brokerEpoch: cluster.epochOf(brokerId),
          currentMetadataOffset: cluster.nextOffset,
          wantFence: false,
          wantShutDown: false,
          offlineLogDirs: [],
          cordonedLogDirs: null,
        },
        heartbeats,
      ),
    );
  return {
    cluster,
    fence,
    /** It stopped in order, so it names the epoch it had. */
    startsClean: (id: number) => start(id, cluster.epochOf(id)),
    startsAfterCrash: (id: number) => start(id, -1),
    unfence,
    orders: () => cluster.partition('orders'),
  };
}

test('after all brokers stopped in order, the first that was eligible leads', () => {
  const { fence, startsClean, unfence, orders } = clusterOf();
  for (const id of [3, 2, 1]) fence(id);
  expect(orders()).toMatchObject({ leader: -1, isr: [], eligibleLeaderReplicas: [2, 1], lastKnownElr: [1] });
  startsClean(3);
  unfence(3);
  expect(orders()).toMatchObject({ leader: -1, isr: [] });
  startsClean(2);
  unfence(2);
  expect(orders()).toMatchObject({
    leader: 2,
    isr: [2],
    leaderRecoveryState: 0,
    eligibleLeaderReplicas: [1],
    lastKnownElr: [],
  });
});

test('after all brokers crashed, only who led last leads, and not while one that is eligible may return', () => {
  const { fence, startsAfterCrash, unfence, orders } = clusterOf({
    'unclean.leader.election.enable': 'true',
  });
  for (const id of [3, 2, 1]) fence(id);
  startsAfterCrash(2);
  unfence(2);
  expect(orders()).toMatchObject({ leader: -1, isr: [], eligibleLeaderReplicas: [1], lastKnownElr: [1] });
  startsAfterCrash(1);
  expect(orders()).toMatchObject({ leader: -1, isr: [], eligibleLeaderReplicas: [], lastKnownElr: [1] });
  unfence(1);
  expect(orders()).toMatchObject({ leader: 1, isr: [1], leaderRecoveryState: 1, lastKnownElr: [] });
});

test('where unclean elections are allowed, one that is behind leads when the interval has passed', () => {
  const { cluster, fence, startsAfterCrash, unfence, orders } = clusterOf();
  for (const id of [3, 2, 1]) fence(id);
  startsAfterCrash(3);
  unfence(3);
  expect(cluster.decided(electUncleanLeaders(cluster))).toBe(0);
  cluster.replay([
    {
      type: 'ConfigRecord',
      resourceType: 2,
      resourceName: 'orders',
      name: 'unclean.leader.election.enable',
      value: 'true',
    },
  ]);
  expect(cluster.decided(electUncleanLeaders(cluster))).toBe(1);
  expect(orders()).toMatchObject({
    leader: 3,
    isr: [3],
    leaderRecoveryState: 1,
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
  });
});

test('a broker that is unregistered, or comes as one that was never known, is not eligible', () => {
  const { cluster, fence, orders } = clusterOf();
  fence(3);
  fence(2);
  expect(orders()).toMatchObject({ leader: 1, isr: [1], eligibleLeaderReplicas: [2] });
  cluster.decided(unregisterBroker(cluster, 2));
  expect(orders()).toMatchObject({ leader: 1, isr: [1], eligibleLeaderReplicas: [] });
});

const set = (value: string) => [{ name: 'min.insync.replicas', operation: 'SET' as const, value }];

test('another min.insync.replicas ends who is eligible, except where nobody is in sync', () => {
  const { cluster, fence, orders } = clusterOf();
  const altered = (type: 'topic' | 'broker', name: string, value: string) => {
    const records = incrementalAlterConfigs(cluster, { type, name }, set(value));
    if ('error' in records) return records.message;
    cluster.replay(records);
    return null;
  };
  fence(3);
  fence(2);
  expect(altered('topic', 'orders', '3')).toBeNull();
  expect(orders()).toMatchObject({ leader: 1, isr: [1], eligibleLeaderReplicas: [] });
  fence(1);
  expect(orders()).toMatchObject({ leader: -1, isr: [], eligibleLeaderReplicas: [1], lastKnownElr: [1] });
  expect(altered('broker', '', '1')).toBeNull();
  expect(orders()).toMatchObject({ leader: -1, isr: [], eligibleLeaderReplicas: [1], lastKnownElr: [1] });
});

test('min.insync.replicas has one value for all brokers, which cannot be taken away', () => {
  const { cluster } = clusterOf();
  expect(cluster.image.configs.get('broker', '').get('min.insync.replicas')).toBe('2');
  expect(incrementalAlterConfigs(cluster, { type: 'broker', name: '1' }, set('1'))).toMatchObject({
    error: 'INVALID_CONFIG',
    message: 'Broker-level min.insync.replicas cannot be altered while ELR is enabled.',
  });
  expect(replaceConfigs(cluster, { type: 'broker', name: '' }, new Map())).toMatchObject({
    error: 'INVALID_CONFIG',
    message: 'Cluster-level min.insync.replicas cannot be removed while ELR is enabled.',
  });
});

test('an older cluster keeps nobody eligible until the feature is raised, which makes one minimum of all', () => {
  const cluster = new TestCluster({ 'min.insync.replicas': '2' });
  cluster.replay([
    { type: 'ConfigRecord', resourceType: 4, resourceName: '1', name: 'min.insync.replicas', value: '1' },
  ]);
  const update = (level: number, upgradeType: number) =>
    cluster.decided(
      updateFeatures(
        cluster,
        [
          {
            feature: 'eligible.leader.replicas.version',
            maxVersionLevel: level,
            upgradeType,
            allowDowngrade: false,
          },
        ],
        3000,
      ),
    );
  expect(update(1, 1)).toBeNull();
  expect(cluster.image.features.level('eligible.leader.replicas.version')).toBe(1);
  expect(cluster.image.configs.get('broker', '').get('min.insync.replicas')).toBe('2');
  expect(cluster.image.configs.get('broker', '1').size).toBe(0);
  expect(update(0, 2)).toBeNull();
  expect(cluster.image.features.level('eligible.leader.replicas.version')).toBe(0);
});

test('the feature is not lowered while a partition has nobody in sync', () => {
  const { cluster, fence, orders } = clusterOf();
  const feature = 'eligible.leader.replicas.version';
  const lower = () =>
    cluster.decided(
      updateFeatures(cluster, [{ feature, maxVersionLevel: 0, upgradeType: 2, allowDowngrade: true }], 3000),
    );
  fence(3);
  fence(2);
  fence(1);
  expect(lower()).toMatchObject({ error: 'INVALID_UPDATE_VERSION' });
  expect(orders().eligibleLeaderReplicas).toEqual([2, 1]);
});
