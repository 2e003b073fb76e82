import { describe, expect, test } from 'vitest';
import { GroupBench } from '../../../test/coordinator/group-bench.ts';
import { settle } from '../../../test/coordinator/manual-clock.ts';
import { MemoryLog } from '../../../test/coordinator/memory-log.ts';
import { ImageDelta } from '../../metadata/delta.ts';
import { emptyImage } from '../../metadata/image.ts';
import { errorName } from '../../protocol/errors.ts';
import { ShareCoordinator } from './coordinator.ts';
import { decodeShareStateRecord } from './records.ts';

/** A share coordinator with one partition of `__share_group_state`, in a cluster with a topic. */
class Bench {
  readonly groups = new GroupBench();
  readonly log = new MemoryLog();
  readonly pruned: number[] = [];
  #epoch = 0;
  coordinator: ShareCoordinator;

  constructor() {
    this.groups.createTopic('orders', 2);
    this.coordinator = this.#make();
  }

  static async elected(): Promise<Bench> {
    const bench = new Bench();
    await bench.failOver();
    return bench;
  }

  async failOver(): Promise<void> {
    this.coordinator = this.#make();
    this.coordinator.runtime.onElection(0, ++this.#epoch, this.log);
    await this.groups.clock.advance(1);
  }

  get topicId() {
    return this.groups.topicId('orders');
  }

  async initialize(stateEpoch: number, startOffset = -1, partition = 0) {
    const partitions = [{ partition, stateEpoch, startOffset }];
    return outcome(await this.coordinator.initialize(this.#about(partitions)));
  }

  async read(leaderEpoch: number, partition = 0) {
    const { results } = await this.coordinator.read(this.#about([{ partition, leaderEpoch }]));
    const { errorCode = -1, startOffset, stateBatches } = results[0]?.partitions[0] ?? {};
    return errorCode === 0 ? { startOffset, stateBatches } : errorName(errorCode);
  }

  async summary() {
    const { results } = await this.coordinator.summary(this.#about([{ partition: 0, leaderEpoch: -1 }]));
    const { startOffset, leaderEpoch, stateEpoch } = results[0]?.partitions[0] ?? {};
    return { startOffset, leaderEpoch, stateEpoch };
  }

  async delete() {
    return outcome(await this.coordinator.delete(this.#about([{ partition: 0 }])));
  }

  async write(
    leaderEpoch: number,
    startOffset: number,
    batches: [number, number, number, number][],
    stateEpoch = 1,
    partition = 0,
  ) {
    const stateBatches = batches.map(([firstOffset, lastOffset, deliveryState, deliveryCount]) => ({
      firstOffset,
      lastOffset,
      deliveryState,
      deliveryCount,
    }));
    const write = {
      partition,
      stateEpoch,
      leaderEpoch,
      startOffset,
      deliveryCompleteCount: 0,
      stateBatches,
    };
    return outcome(await this.coordinator.write(this.#about([write])));
  }

  /** The types of the records in the log. */
  get types(): string[] {
    return this.log.entries.map(({ key, value }) => {
      const record = decodeShareStateRecord(key, value);
      return record?.value === null ? 'tombstone' : (record?.type ?? '');
    });
  }

  #about<Partition>(partitions: Partition[]) {
    return { groupId: 'queue', topics: [{ topicId: this.topicId, partitions }] };
  }

  #make(): ShareCoordinator {
    const coordinator = new ShareCoordinator(this.groups.world, {
      config: { updatesPerSnapshot: 3 },
      pruned: (_, before) => this.pruned.push(before),
    });
    coordinator.runtime.onImage(this.groups.image, ImageDelta.between(emptyImage, this.groups.image));
    return coordinator;
  }
}

function outcome({
  results,
}: {
  results: readonly { partitions: readonly { errorCode: number }[] }[];
}): string {
  return errorName(results[0]?.partitions[0]?.errorCode ?? -1);
}

describe('the share coordinator', () => {
  test('keeps what leaders write, and the next coordinator and the next leader find it', async () => {
    const bench = await Bench.elected();
    expect(await bench.read(0)).toBe('INVALID_REQUEST');
    expect(await bench.write(0, 0, [])).toBe('INVALID_REQUEST');
    expect(await bench.initialize(1)).toBe('NONE');
    expect(await bench.read(5)).toEqual({ startOffset: -1, stateBatches: [] });
    expect(await bench.write(5, 10, [[10, 19, 2, 1]])).toBe('NONE');
    expect(await bench.write(5, -1, [[15, 24, 0, 2]])).toBe('NONE');
    const kept = {
      startOffset: 10,
      stateBatches: [
        { firstOffset: 10, lastOffset: 14, deliveryState: 2, deliveryCount: 1 },
        { firstOffset: 15, lastOffset: 24, deliveryState: 0, deliveryCount: 2 },
      ],
    };
    expect(await bench.read(6)).toEqual(kept);
    await bench.failOver();
    expect(await bench.read(6)).toEqual(kept);
  });

  test('leaders of earlier epochs, and of an earlier life of the group, write no more', async () => {
    const bench = await Bench.elected();
    await bench.initialize(1);
    await bench.read(5);
    expect(await bench.read(4)).toBe('FENCED_LEADER_EPOCH');
    expect(await bench.write(4, 0, [])).toBe('FENCED_LEADER_EPOCH');
    expect(await bench.initialize(3, 100)).toBe('NONE');
    expect(await bench.write(5, 0, [])).toBe('FENCED_STATE_EPOCH');
    expect(await bench.initialize(2)).toBe('FENCED_STATE_EPOCH');
    // A group that is deleted and made anew counts its epochs from the beginning.
    expect(await bench.delete()).toBe('NONE');
    expect(await bench.initialize(1)).toBe('NONE');
    expect(await bench.write(5, 100, [], 3)).toBe('FENCED_STATE_EPOCH');
    expect(await bench.read(5)).toEqual({ startOffset: -1, stateBatches: [] });
  });

  test('a leader that knows an earlier group of the same name and epoch writes nothing before it has read', async () => {
    const bench = await Bench.elected();
    await bench.initialize(2);
    await bench.read(0);
    expect(await bench.write(0, 39, [[66, 66, 0, 2]], 2)).toBe('NONE');
    await bench.delete();
    await bench.initialize(2);
    for (const _ of ['the coordinator that was told', 'the next one']) {
      // Repeated since its first answer was lost.
      expect(await bench.write(0, 39, [[66, 66, 0, 2]], 2)).toBe('FENCED_STATE_EPOCH');
      // What nobody leads is shown with leader epoch 0, as by Apache Kafka.
      expect(await bench.summary()).toEqual({ startOffset: -1, leaderEpoch: 0, stateEpoch: 2 });
      await bench.failOver();
    }
    expect(await bench.read(0)).toEqual({ startOffset: -1, stateBatches: [] });
    await bench.failOver();
    expect(await bench.write(0, 0, [[0, 0, 2, 1]], 2)).toBe('NONE');
    expect(await bench.read(0)).toMatchObject({ startOffset: 0 });
  });

  test('a write that comes twice, since its first answer was lost, says what it says once', async () => {
    const bench = await Bench.elected();
    await bench.initialize(1);
    await bench.read(5);
    for (const _ of [1, 2])
      expect(
        await bench.write(5, 3, [
          [3, 4, 2, 1],
          [5, 5, 0, 2],
        ]),
      ).toBe('NONE');
    const kept = {
      startOffset: 3,
      stateBatches: [
        { firstOffset: 3, lastOffset: 4, deliveryState: 2, deliveryCount: 1 },
        { firstOffset: 5, lastOffset: 5, deliveryState: 0, deliveryCount: 2 },
      ],
    };
    expect(await bench.read(5)).toEqual(kept);
    await bench.failOver();
    expect(await bench.read(6)).toEqual(kept);
    // Once another leads, it comes too late.
    expect(await bench.write(5, 3, [[5, 5, 2, 3]])).toBe('FENCED_LEADER_EPOCH');
    expect(await bench.read(6)).toEqual(kept);
  });

  test('a request to begin that comes late, or twice, takes nothing away', async () => {
    const bench = await Bench.elected();
    await bench.initialize(1);
    await bench.read(1);
    await bench.write(1, 7, [[7, 9, 2, 1]]);
    expect(await bench.initialize(1)).toBe('NONE');
    expect(await bench.read(1)).toMatchObject({ startOffset: 7 });
    // Of another member's heartbeat, in a later epoch of the group.
    expect(await bench.initialize(2)).toBe('NONE');
    expect(await bench.write(1, -1, [[10, 11, 2, 1]])).toBe('NONE');
    expect(await bench.read(1)).toMatchObject({ startOffset: 7 });
    expect(await bench.initialize(1, 3)).toBe('NONE');
    expect(await bench.read(1)).toEqual({ startOffset: 3, stateBatches: [] });
  });

  test('after so many updates comes a snapshot, and what lies before the last snapshots is let go', async () => {
    const bench = await Bench.elected();
    await bench.initialize(1);
    await bench.read(0);
    for (let offset = 0; offset < 4; offset++) await bench.write(0, -1, [[offset, offset, 2, 1]]);
    const [update, snapshot] = ['ShareUpdate', 'ShareSnapshot'];
    expect(bench.types).toEqual([snapshot, update, update, update, snapshot, update]);
    await bench.groups.clock.advance(300_000);
    expect(bench.pruned).toEqual([4]);
  });

  test('a partition that nobody writes to any more does not keep the log of the others', async () => {
    const bench = await Bench.elected();
    await bench.initialize(1, -1, 1);
    await bench.initialize(1);
    await bench.read(0);
    for (let offset = 0; offset < 8; offset++) await bench.write(0, -1, [[offset, offset, 2, 1]]);
    await bench.groups.clock.advance(900_000);
    expect(bench.pruned.at(-1)).toBeGreaterThan(5);
    await bench.failOver();
    expect(await bench.initialize(0, -1, 1)).toBe('FENCED_STATE_EPOCH');
  });

  test('many large states that are old are written anew in batches that the log takes', async () => {
    const bench = await Bench.elected();
    bench.groups.createTopic('orders', 60);
    const before = bench.groups.image;
    bench.coordinator.runtime.onImage(bench.groups.image, ImageDelta.between(emptyImage, before));
    const large = Array.from({ length: 1000 }, (_, i): [number, number, number, number] => [
      i,
      i,
      (i % 2) * 2,
      1,
    ]);
    for (let partition = 0; partition < 60; partition++) await bench.initialize(1, -1, partition);
    for (let partition = 0; partition < 60; partition++) {
      await bench.read(0, partition);
      await bench.write(0, -1, large, 1, partition);
    }
    for (let offset = 0; offset < 8; offset++) await bench.write(0, -1, [[offset, offset, 2, 1]]);
    await bench.groups.clock.advance(1_300_000);
    expect(bench.pruned.at(-1)).toBeGreaterThan(1);
  });

  test('forgets topics that are deleted', async () => {
    const bench = await Bench.elected();
    await bench.initialize(1);
    const before = bench.groups.image;
    await bench.groups.deleteTopic('orders');
    bench.coordinator.runtime.onImage(bench.groups.image, ImageDelta.between(before, bench.groups.image));
    await bench.groups.clock.advance(10);
    await settle();
    expect(bench.types.at(-1)).toBe('tombstone');
  });

  test('asks twice a second while the log refuses to forget many partitions', async () => {
    const bench = await Bench.elected();
    const { groups, coordinator, log } = bench;
    const changed = async (change: () => unknown): Promise<void> => {
      const before = groups.image;
      await change();
      coordinator.runtime.onImage(groups.image, ImageDelta.between(before, groups.image));
    };
    await changed(() => groups.createTopic('orders', 501));
    for (let partition = 0; partition < 501; partition++)
      expect(await bench.initialize(1, -1, partition)).toBe('NONE');
    const refusals = log.refuse('NOT_ENOUGH_REPLICAS', 50);
    await changed(() => groups.deleteTopic('orders'));
    await groups.clock.advance(1100);
    expect(refusals.left).toBe(47);
    refusals.left = 0;
    await groups.clock.advance(1000);
    expect(bench.types.filter((type) => type === 'tombstone')).toHaveLength(501);
  });
});
