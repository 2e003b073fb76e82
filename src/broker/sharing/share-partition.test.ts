import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Refusal } from '../../protocol/refusal.ts';
import { Partition } from '../../replication/partition.ts';
import { inSyncPartition } from '../../replication/testing/in-sync-partition.ts';
import { quietHost } from '../../replication/testing/quiet-host.ts';
import { openLog, put } from '../../storage/testing/log-bench.ts';
import { ORDERS } from '../testing/three-brokers.ts';
import { acknowledgeType } from './acknowledgements.ts';
import type { SharePartition } from './share-partition.ts';
import { SharePartitions } from './share-partitions.ts';
import type { KeptState, StateToKeep } from './state-store.ts';

const LEADING = inSyncPartition([1], { leaderEpoch: 4, partitionEpoch: 7 });
const KEY = { groupId: 'queue', topicId: ORDERS, partition: 0 };
const LOCK_MS = 1000;
const ONE_BY_ONE = { maxRecords: 1, batchSize: 1, isStrict: true };
const { accept, release } = acknowledgeType;

/** A leader of a partition with three records, and a share coordinator whose answers the test gives. */
class Leader {
  readonly world: World;
  readonly replica: Partition;
  readonly sharePartitions: SharePartitions;
  /** What the share coordinator is asked to keep, in order. */
  readonly asked: StateToKeep[] = [];
  /** What it says of the next reading. */
  state: KeptState | Refusal = { stateEpoch: 1, startOffset: 0, stateBatches: [] };
  readonly #answers: ((failure: Refusal | null) => void)[] = [];

  constructor(world: World) {
    this.world = world;
    this.replica = new Partition(world, {
      topic: 'orders',
      topicId: ORDERS,
      index: 0,
      log: openLog(world),
      host: quietHost,
    });
    this.replica.makeLeader(LEADING);
    for (const value of ['a', 'b', 'c']) put(this.replica.log, value);
    this.replica.log.updateHighWatermark(3);
    this.sharePartitions = new SharePartitions(world, {
      brokerId: 1,
      store: {
        read: async () => this.state,
        write: (_, state) => {
          this.asked.push(state);
          return new Promise((resolve) => this.#answers.push(resolve));
        },
      },
      config: () => ({
        autoOffsetReset: 'earliest',
        isReadCommitted: false,
        lockDurationMs: LOCK_MS,
        deliveryCountLimit: 5,
        recordLocks: 2000,
        mayRenew: true,
      }),
    });
  }

  async loaded(): Promise<SharePartition> {
    const share = this.sharePartitions.of(KEY, this.replica);
    share.load();
    await this.turn();
    return share;
  }

  /** The share coordinator answers what it was asked first. */
  async answer(error: ErrorName | null): Promise<void> {
    this.#answers.shift()?.(error && { error, message: null });
    await this.turn();
  }

  turn(): Promise<void> {
    return sleep(this.world.clock, 0);
  }
}

/**
 * The member is given the next record: its offset and how often it was delivered; null when there is none.
 */
function next(share: SharePartition, memberId: string): string | null {
  const fetchOffset = share.readableFrom();
  if (fetchOffset === null) return null;
  const batches = [0, 1, 2].map((offset) => ({ baseOffset: offset, lastOffset: offset }));
  const read = { batches: batches.slice(fetchOffset), fetchOffset, aborted: [] };
  const [acquired] = share.acquire(memberId, read, ONE_BY_ONE);
  return acquired ? `${acquired.firstOffset} x${acquired.deliveryCount}` : null;
}

function say(share: SharePartition, memberId: string, offset: number, type: number) {
  return share.acknowledge(memberId, [{ firstOffset: offset, lastOffset: offset, acknowledgeTypes: [type] }]);
}

async function withLeader(run: (leader: Leader) => Promise<void>): Promise<void> {
  const simulation = new Simulation(1);
  await simulation.run(async () => run(new Leader(simulation.host('broker-1').world)));
}

test('what the share coordinator refuses to keep is its member’s until the lock is over, and then anybody’s', () =>
  withLeader(async (leader) => {
    const share = await leader.loaded();
    expect(next(share, 'a')).toBe('0 x1');
    const accepted = say(share, 'a', 0, accept);
    await leader.answer('COORDINATOR_NOT_AVAILABLE');
    expect(await accepted).toMatchObject({ error: 'COORDINATOR_NOT_AVAILABLE' });
    expect([next(share, 'b'), next(share, 'b'), next(share, 'b')]).toEqual(['1 x1', '2 x1', null]);
    // It may say so again.
    const again = say(share, 'a', 0, release);
    await leader.answer('COORDINATOR_NOT_AVAILABLE');
    expect(await again).toMatchObject({ error: 'COORDINATOR_NOT_AVAILABLE' });
    await sleep(leader.world.clock, LOCK_MS);
    expect(next(share, 'b')).toBe('0 x2');
    expect(await say(share, 'a', 0, accept)).toMatchObject({ error: 'INVALID_RECORD_STATE' });
  }));

test('a record whose lock ends while its acknowledgement is on its way waits for the answer', () =>
  withLeader(async (leader) => {
    const share = await leader.loaded();
    expect([next(share, 'a'), next(share, 'a')]).toEqual(['0 x1', '1 x1']);
    const accepted = say(share, 'a', 0, accept);
    const released = say(share, 'a', 1, accept);
    await sleep(leader.world.clock, 2 * LOCK_MS);
    expect(next(share, 'b')).toBe('2 x1');
    expect(next(share, 'c')).toBeNull();
    await leader.answer(null);
    expect(await accepted).toBeNull();
    // Of the second the share coordinator says no, after its lock.
    await leader.answer('COORDINATOR_NOT_AVAILABLE');
    expect(await released).toMatchObject({ error: 'COORDINATOR_NOT_AVAILABLE' });
    expect(next(share, 'c')).toBe('1 x2');
  }));

test('what is acknowledged during a write goes with the next one, and is answered with what came of that', () =>
  withLeader(async (leader) => {
    const share = await leader.loaded();
    for (const _ of [0, 1, 2]) next(share, 'a');
    const answers: (Refusal | null)[] = [];
    for (const offset of [0, 1, 2])
      say(share, 'a', offset, accept).then(
        (answer) => answers.push(answer),
        () => answers.push({ error: 'UNKNOWN_SERVER_ERROR', message: 'it rejected' }),
      );
    expect(leader.asked.map(({ stateBatches }) => stateBatches)).toEqual([
      [{ firstOffset: 0, lastOffset: 0, deliveryState: 2, deliveryCount: 1 }],
    ]);
    await leader.answer(null);
    expect(answers).toEqual([null]);
    expect(leader.asked[1]).toMatchObject({
      startOffset: 1,
      deliveryCompleteCount: 2,
      stateBatches: [{ firstOffset: 1, lastOffset: 2, deliveryState: 2, deliveryCount: 1 }],
    });
    await leader.answer(null);
    expect(answers).toEqual([null, null, null]);
  }));

test('after the share coordinator said that another leads, all that waits is told so, and nothing is given', () =>
  withLeader(async (leader) => {
    const share = await leader.loaded();
    for (const _ of [0, 1]) next(share, 'a');
    const waiting = [say(share, 'a', 0, accept), say(share, 'a', 1, accept)];
    await leader.answer('NOT_LEADER_OR_FOLLOWER');
    expect(await Promise.all(waiting)).toMatchObject([
      { error: 'NOT_LEADER_OR_FOLLOWER' },
      { error: 'NOT_LEADER_OR_FOLLOWER' },
    ]);
    expect([share.endedBy, next(share, 'b')]).toEqual(['NOT_LEADER_OR_FOLLOWER', null]);
    expect([leader.asked.length, leader.sharePartitions.size]).toEqual([1, 0]);
  }));

test('an answer that comes after the leadership ended changes nothing, and the member knows no more than before', () =>
  withLeader(async (leader) => {
    const share = await leader.loaded();
    for (const _ of [0, 1]) next(share, 'a');
    const first = say(share, 'a', 0, accept);
    const second = say(share, 'a', 1, accept);
    leader.sharePartitions.becameFollower(leader.replica);
    expect(await second).toMatchObject({ error: 'NOT_LEADER_OR_FOLLOWER' });
    await leader.answer(null);
    // The share coordinator has it: whoever leads next gives it to nobody.
    expect(await first).toBeNull();
    expect([next(share, 'b'), leader.asked.length]).toEqual([null, 1]);
  }));

test('a state that could not be read is read again by the next fetch', () =>
  withLeader(async (leader) => {
    leader.state = { error: 'COORDINATOR_NOT_AVAILABLE', message: null };
    const failed = await leader.loaded();
    expect([failed.endedBy, next(failed, 'a')]).toEqual(['COORDINATOR_NOT_AVAILABLE', null]);
    leader.state = {
      stateEpoch: 1,
      startOffset: 1,
      stateBatches: [{ firstOffset: 1, lastOffset: 1, deliveryState: 0, deliveryCount: 2 }],
    };
    const share = await leader.loaded();
    expect([next(share, 'a'), next(share, 'a'), next(share, 'a')]).toEqual(['1 x3', '2 x1', null]);
  }));

test('where a group begins is kept before anybody reads; while that fails nobody does', () =>
  withLeader(async (leader) => {
    leader.state = { stateEpoch: 1, startOffset: -1, stateBatches: [] };
    const share = await leader.loaded();
    expect(leader.asked).toMatchObject([{ startOffset: 0, leaderEpoch: 4, stateBatches: [] }]);
    expect(next(share, 'a')).toBeNull();
    await leader.answer('COORDINATOR_NOT_AVAILABLE');
    expect(share.endedBy).toBe('COORDINATOR_NOT_AVAILABLE');
    const other = await leader.loaded();
    await leader.answer(null);
    expect(next(other, 'a')).toBe('0 x1');
  }));

test('records that are deleted are nobody’s, whoever has them, and the group goes on behind them', () =>
  withLeader(async (leader) => {
    const share = await leader.loaded();
    expect(next(share, 'a')).toBe('0 x1');
    leader.replica.log.trimming.deleteSegmentsBelow(2);
    expect(next(share, 'b')).toBe('2 x1');
    // As in Apache Kafka: it is as good as acknowledged, and nothing is kept of it.
    expect(await say(share, 'a', 0, accept)).toBeNull();
    expect(leader.asked).toEqual([]);
    const accepted = say(share, 'b', 2, accept);
    await leader.answer(null);
    expect(await accepted).toBeNull();
    expect(leader.asked).toMatchObject([{ startOffset: 2 }]);
  }));

test('a member that has left gives back what it had, also while the share coordinator keeps something else of it', () =>
  withLeader(async (leader) => {
    const share = await leader.loaded();
    expect([next(share, 'a'), next(share, 'a')]).toEqual(['0 x1', '1 x1']);
    const accepted = say(share, 'a', 0, accept);
    const left = share.release('a');
    leader.sharePartitions.groupLeft('queue');
    expect(share.endedBy).toBeNull();
    await leader.answer(null);
    await leader.answer(null);
    expect([await accepted, await left, share.endedBy]).toEqual([null, null, 'NOT_LEADER_OR_FOLLOWER']);
    expect(leader.asked.at(-1)?.stateBatches).toEqual([
      { firstOffset: 1, lastOffset: 1, deliveryState: 0, deliveryCount: 1 },
    ]);
  }));
