import { finalizedFeatures, supportedFeatures } from '../../controller/features-control.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { VersionRange } from '../../metadata/version-range.ts';
import type { Features } from '../../server/api-versions.ts';

/** What this broker can serve: the same release as its controller. */
export const brokerFeatures: readonly VersionRange[] = supportedFeatures;

/** What ApiVersions tells of them. */
export function featuresOf(image: ClusterImage): Features {
  return {
    supported: brokerFeatures.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
      name,
      minVersion: minSupportedVersion,
      maxVersion: maxSupportedVersion,
    })),
    finalized: finalizedFeatures(image),
    finalizedEpoch: image.provenance.offset,
  };
}
