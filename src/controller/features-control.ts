import { replicationConfigs } from '../metadata/configs/broker/replication-configs.ts';
import { CLUSTER_DEFAULT, configResourceTypes } from '../metadata/configs.ts';
import {
  ELIGIBLE_LEADER_REPLICAS,
  GROUP_VERSION,
  KRAFT_FEATURE,
  METADATA_VERSION,
  SHARE_VERSION,
  STREAMS_VERSION,
  TRANSACTION_VERSION,
} from '../metadata/features.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { KafkaRelease } from '../metadata/kafka-releases.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import type { VersionRange } from '../metadata/version-range.ts';
import type { UpdateFeaturesRequest } from '../protocol/messages/57-update-features.ts';
import type { Refusal } from '../protocol/refusal.ts';
import { KRAFT_VERSION } from '../raft/voters.ts';
import type { ConfigRules } from './config-rules.ts';
import { MIN_IN_SYNC_REPLICAS } from './configs-control.ts';
import { answer, type ControllerDecision } from './decision.ts';
import type { DecisionState } from './decision-state.ts';
import { keepsEligibleLeaders } from './eligible-leaders.ts';

/**
 * The level of metadata.version that new clusters get: Kafka's 4.3-IV0. Our records are those of this level.
 * The lowest is 3.3-IV3, from which on every record that we write exists in some version.
 */
export const METADATA_VERSION_LEVEL = 30;
const METADATA_VERSION_LEVEL_MIN = 7;

const TRANSACTION_VERSION_LEVEL = 2;

/** The consumer protocol of groups (KIP-848). */
const GROUP_VERSION_LEVEL = 1;

/** The streams protocol of groups (KIP-1071). */
const STREAMS_VERSION_LEVEL = 1;
/** Share groups (KIP-932). */
const SHARE_VERSION_LEVEL = 1;

/** Eligible leader replicas, part 1 of KIP-966. */
const ELIGIBLE_LEADER_REPLICAS_LEVEL = 1;

/** What the controller can serve; a feature is named here when it is built, not before. */
export const supportedFeatures: readonly VersionRange[] = [
  {
    name: METADATA_VERSION,
    minSupportedVersion: METADATA_VERSION_LEVEL_MIN,
    maxSupportedVersion: METADATA_VERSION_LEVEL,
  },
  { name: TRANSACTION_VERSION, minSupportedVersion: 0, maxSupportedVersion: TRANSACTION_VERSION_LEVEL },
  { name: GROUP_VERSION, minSupportedVersion: 0, maxSupportedVersion: GROUP_VERSION_LEVEL },
  { name: STREAMS_VERSION, minSupportedVersion: 0, maxSupportedVersion: STREAMS_VERSION_LEVEL },
  {
    name: ELIGIBLE_LEADER_REPLICAS,
    minSupportedVersion: 0,
    maxSupportedVersion: ELIGIBLE_LEADER_REPLICAS_LEVEL,
  },
  { name: SHARE_VERSION, minSupportedVersion: 0, maxSupportedVersion: SHARE_VERSION_LEVEL },
  { name: KRAFT_FEATURE, minSupportedVersion: 0, maxSupportedVersion: KRAFT_VERSION },
];

/** What a node of this release of Kafka can serve; null is the newest that there is. */
export function featuresOfRelease(release: KafkaRelease | null): readonly VersionRange[] {
  if (release === null) return supportedFeatures;
  return supportedFeatures.flatMap((feature) => {
    const max = Math.min(feature.maxSupportedVersion, release.supported.get(feature.name) ?? 0);
    return max === 0 ? [] : [{ ...feature, maxSupportedVersion: max }];
  });
}

/**
 * What `kafka-storage format` of this release would write for a new cluster; null is the newest that there
 * is.
 */
export function bootstrapRecords(
  rules: ConfigRules,
  release: KafkaRelease | null = null,
): readonly EncodableMetadataRecord[] {
  const level = (name: string, newest: number): EncodableMetadataRecord[] => {
    const featureLevel = release ? (release.levels.get(name) ?? 0) : newest;
    return featureLevel === 0 ? [] : [{ type: 'FeatureLevelRecord', name, featureLevel }];
  };
  const eligibleLeaders = level(ELIGIBLE_LEADER_REPLICAS, ELIGIBLE_LEADER_REPLICAS_LEVEL);
  return [
    ...level(METADATA_VERSION, METADATA_VERSION_LEVEL),
    ...level(TRANSACTION_VERSION, TRANSACTION_VERSION_LEVEL),
    ...level(GROUP_VERSION, GROUP_VERSION_LEVEL),
    ...level(STREAMS_VERSION, STREAMS_VERSION_LEVEL),
    ...level(SHARE_VERSION, SHARE_VERSION_LEVEL),
    ...(eligibleLeaders.length > 0 ? [clusterMinInSyncReplicas(rules)] : []),
    ...eligibleLeaders,
  ];
}

/** Why a node of these features cannot join, in Kafka's words; null when it can. */
export function checkFeatures(image: ClusterImage, features: readonly VersionRange[]): string | null {
  for (const [name, level] of image.features.all()) {
    const range = features.find((feature) => feature.name === name);
    const min = range?.minSupportedVersion ?? 0;
    const max = range?.maxSupportedVersion ?? 0;
    if (level < min || level > max)
      return `Unable to register because the broker does not support finalized version ${level} of ${name}. The broker wants a version between ${min} and ${max}, inclusive.`;
  }
  return null;
}

/** All levels that are in force, as ApiVersions tells them. */
export function finalizedFeatures(
  image: ClusterImage | undefined,
): { readonly name: string; readonly level: number }[] {
  const levels = [...(image?.features.all() ?? [])].map(([name, level]) => ({ name, level }));
  return [...levels, { name: KRAFT_FEATURE, level: KRAFT_VERSION }];
}

/** UpdateFeatures' upgrade types, as requests number them (KIP-584, KIP-778). */
const UPGRADE = 1;
const UNSAFE_DOWNGRADE = 3;

/**
 * All of the updates, or none; what is refused first is the answer, in Kafka's words. Null when they may be.
 */
export function updateFeatures(
  { image, rules }: DecisionState,
  updates: UpdateFeaturesRequest['featureUpdates'],
  nodeId: number,
): ControllerDecision<Refusal | null> {
  const records: EncodableMetadataRecord[] = [];
  for (const update of updates) {
    const { feature, maxVersionLevel: level } = update;
    const why = checkUpdate(image, update, nodeId);
    if (why !== null)
      return answer({
        error: 'INVALID_UPDATE_VERSION',
        message:
          why.subject === 'metadata'
            ? `Unsupported metadata.version downgrade from ${currentLevel(image, METADATA_VERSION)} to ${level}. ${why.reason}`
            : `Invalid update version ${level} for feature ${feature}. ${why.reason}`,
      });
    if (feature === ELIGIBLE_LEADER_REPLICAS)
      records.push(...(level > 0 ? oneMinInSyncReplicas(image, rules) : withoutEligibleLeaders(image)));
    if (level !== currentLevel(image, feature))
      records.push({ type: 'FeatureLevelRecord', name: feature, featureLevel: level });
  }
  return { records, answer: null };
}

/**
 * Who is eligible depends on min.insync.replicas, so the controller and every broker must go by the same: one
 * value for the cluster, none of a single broker's own.
 */
function oneMinInSyncReplicas(image: ClusterImage, rules: ConfigRules): EncodableMetadataRecord[] {
  const records: EncodableMetadataRecord[] = [];
  if (!image.configs.get('broker', CLUSTER_DEFAULT).has(MIN_IN_SYNC_REPLICAS))
    records.push(clusterMinInSyncReplicas(rules));
  for (const [name, configs] of image.configs.all('broker'))
    if (name !== CLUSTER_DEFAULT && configs.has(MIN_IN_SYNC_REPLICAS))
      records.push({
        type: 'ConfigRecord',
        resourceType: configResourceTypes.broker,
        resourceName: name,
        name: MIN_IN_SYNC_REPLICAS,
        value: null,
      });
  return records;
}

function clusterMinInSyncReplicas(rules: ConfigRules): EncodableMetadataRecord {
  return {
    type: 'ConfigRecord',
    resourceType: configResourceTypes.broker,
    resourceName: CLUSTER_DEFAULT,
    name: MIN_IN_SYNC_REPLICAS,
    value: String(rules.static(replicationConfigs.minInsyncReplicas)),
  };
}

/** Nobody keeps them up to date from then on. */
function withoutEligibleLeaders(image: ClusterImage): EncodableMetadataRecord[] {
  return keepsEligibleLeaders(image) ? [{ type: 'ClearElrRecord', topicName: '' }] : [];
}

interface Reason {
  readonly subject: 'feature' | 'metadata';
  readonly reason: string;
}

function checkUpdate(
  image: ClusterImage,
  { feature, maxVersionLevel: level, upgradeType }: UpdateFeaturesRequest['featureUpdates'][number],
  nodeId: number,
): Reason | null {
  const refused = (reason: string): Reason => ({ subject: 'feature', reason });
  if (upgradeType < UPGRADE || upgradeType > UNSAFE_DOWNGRADE)
    return refused('The controller does not support the given upgrade type.');
  if (level < 0) return refused('A feature version cannot be less than 0.');
  const unsupported = whyUnsupported(image, feature, level, nodeId);
  if (unsupported !== null) return refused(unsupported);
  const current = currentLevel(image, feature);
  if (level < current && upgradeType === UPGRADE)
    return refused(
      "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
    );
  if (level > current && upgradeType !== UPGRADE) return refused("Can't downgrade to a newer version.");
  // Our records are those of the newest level, so an older one could not read them.
  if (level < current && feature === METADATA_VERSION)
    return {
      subject: 'metadata',
      reason:
        upgradeType === UNSAFE_DOWNGRADE
          ? 'Unsafe metadata downgrade is not supported in this version.'
          : 'Refusing to perform the requested downgrade because it might delete metadata information.',
    };
  // Without an ISR only those that are eligible say who may lead.
  if (level < current && feature === ELIGIBLE_LEADER_REPLICAS && isAnyIsrEmpty(image))
    return refused(
      'Some partitions have no replica in sync, and would lose those that are eligible to lead.',
    );
  if (level < current && feature === KRAFT_FEATURE)
    return refused('The voters are kept in the log, which the former level cannot read.');
  return null;
}

function isAnyIsrEmpty(image: ClusterImage): boolean {
  for (const { partitions } of image.topics.all())
    if (partitions.some(({ isr }) => isr.length === 0)) return true;
  return false;
}

function currentLevel(image: ClusterImage, feature: string): number {
  return feature === KRAFT_FEATURE ? KRAFT_VERSION : image.features.level(feature);
}

/** A level is for every node that is registered; one that cannot serve it would have to leave. */
function whyUnsupported(image: ClusterImage, feature: string, level: number, nodeId: number): string | null {
  const nodes = [
    { what: `Local controller ${nodeId}`, features: supportedFeatures },
    ...image.brokers.all().map(({ id, features }) => ({ what: `Broker ${id}`, features })),
    ...image.controllers
      .all()
      .filter(({ id }) => id !== nodeId)
      .map(({ id, features }) => ({ what: `Controller ${id}`, features })),
  ];
  for (const { what, features } of nodes) {
    const range = features.find(({ name }) => name === feature);
    const max = range?.maxSupportedVersion ?? 0;
    const min = range?.minSupportedVersion ?? 0;
    if (level >= min && level <= max && range) continue;
    if (max === 0) return `${what} does not support this feature.`;
    return `${what} only supports versions ${min}-${max}`;
  }
  return null;
}
