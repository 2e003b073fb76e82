import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { silent } from '../../base/log.ts';
import { Turns } from '../../base/turns.ts';
import type { World } from '../../base/world.ts';
import { CoordinatorLogError } from '../../coordinator/coordinator-log.ts';
import { at } from '../../protocol/records/batch.ts';
import { crc32c } from '../../protocol/records/crc32c.ts';
import { buildBatch } from '../../protocol/records/record.ts';
import { Partition } from '../../replication/partition.ts';
import { quietHost } from '../../replication/testing/quiet-host.ts';
import { defaultLogConfig } from '../../storage/log-config.ts';
import { openLog } from '../../storage/testing/log-bench.ts';
import { ORDERS } from '../testing/three-brokers.ts';
import { PartitionCoordinatorLog } from './coordinator-log.ts';

/** The offsets that are visited when one compressed batch is loaded whose records say these offsets. */
async function loaded(world: World, offsetDeltas: readonly number[]): Promise<number[]> {
  const records = offsetDeltas.map((offsetDelta) => ({
    timestamp: 1,
    key: Buffer.from('k'),
    value: null,
    offsetDelta,
  }));
  const batch = buildBatch({ records, compression: 'gzip' });
  batch.writeInt32BE(offsetDeltas.length - 1, at.lastOffsetDelta);
  batch.writeUInt32BE(crc32c(batch, at.attributes), at.crc);
  const log = openLog(world);
  log.append(batch, { origin: 'client', leaderEpoch: 0 });
  log.writeNow();
  const partition = new Partition(world, {
    topic: '__share_group_state',
    topicId: ORDERS,
    index: 0,
    log,
    host: quietHost,
  });
  const offsets: number[] = [];
  const coordinatorLog = new PartitionCoordinatorLog(world, partition, new Turns(world.clock));
  await coordinatorLog.load(({ offset }) => offsets.push(offset));
  return offsets;
}

async function simulated(run: (world: World) => Promise<void>): Promise<void> {
  const simulation = new Simulation(1);
  const { world } = simulation.host('broker-1');
  await simulation.run(async () => run(world));
}

test('records are visited in the order of their offsets', () =>
  simulated(async (world) => {
    expect(await loaded(world, [0, 1, 2])).toEqual([0, 1, 2]);
  }));

// A coordinator ends its process when it replays out of order: it would do so at every start.
test.each([[[1, 0]], [[0, 0]], [[0, 7]]])(
  'a batch whose records do not count up cannot be loaded: %j',
  (deltas) =>
    simulated(async (world) => {
      await expect(loaded(world, deltas)).rejects.toMatchObject({ error: 'CORRUPT_MESSAGE' });
    }),
);

test('a coordinator’s batch that no follower could fetch in one answer is refused, not appended', () => {
  const mebibyte = 1024 * 1024;
  const appended: number[] = [];
  const partition = {
    topic: '__consumer_offsets',
    index: 0,
    log: { config: defaultLogConfig },
    append: ({ records }: { readonly records: Buffer }) => {
      appended.push(records.length);
      return { lastOffset: appended.length - 1 };
    },
  } as unknown as Partition;
  const world = { clock: { now: () => 0 }, log: silent } as unknown as World;
  const log = new PartitionCoordinatorLog(world, partition, {} as Turns);
  const record = (bytes: number) => ({ key: Buffer.from('group'), value: Buffer.alloc(bytes) });

  // Larger than max.message.bytes, as the record of a large classic group is.
  expect(log.append([record(2 * mebibyte)])).toBe(1);
  const members = Array.from({ length: 6 }, () => record(20 * mebibyte));
  expect(() => log.append(members)).toThrow(
    new CoordinatorLogError(
      'MESSAGE_TOO_LARGE',
      '125829150 bytes are more than one batch of a coordinator has, 104857600',
    ),
  );
  expect(appended).toHaveLength(1);
});
