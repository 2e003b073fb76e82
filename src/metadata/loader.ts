import { assert } from '../base/assert.ts';
import type { CommittedBatch, CommittedSnapshot } from './committed.ts';
import { ImageDelta, imageOf } from './delta.ts';
import { type ClusterImage, emptyImage } from './image.ts';
import { decodeMetadataRecord, encodeMetadataRecord, type MetadataRecord } from './records.ts';
import { snapshotRecords } from './snapshot.ts';

/** Told of every new image, in the order of the log, with what changed in it. */
export interface ImagePublisher {
  /**
   * Does ahead, in steps, what would take too long in the turn that takes the image; nothing of it may show
   * before `onImage`, which follows. Null when there is nothing to prepare.
   */
  prepare?(image: ClusterImage, delta: ImageDelta): Promise<void> | null;
  onImage(image: ClusterImage, delta: ImageDelta): void;
}

/**
 * Turns the committed metadata log into images: committed batches -> one delta -> the next image ->
 * publishers. All batches given at once become one image. A transaction (KIP-868) that spans batches is shown
 * whole or not at all. Images are published one at a time: who uses the methods that prepare waits for one
 * before the next.
 */
export class MetadataLoader {
  #image: ClusterImage = emptyImage;
  /** Records of a transaction that has begun and not yet ended. */
  #transaction: MetadataRecord[] | undefined;
  readonly #publishers: ImagePublisher[] = [];

  get image(): ClusterImage {
    return this.#image;
  }

  /** The newcomer is told of what is there already as one delta from nothing. */
  addPublisher(publisher: ImagePublisher): void {
    this.#publishers.push(publisher);
    if (this.#image !== emptyImage)
      publisher.onImage(this.#image, ImageDelta.between(emptyImage, this.#image));
  }

  /** As `addPublisher`, prepared. */
  async addPrepared(publisher: ImagePublisher): Promise<void> {
    if (this.#image !== emptyImage)
      await publisher.prepare?.(this.#image, ImageDelta.between(emptyImage, this.#image));
    this.addPublisher(publisher);
  }

  onCommitted(batches: readonly CommittedBatch[]): void {
    const next = this.#next(batches);
    if (next) this.#publish(next);
  }

  /** As `onCommitted`, prepared. */
  async prepareCommitted(batches: readonly CommittedBatch[]): Promise<void> {
    const next = this.#next(batches);
    if (!next) return;
    await this.#prepare(next);
    this.#publish(next);
  }

  onSnapshot(snapshot: CommittedSnapshot): void {
    this.#publish(this.#nextOf(snapshot));
  }

  /** As `onSnapshot`, prepared. */
  async prepareSnapshot(snapshot: CommittedSnapshot): Promise<void> {
    const next = this.#nextOf(snapshot);
    await this.#prepare(next);
    this.#publish(next);
  }

  /** Null when all of it is known. */
  #next(batches: readonly CommittedBatch[]): Next | null {
    const delta = new ImageDelta(this.#image);
    let provenance = this.#image.provenance;
    for (const batch of batches) {
      // After a restart the log below the snapshot may be offered again.
      if (batch.lastOffset <= this.#image.provenance.offset) continue;
      for (const value of batch.values) this.#replay(decodeMetadataRecord(value), delta);
      provenance = { offset: batch.lastOffset, epoch: batch.epoch, timestamp: batch.timestamp };
    }
    if (provenance === this.#image.provenance) return null;
    return { image: delta.apply(provenance), delta };
  }

  #nextOf(snapshot: CommittedSnapshot): Next {
    const records: MetadataRecord[] = [];
    for (const value of snapshot.values) records.push(decodeMetadataRecord(value));
    const image = imageOf(records, {
      offset: snapshot.endOffset - 1,
      epoch: snapshot.epoch,
      timestamp: snapshot.timestamp,
    });
    this.#transaction = undefined;
    return { image, delta: ImageDelta.between(this.#image, image) };
  }

  /** The image as a snapshot; null before there is one and within a transaction. */
  snapshot(): CommittedSnapshot | null {
    const { offset, epoch, timestamp } = this.#image.provenance;
    if (offset < 0 || this.#transaction) return null;
    return { endOffset: offset + 1, epoch, timestamp, values: encoded(this.#image) };
  }

  #replay(record: MetadataRecord, delta: ImageDelta): void {
    switch (record.type) {
      case 'BeginTransactionRecord':
        assert(!this.#transaction, 'a metadata transaction began inside another');
        this.#transaction = [];
        return;
      case 'EndTransactionRecord':
        assert(this.#transaction, 'a metadata transaction ended that had not begun');
        for (const held of this.#transaction) delta.replay(held);
        this.#transaction = undefined;
        return;
      case 'AbortTransactionRecord':
        assert(this.#transaction, 'a metadata transaction was aborted that had not begun');
        this.#transaction = undefined;
        return;
      default:
        if (this.#transaction) this.#transaction.push(record);
        else delta.replay(record);
    }
  }

  async #prepare({ image, delta }: Next): Promise<void> {
    for (const publisher of this.#publishers) await publisher.prepare?.(image, delta);
  }

  #publish({ image, delta }: Next): void {
    this.#image = image;
    for (const publisher of this.#publishers) publisher.onImage(image, delta);
  }
}

interface Next {
  readonly image: ClusterImage;
  readonly delta: ImageDelta;
}

function* encoded(image: ClusterImage): IterableIterator<Buffer> {
  for (const record of snapshotRecords(image)) yield encodeMetadataRecord(record);
}
