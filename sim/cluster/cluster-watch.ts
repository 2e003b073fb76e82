import { sleep } from '../../src/base/clock.ts';
import { readRecords } from '../../src/protocol/records/record.ts';
import { batchesOfLog } from '../checkers/batches-of-log.ts';
import { HighWatermarkNeverFalls } from '../checkers/high-watermark-never-falls.ts';
import { ImagesAgreeAtSameOffset } from '../checkers/images-agree-at-same-offset.ts';
import { OneLeaderPerEpoch } from '../checkers/one-leader-per-epoch.ts';
import { ReplicasAgreeBelowHighWatermark } from '../checkers/replicas-agree-below-high-watermark.ts';
import type { Violations } from '../checkers/violations.ts';
import type { Simulation } from '../simulation.ts';
import type { SimCluster } from './sim-cluster.ts';

const EVERY_MS = 50;

/** Looks into every broker all the time, as no client can. */
export class ClusterWatch {
  readonly highWatermark: HighWatermarkNeverFalls;
  readonly #cluster: SimCluster;
  readonly #images: ImagesAgreeAtSameOffset;
  readonly #leaders: OneLeaderPerEpoch;
  readonly #replicas: ReplicasAgreeBelowHighWatermark;

  constructor(cluster: SimCluster, violations: Violations) {
    this.#cluster = cluster;
    this.highWatermark = new HighWatermarkNeverFalls(violations);
    this.#images = new ImagesAgreeAtSameOffset(violations);
    this.#leaders = new OneLeaderPerEpoch(violations);
    this.#replicas = new ReplicasAgreeBelowHighWatermark(violations);
  }

  async run(simulation: Simulation, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      this.look();
      await sleep(simulation.clock, EVERY_MS);
    }
  }

  look(): void {
    const { image } = this.#cluster;
    if (image) {
      this.#images.saw('the controller', image);
      for (const { id, partitions } of image.topics.all())
        for (const [index, { leader, leaderEpoch }] of partitions.entries())
          if (leader >= 0) this.#leaders.saw(`${id}-${index}`, leaderEpoch, leader);
    }
    for (const [id, broker] of this.#cluster.running()) {
      this.#images.saw(`broker ${id}`, broker.image);
      for (const { topic, topicId, index, isLeader, leaderEpoch, log } of broker.replicas.all()) {
        const partition = `${topicId}-${index}`;
        const replica = `the replica of ${topic}-${index} on broker ${id}`;
        if (isLeader) this.#leaders.saw(partition, leaderEpoch, id);
        this.highWatermark.saw(replica, log);
        this.#replicas.saw(partition, replica, log);
      }
    }
  }

  /** What a partition holds, by offset, as its leader has it. */
  recordsOf(topic: string, index: number): Map<number, string> {
    const values = new Map<number, string>();
    for (const [, broker] of this.#cluster.running()) {
      const replica = broker.replicas.find(topic, index);
      if (!replica?.isLeader) continue;
      const { log } = replica;
      const found = batchesOfLog(log, log.logStartOffset, log.highWatermark);
      if ('error' in found) throw new Error(`${topic}-${index} cannot be read: ${found.error}`);
      for (const { bytes } of found)
        for (const { offset, value } of readRecords(bytes)) values.set(offset, String(value));
    }
    return values;
  }
}
