import { METADATA_VERSION } from '../metadata/features.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import type { VersionRange } from '../metadata/version-range.ts';
import type { UpdateFeaturesRequest } from '../protocol/messages/57-update-features.ts';
import { KRAFT_VERSION } from '../raft/voters.ts';
import { answer, type Decision } from './decision.ts';
import type { Refusal } from './topics-control.ts';

/**
 * The level of metadata.version that new clusters get: Kafka's 4.3-IV0. Our records are those of this level. The
 * lowest is 3.3-IV3, from which on every record that we write exists in some version.
 */
export const METADATA_VERSION_LEVEL = 30;
const METADATA_VERSION_LEVEL_MIN = 7;

/**
 * From level 2 on clients let partitions join a transaction as they write to them, and get an epoch for each transaction
 * (KIP-890); level 1 only allows tagged fields in the coordinator's records.
 */
const TRANSACTION_VERSION = 'transaction.version';
const TRANSACTION_VERSION_LEVEL = 2;

/** The level of the quorum's own records. It is kept in them, not among the other levels. */
const KRAFT_FEATURE = 'kraft.version';

/** What the controller can serve; a feature is named here when it is built, not before. */
export const supportedFeatures: readonly VersionRange[] = [
  {
    name: METADATA_VERSION,
    minSupportedVersion: METADATA_VERSION_LEVEL_MIN,
    maxSupportedVersion: METADATA_VERSION_LEVEL,
  },
  { name: TRANSACTION_VERSION, minSupportedVersion: 0, maxSupportedVersion: TRANSACTION_VERSION_LEVEL },
  { name: KRAFT_FEATURE, minSupportedVersion: 0, maxSupportedVersion: KRAFT_VERSION },
];

/** What `kafka-storage format` would write for a new cluster. */
export const bootstrapRecords: readonly EncodableMetadataRecord[] = [
  { type: 'FeatureLevelRecord', name: METADATA_VERSION, featureLevel: METADATA_VERSION_LEVEL },
  { type: 'FeatureLevelRecord', name: TRANSACTION_VERSION, featureLevel: TRANSACTION_VERSION_LEVEL },
];

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

/** All of the updates, or none; what is refused first is the answer, in Kafka's words. Null when they may be. */
export function updateFeatures(
  image: ClusterImage,
  updates: UpdateFeaturesRequest['featureUpdates'],
  nodeId: number,
): Decision<Refusal | null> {
  const records: EncodableMetadataRecord[] = [];
  for (const update of updates) {
    const { feature, maxVersionLevel: level } = update;
    const why = checkUpdate(image, update, nodeId);
    if (why !== null)
      return answer({
        error: 'INVALID_UPDATE_VERSION',
        message:
          why.subject === 'metadata'
            ? `Invalid metadata.version ${level}. ${why.reason}`
            : `Invalid update version ${level} for feature ${feature}. ${why.reason}`,
      });
    if (level !== currentLevel(image, feature))
      records.push({ type: 'FeatureLevelRecord', name: feature, featureLevel: level });
  }
  return { records, answer: null };
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
      reason: 'Refusing to perform the requested downgrade because it might delete metadata information.',
    };
  if (level < current && feature === KRAFT_FEATURE)
    return refused('The voters are kept in the log, which the former level cannot read.');
  return null;
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
