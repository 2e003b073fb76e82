import { below, type Random } from '../../base/random.ts';
import type { TopicView } from '../connections/cluster-view.ts';
import { murmur2 } from './murmur2.ts';

/**
 * Chooses partitions as Java's default does: by key, or one partition until a batch of it is full (KIP-794).
 */
export class Partitioner {
  readonly #random: Random;
  readonly #batchBytes: number;
  readonly #sticky = new Map<string, { readonly partition: number; bytes: number }>();

  constructor(random: Random, batchBytes: number) {
    this.#random = random;
    this.#batchBytes = batchBytes;
  }

  choose(topic: TopicView, key: Uint8Array | null, bytes: number): number {
    if (key) return (murmur2(key) & 0x7fff_ffff) % topic.partitions.length;
    const sticky = this.#sticky.get(topic.name);
    if (sticky && sticky.bytes + bytes <= this.#batchBytes && sticky.partition < topic.partitions.length) {
      sticky.bytes += bytes;
      return sticky.partition;
    }
    // A partition without a leader would keep its records waiting; when none has one, they wait anywhere.
    const led = topic.partitions.flatMap(({ leader }, partition) => (leader >= 0 ? [partition] : []));
    const choice = led.length > 0 ? led : topic.partitions.map((_, partition) => partition);
    const partition = choice[below(this.#random, choice.length)] ?? 0;
    this.#sticky.set(topic.name, { partition, bytes });
    return partition;
  }
}
