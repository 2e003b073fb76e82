import { finalizedFeatures } from '../../controller/features-control.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { VersionRange } from '../../metadata/version-range.ts';
import type { Features } from '../../server/api-versions.ts';

/** What ApiVersions tells of the features that a broker can serve. */
export function featuresOf(image: ClusterImage, supported: readonly VersionRange[]): Features {
  return {
    supported: supported.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
      name,
      minVersion: minSupportedVersion,
      maxVersion: maxSupportedVersion,
    })),
    finalized: finalizedFeatures(image).filter(({ name }) => supported.some((one) => one.name === name)),
    finalizedEpoch: image.provenance.offset,
  };
}
