import { createHash } from 'node:crypto';
import type { ClusterImage } from '../../src/metadata/image.ts';
import { encodeMetadataRecord } from '../../src/metadata/records.ts';
import { snapshotRecords } from '../../src/metadata/snapshot.ts';
import type { ErrorName } from '../../src/protocol/errors.ts';

/** A command that was sent, with the state that it leaves if it happens; undefined: nothing is left. */
export interface Sent {
  readonly key: string;
  readonly value: string | undefined;
}

interface Known {
  acked: string | undefined;
  /**
   * Commands without an answer: they may have happened, or may still happen when a connection ends and gives
   * up what it held.
   */
  readonly open: Set<Sent>;
}

/**
 * What a cluster's metadata must be after all answered commands. A command without an answer may have
 * happened, may not have, or may still happen.
 */
export class MetadataModel {
  readonly #known = new Map<string, Known>();
  readonly #blocks: number[] = [];
  readonly #digests = new Map<number, string>();

  sent(key: string, value: string | undefined): Sent {
    const sent = { key, value };
    this.#of(key).open.add(sent);
    return sent;
  }

  /**
   * NOT_CONTROLLER comes from a controller that lost its log meanwhile: it does not know the outcome either.
   */
  answered(sent: Sent, error: ErrorName): void {
    if (error === 'NOT_CONTROLLER') return;
    const known = this.#of(sent.key);
    known.open.delete(sent);
    if (error === 'NONE') known.acked = sent.value;
  }

  /** Checks ProducerIdsNeverRepeat. */
  block(first: number): void {
    if (this.#blocks.includes(first)) throw new Error(`producer ids from ${first} on were given out twice`);
    this.#blocks.push(first);
  }

  /**
   * Checks AckedCommandsSurvive: the image has every answered change, or a change that may have come after
   * it.
   */
  check(image: ClusterImage, read: (image: ClusterImage, key: string) => string | undefined): void {
    for (const [key, { acked, open }] of this.#known) {
      const found = read(image, key);
      if (found === acked || [...open].some(({ value }) => value === found)) continue;
      throw new Error(`${key} is ${found}, answered was ${acked}`);
    }
    const next = image.producerIds.nextProducerId;
    const beyond = this.#blocks.find((first) => first >= next);
    if (beyond !== undefined)
      throw new Error(`producer ids from ${beyond} on were given out, and ${next} is next`);
  }

  /** Checks ImagesAgreeAtSameOffset: all images at one offset are equal, in every life. */
  saw(who: string, image: ClusterImage): void {
    const { offset } = image.provenance;
    if (offset < 0) return;
    const hash = createHash('sha1');
    for (const record of snapshotRecords(image)) hash.update(encodeMetadataRecord(record));
    const digest = hash.digest('base64');
    const known = this.#digests.get(offset);
    if (known !== undefined && known !== digest)
      throw new Error(`${who} sees another image at offset ${offset}`);
    this.#digests.set(offset, digest);
  }

  #of(key: string): Known {
    const known = this.#known.get(key) ?? { acked: undefined, open: new Set<Sent>() };
    this.#known.set(key, known);
    return known;
  }
}
