import { assert } from '../base/assert.ts';
import type { Offset } from '../base/brand.ts';
import { ImageDelta } from '../metadata/delta.ts';
import type { ClusterImage } from '../metadata/image.ts';
import { completeMetadataRecord, type EncodableMetadataRecord } from '../metadata/records.ts';

/** Told that what it waits for is committed, or that it will not be. */
export interface CommitWaiter {
  committed(): void;
  lost(): void;
}

interface Appended {
  readonly endOffset: Offset;
  readonly image: ClusterImage;
}

/**
 * The controller's view of the log while it leads: the image with every appended record, which decisions
 * read, and the image of what is committed, which leaves the process. Images share what they have in common,
 * so keeping one per append costs next to nothing.
 */
export class ControllerState {
  #latest: ClusterImage;
  #committed: ClusterImage;
  #appended: Appended[] = [];
  #waiters: { readonly endOffset: Offset; readonly waiter: CommitWaiter }[] = [];

  constructor(image: ClusterImage) {
    this.#latest = image;
    this.#committed = image;
  }

  get latest(): ClusterImage {
    return this.#latest;
  }

  get committed(): ClusterImage {
    return this.#committed;
  }

  /** The records that end at `endOffset`, as soon as they are appended. */
  replay(
    records: readonly EncodableMetadataRecord[],
    place: { readonly endOffset: Offset; readonly epoch: number; readonly timestamp: number },
  ): void {
    const firstOffset = place.endOffset - records.length;
    assert(
      firstOffset > this.#latest.provenance.offset,
      'records are replayed once, in the order of the log',
    );
    const delta = new ImageDelta(this.#latest);
    for (const record of records) delta.replay(completeMetadataRecord(record));
    const { endOffset, epoch, timestamp } = place;
    this.#latest = delta.apply({ offset: endOffset - 1, epoch, timestamp });
    this.#appended.push({ endOffset, image: this.#latest });
  }

  /** Waits for all that the latest image holds. */
  whenCommitted(waiter: CommitWaiter): void {
    const last = this.#appended.at(-1);
    if (last) this.#waiters.push({ endOffset: last.endOffset, waiter });
    else waiter.committed();
  }

  commit(highWatermark: Offset): void {
    const done = this.#appended.findLastIndex(({ endOffset }) => endOffset <= highWatermark);
    this.#committed = this.#appended[done]?.image ?? this.#committed;
    assert(
      this.#committed.provenance.offset < highWatermark,
      'the committed image has nothing that is not committed',
    );
    this.#appended = this.#appended.slice(done + 1);
    const open = this.#waiters.findIndex(({ endOffset }) => endOffset > highWatermark);
    const ready = open < 0 ? this.#waiters : this.#waiters.slice(0, open);
    this.#waiters = open < 0 ? [] : this.#waiters.slice(open);
    for (const { waiter } of ready) waiter.committed();
  }

  /** Nothing more will be committed from here. */
  lose(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { waiter } of waiters) waiter.lost();
  }
}
