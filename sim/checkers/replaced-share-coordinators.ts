import type { ShareKey } from '../../src/coordinator/share/share-key.ts';
import { ShareShard } from '../../src/coordinator/share/share-shard.ts';

/**
 * Which leaders of partitions began with what a share coordinator knew that had been replaced and had not
 * noticed it, as one does that the controller does not reach. Such a coordinator answers reads in an epoch that
 * it has seen before, as in Apache Kafka, and nothing that it is told is kept.
 */
export class ReplacedShareCoordinators {
  /** In the order in which they took office. */
  readonly #shards = new WeakMap<ShareShard, number>();
  #count = 0;
  /** By share partition: the last of those that were told to forget it or where it begins. */
  readonly #newest = new Map<string, number>();
  /** By share partition and leader epoch: whether the last that the leader read came from a replaced one. */
  readonly #reads = new Map<string, boolean>();

  /** Notes what coordinators are asked, until the result is called. Only one simulation runs at a time. */
  watch(): () => void {
    const { onLoaded, initialize, read, delete: forget } = ShareShard.prototype;
    const loaded = (shard: ShareShard) => this.#shards.set(shard, ++this.#count);
    const told = (shard: ShareShard, key: ShareKey) =>
      this.#newest.set(nameOf(key), Math.max(this.#placeOf(shard), this.#newest.get(nameOf(key)) ?? 0));
    const reads = (shard: ShareShard, key: ShareKey, leaderEpoch: number) =>
      this.#reads.set(
        `${nameOf(key)} ${leaderEpoch}`,
        this.#placeOf(shard) < (this.#newest.get(nameOf(key)) ?? 0),
      );
    ShareShard.prototype.onLoaded = function () {
      loaded(this);
      onLoaded.call(this);
    };
    ShareShard.prototype.initialize = function (key, begin) {
      told(this, key);
      return initialize.call(this, key, begin);
    };
    ShareShard.prototype.delete = function (key) {
      told(this, key);
      return forget.call(this, key);
    };
    ShareShard.prototype.read = function (key, leaderEpoch) {
      reads(this, key, leaderEpoch);
      return read.call(this, key, leaderEpoch);
    };
    return () => Object.assign(ShareShard.prototype, { onLoaded, initialize, read, delete: forget });
  }

  /** Whether the leader of this epoch has read the share partition from one of them. */
  wereReadBy(key: ShareKey, leaderEpoch: number): boolean {
    return this.#reads.get(`${nameOf(key)} ${leaderEpoch}`) ?? false;
  }

  #placeOf(shard: ShareShard): number {
    return this.#shards.get(shard) ?? 0;
  }
}

function nameOf({ groupId, topicId, partition }: ShareKey): string {
  return `${groupId} ${topicId}-${partition}`;
}
