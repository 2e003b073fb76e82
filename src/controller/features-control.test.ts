import { expect, test } from 'vitest';
import {
  bootstrapRecords,
  finalizedFeatures,
  METADATA_VERSION_LEVEL,
  updateFeatures,
} from './features-control.ts';
import { TestCluster } from './testing/cluster.ts';

const NODE = 3000;
const UPGRADE = 1;
const SAFE_DOWNGRADE = 2;
const UNSAFE_DOWNGRADE = 3;

function clusterOf(metadataVersion: number, brokersMax = METADATA_VERSION_LEVEL): TestCluster {
  const cluster = new TestCluster();
  cluster.replay([
    { type: 'FeatureLevelRecord', name: 'metadata.version', featureLevel: metadataVersion },
    {
      type: 'RegisterBrokerRecord',
      brokerId: 1,
      brokerEpoch: 1,
      incarnationId: 'AAAAAAAAAAAAAAAAAAAAAQ',
      endPoints: [],
      features: [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: brokersMax }],
      rack: null,
      fenced: true,
      logDirs: [],
    },
  ]);
  return cluster;
}

const update = (cluster: TestCluster, feature: string, level: number, upgradeType = UPGRADE) =>
  cluster.decided(
    updateFeatures(cluster, [{ feature, maxVersionLevel: level, upgradeType, allowDowngrade: false }], NODE),
  )?.message ?? 'updated';

test('a new cluster has the newest metadata.version, and the quorum keeps its voters in the log', () => {
  const cluster = new TestCluster();
  cluster.replay(bootstrapRecords(cluster.rules));
  expect(finalizedFeatures(cluster.image)).toEqual([
    { name: 'group.version', level: 1 },
    { name: 'streams.version', level: 1 },
    { name: 'share.version', level: 1 },
    { name: 'eligible.leader.replicas.version', level: 1 },
    { name: 'metadata.version', level: 30 },
    { name: 'transaction.version', level: 2 },
    { name: 'kraft.version', level: 1 },
  ]);
});

test('a level is raised when every node supports it', () => {
  const cluster = clusterOf(25);
  expect(update(cluster, 'metadata.version', 30)).toBe('updated');
  expect(cluster.image.features.level('metadata.version')).toBe(30);
  expect(update(clusterOf(25, 29), 'metadata.version', 30)).toBe(
    'Invalid update version 30 for feature metadata.version. Broker 1 only supports versions 7-29',
  );
  expect(update(clusterOf(25), 'metadata.version', 31)).toBe(
    'Invalid update version 31 for feature metadata.version. Local controller 3000 only supports versions 7-30',
  );
  expect(update(clusterOf(25), 'no.such.feature', 1)).toBe(
    'Invalid update version 1 for feature no.such.feature. Local controller 3000 does not support this feature.',
  );
});

test('metadata.version is never lowered, and nothing without saying so', () => {
  expect(update(clusterOf(30), 'metadata.version', 29)).toContain(
    "Can't downgrade the version of this feature",
  );
  expect(update(clusterOf(30), 'metadata.version', 29, SAFE_DOWNGRADE)).toBe(
    'Unsupported metadata.version downgrade from 30 to 29. Refusing to perform the requested downgrade because it might delete metadata information.',
  );
  expect(update(clusterOf(30), 'metadata.version', 29, UNSAFE_DOWNGRADE)).toBe(
    'Unsupported metadata.version downgrade from 30 to 29. Unsafe metadata downgrade is not supported in this version.',
  );
  expect(update(clusterOf(25), 'metadata.version', 30, SAFE_DOWNGRADE)).toContain(
    "Can't downgrade to a newer",
  );
});

test('one update that is refused keeps all from being made', () => {
  const cluster = clusterOf(25);
  const level = (feature: string, maxVersionLevel: number) => ({
    feature,
    maxVersionLevel,
    upgradeType: UPGRADE,
    allowDowngrade: false,
  });
  const decision = updateFeatures(
    cluster,
    [level('metadata.version', 30), level('no.such.feature', 1)],
    NODE,
  );
  expect(decision.records).toEqual([]);
  expect(decision.answer?.error).toBe('INVALID_UPDATE_VERSION');
});
