import type { Offset, Uuid } from '../../base/brand.ts';
import { PeerConnection } from '../../client/peers/peer-connection.ts';
import type { Peers } from '../../client/peers/peers.ts';
import type { CommittedBatch, CommittedSnapshot } from '../../metadata/committed.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { type ImagePublisher, MetadataLoader } from '../../metadata/loader.ts';
import { encodeMetadataRecord } from '../../metadata/records.ts';
import { snapshotRecords } from '../../metadata/snapshot.ts';
import { RaftObserver } from '../../raft/observer.ts';

const CONNECT_TIMEOUT_MS = 2_000;

/** Keeps a copy of the metadata log beside this broker's logs, and turns what is committed into images. */
export class MetadataFollower {
  readonly #controller: PeerConnection;
  readonly #observer: RaftObserver;
  readonly #loader = new MetadataLoader();
  #published: Promise<void> = Promise.resolve();
  readonly #waiting = new Set<{ readonly offset: Offset; readonly resolve: () => void }>();
  /** The last offset that was told; control batches make no image. */
  #offset: Offset = -1;

  constructor(
    peers: Peers,
    options: {
      readonly nodeId: number;
      readonly clusterId: string;
      readonly dataDirectory: string;
      readonly directoryId: Uuid;
      readonly controller: { readonly id: number; readonly host: string; readonly port: number };
      /**
       * What was committed cannot be understood or kept: this broker's knowledge of the cluster ends here.
       */
      readonly onFatal?: (error: Error) => void;
    },
  ) {
    const { nodeId, clusterId, dataDirectory, directoryId, controller, onFatal = () => {} } = options;
    this.#controller = new PeerConnection(peers, {
      node: controller.id,
      address: () => controller,
      clientId: `raft-client-${nodeId}`,
      timeoutMs: CONNECT_TIMEOUT_MS,
    });
    this.#observer = new RaftObserver(peers.world, {
      nodeId,
      clusterId,
      dataDirectory,
      directoryId,
      onFatal,
      connect: () => this.#controller.open(),
      listener: {
        onCommitted: (batches) => this.#onCommitted(batches),
        onSnapshot: (snapshot) => this.#onSnapshot(snapshot),
        snapshot: () => this.#snapshot(),
      },
    });
  }

  get image(): ClusterImage {
    return this.#loader.image;
  }

  /** The offset up to which the log was read. */
  get offset(): Offset {
    return this.#offset;
  }

  start(): void {
    this.#observer.start();
  }

  /** Told of the present image, and then of every further one. Resolves when it has the present one. */
  addPublisher(publisher: ImagePublisher): Promise<void> {
    return this.#inOrder(() => this.#loader.addPrepared(publisher));
  }

  /** Resolves when the record at this offset was read. */
  caughtUpTo(offset: Offset): Promise<void> {
    if (this.#offset >= offset) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.add({ offset, resolve });
    });
  }

  stop(): Promise<void> {
    const stopped = this.#observer.stop();
    // Resolves when the image that is being made has been told, too.
    this.#controller.close();
    return stopped;
  }

  #onCommitted(batches: readonly CommittedBatch[]): Promise<void> {
    return this.#inOrder(async () => {
      await this.#loader.prepareCommitted(batches);
      this.#reached(batches.at(-1)?.lastOffset ?? this.#offset);
    });
  }

  #onSnapshot(snapshot: CommittedSnapshot): Promise<void> {
    return this.#inOrder(async () => {
      await this.#loader.prepareSnapshot(snapshot);
      this.#reached(snapshot.endOffset - 1);
    });
  }

  /** One image after the other, however long one takes. */
  #inOrder(step: () => Promise<void>): Promise<void> {
    const done = this.#published.then(step);
    // Whoever asked is told of the failure; it is not the next one's.
    this.#published = done.catch(() => undefined);
    return done;
  }

  #reached(offset: Offset): void {
    this.#offset = offset;
    for (const waiter of [...this.#waiting]) {
      if (waiter.offset > offset) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  #snapshot(): CommittedSnapshot | null {
    const { image } = this.#loader;
    const { offset, epoch, timestamp } = image.provenance;
    if (offset < 0) return null;
    return { endOffset: offset + 1, epoch, timestamp, values: encoded(image) };
  }
}

function* encoded(image: ClusterImage): IterableIterator<Buffer> {
  for (const record of snapshotRecords(image)) yield encodeMetadataRecord(record);
}
