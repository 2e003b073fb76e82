import { expect, test } from 'vitest';
import { sleep } from '../src/base/clock.ts';
import type { PartitionImage } from '../src/metadata/topics.ts';
import { buildBatch } from '../src/protocol/records/record.ts';
import type { IsrAnswer, IsrChange } from '../src/replication/isr-changes.ts';
import { Partition } from '../src/replication/partition.ts';
import { quietHost } from '../src/replication/testing/quiet-host.ts';
import { defaultLogConfig } from '../src/storage/log-config.ts';
import { PartitionLog } from '../src/storage/partition-log.ts';
import { Simulation } from './simulation.ts';

const LAG_TIME_MS = 1_000;

/** Broker 1 leads with broker 2 in sync; broker 3 has caught up, and the controller was asked to add it. */
function led(minInSyncReplicas = 2) {
  const simulation = new Simulation(1);
  const { world } = simulation.host('broker-1');
  const asked: { change: IsrChange; answered: (answer: IsrAnswer) => void }[] = [];
  const log = PartitionLog.open(world, {
    directory: '/t-0',
    config: defaultLogConfig,
    recoveryPoint: 0,
    clean: true,
  });
  const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ';
  const partition = new Partition(world, {
    topic: 't',
    topicId,
    index: 0,
    log,
    host: {
      ...quietHost,
      lagTimeMaxMs: () => LAG_TIME_MS,
      minInSyncReplicas: () => minInSyncReplicas,
      // Broker 3 is fenced a moment later: then it does not count as a member that has caught up, but members
      // of the ISR do.
      eligibleEpoch: (id) => (id === 3 && asked.length > 0 ? null : 7),
      changeIsr: (change, answered) => asked.push({ change, answered }),
    },
  });
  const state: PartitionImage = {
    replicas: [1, 2, 3],
    directories: [],
    isr: [1, 2],
    removingReplicas: [],
    addingReplicas: [],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    leader: 1,
    leaderRecoveryState: 0,
    leaderEpoch: 0,
    partitionEpoch: 5,
  };
  partition.makeLeader(state);
  const fetchFrom = (id: number, offset: number): void => {
    partition.onFollowerFetch(id, { offset, logStartOffset: 0, brokerEpoch: 7 });
  };
  fetchFrom(3, 0);
  const records = buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.from('x') }] });
  partition.append({ records, origin: 'client', acks: 'all', acked: () => {} });
  log.writeNow();
  return { simulation, partition, log, asked, state, fetchFrom };
}

test('a follower that was perhaps taken into the ISR counts until the metadata log says that it was not', () => {
  const { partition, log, asked, state, fetchFrom } = led();
  expect(asked[0]?.change.isr.map(({ brokerId }) => brokerId)).toEqual([1, 2, 3]);
  asked[0]?.answered({ error: 'INVALID_UPDATE_VERSION' });
  fetchFrom(2, 1);
  expect(log.highWatermark).toBe(0);
  partition.makeLeader({ ...state, partitionEpoch: 6 });
  expect(log.highWatermark).toBe(1);
});

test('a follower that the controller did not take does not hold back anything', () => {
  const { log, asked, fetchFrom } = led();
  asked[0]?.answered({ error: 'INELIGIBLE_REPLICA' });
  fetchFrom(2, 1);
  expect(log.highWatermark).toBe(1);
});

test('a follower that was taken out counts until the metadata log says so: it may be eligible to lead by a newer minimum', async () => {
  const { simulation, partition, log, asked, state } = led(1);
  asked[0]?.answered({ error: 'INELIGIBLE_REPLICA' });
  await simulation.run(() => sleep(simulation.clock, LAG_TIME_MS + 1));
  partition.maybeShrinkIsr();
  expect(asked[1]?.change.isr.map(({ brokerId }) => brokerId)).toEqual([1]);
  const shrunk = { isr: [1], partitionEpoch: 6, leaderEpoch: 0, leader: 1, leaderRecoveryState: 0 };
  asked[1]?.answered(shrunk);
  expect(log.highWatermark).toBe(0);
  partition.makeLeader({ ...state, ...shrunk });
  expect(log.highWatermark).toBe(1);
});
