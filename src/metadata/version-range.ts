/** The levels of one feature that a broker or controller can serve. */
export interface VersionRange {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export function versionRangesOf(ranges: readonly VersionRange[]): VersionRange[] {
  return ranges.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
    name,
    minSupportedVersion,
    maxSupportedVersion,
  }));
}
