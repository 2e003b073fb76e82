import { createHash } from 'node:crypto';
import type { ClusterImage } from '../../src/metadata/image.ts';
import { encodeMetadataRecord } from '../../src/metadata/records.ts';
import { snapshotRecords } from '../../src/metadata/snapshot.ts';
import type { Violations } from './violations.ts';

/** All images at the same metadata offset are equal, on every node and in every life. */
export class ImagesAgreeAtSameOffset {
  readonly #violations: Violations;
  readonly #digests = new Map<number, string>();
  readonly #seen = new WeakSet<ClusterImage>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  saw(who: string, image: ClusterImage): void {
    const { offset } = image.provenance;
    if (offset < 0 || this.#seen.has(image)) return;
    this.#seen.add(image);
    const digest = digestOf(image);
    const known = this.#digests.get(offset);
    if (known !== undefined && known !== digest)
      this.#violations.add('ImagesAgreeAtSameOffset', `${who} sees another image at offset ${offset}`);
    this.#digests.set(offset, digest);
  }
}

function digestOf(image: ClusterImage): string {
  const hash = createHash('sha1');
  for (const record of snapshotRecords(image)) hash.update(encodeMetadataRecord(record));
  return hash.digest('base64');
}
