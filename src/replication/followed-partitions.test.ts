import { expect, test } from 'vitest';
import { Simulation } from '../../sim/simulation.ts';
import { openLog, put } from '../storage/testing/log-bench.ts';
import { FollowedPartitions } from './followed-partitions.ts';
import { Partition } from './partition.ts';
import { inSyncPartition } from './testing/in-sync-partition.ts';
import { quietHost } from './testing/quiet-host.ts';

const FOLLOWING = inSyncPartition([1, 2], { leader: 2 });

/** A follower under flush.messages=1 on a device that takes 5 ms, and where its next fetch says it is. */
function follower(simulation: Simulation) {
  const host = simulation.host('broker-1');
  host.faults.syncMs = [5, 5];
  const log = openLog(host.world, { settings: { flushMessages: 1 } });
  const partition = new Partition(host.world, {
    topic: 't',
    topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
    index: 0,
    log,
    host: quietHost,
  });
  partition.makeFollower(FOLLOWING);
  const followed = new FollowedPartitions({ partitionBytesMax: 1_000_000, backoffMs: 1000 });
  followed.add(partition);
  const claims = () => {
    const { named } = followed.plan({ isFull: true, now: 0, isThrottled: () => false });
    return named.map(({ fetchOffset }) => fetchOffset);
  };
  return { host, log, claims };
}

test('a follower claims what it appended when its device has it, and asks for nothing before', async () => {
  const simulation = new Simulation(1);
  await simulation.run(async () => {
    const { log, claims } = follower(simulation);
    await log.flush();
    expect(claims()).toEqual([0]);
    put(log, 'a');
    expect(claims()).toEqual([]);
    await simulation.until(() => log.syncedEndOffset === 1, 1000);
    expect(claims()).toEqual([1]);
  });
});

test('a follower does not claim what its device has refused', async () => {
  const simulation = new Simulation(1);
  await simulation.run(async () => {
    const { host, log, claims } = follower(simulation);
    await log.flush();
    host.faults.syncEio = 1;
    put(log, 'a');
    await simulation.until(() => log.fault !== null, 1000);
    expect(log.endOffset).toBe(1);
    expect(claims()).toEqual([0]);
  });
});
