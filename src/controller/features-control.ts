import { METADATA_VERSION } from '../metadata/features.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import type { VersionRange } from '../metadata/version-range.ts';

/**
 * The level of metadata.version that new clusters get: Kafka's 4.3-IV0. Our records are those of this level. The
 * lowest is 3.3-IV3, from which on every record that we write exists in some version.
 */
export const METADATA_VERSION_LEVEL = 30;
const METADATA_VERSION_LEVEL_MIN = 7;

/** What the controller can serve; a feature is named here when it is built, not before. */
export const supportedFeatures: readonly VersionRange[] = [
  {
    name: METADATA_VERSION,
    minSupportedVersion: METADATA_VERSION_LEVEL_MIN,
    maxSupportedVersion: METADATA_VERSION_LEVEL,
  },
  { name: 'kraft.version', minSupportedVersion: 0, maxSupportedVersion: 1 },
];

/** What `kafka-storage format` would write for a new cluster. */
export const bootstrapRecords: readonly EncodableMetadataRecord[] = [
  { type: 'FeatureLevelRecord', name: METADATA_VERSION, featureLevel: METADATA_VERSION_LEVEL },
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
