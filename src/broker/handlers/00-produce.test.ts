import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { ZERO_UUID } from '../../base/brand.ts';
import { errorName } from '../../protocol/errors.ts';
import { produce } from '../../protocol/messages/00-produce.ts';
import { buildBatch } from '../../protocol/records/record.ts';
import { Partition } from '../../replication/partition.ts';
import { inSyncPartition } from '../../replication/testing/in-sync-partition.ts';
import { quietHost } from '../../replication/testing/quiet-host.ts';
import { openLog } from '../../storage/testing/log-bench.ts';
import type { ProduceContext } from '../producing/request-append.ts';
import { ask, brokerRecords, imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { produceHandler } from './00-produce.ts';

const VERSION = 12;
const WAIT_MS = 30_000;

/** Asks broker 1, which leads the partition; broker 2 is in sync, and fetches nothing. */
async function produced(partitions: readonly number[], acks: number) {
  const simulation = new Simulation(1);
  const { world } = simulation.host('broker-1');
  const partition = new Partition(world, {
    ...{ topic: 'orders', topicId: ORDERS, index: 0 },
    ...{ log: openLog(world), host: quietHost },
  });
  partition.makeLeader(inSyncPartition([1, 2]));
  const image = imageOf(
    ...brokerRecords,
    ...topicRecords('orders', ORDERS, [{ replicas: [1, 2], leader: 1 }]),
  );
  const context: ProduceContext = {
    world,
    image: () => image,
    replicas: { lookup: () => partition },
    volume: { take: () => null },
    quotas: { produced: () => 0 },
    transactionPartitions: { isAdmitted: () => true, admit: () => Promise.reject(new Error('not asked')) },
  };
  const records = buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.from('x') }] });
  const partitionData = partitions.map((index) => ({ index, records }));
  let errors: string[] = [];
  await simulation.run(async () => {
    const { responses } = await ask(produce, produceHandler, context, {
      version: VERSION,
      waitMsMax: WAIT_MS,
      request: {
        transactionalId: null,
        acks,
        timeoutMs: 20 * WAIT_MS,
        topicData: [{ name: 'orders', topicId: ZERO_UUID, partitionData }],
      },
    });
    errors = responses.flatMap(({ partitionResponses }) =>
      partitionResponses.map(({ errorCode }) => errorName(errorCode)),
    );
  });
  return { errors, waitedMs: simulation.time, endOffset: partition.log.endOffset };
}

test('a request that takes much memory is not waited for as long as its client likes', async () => {
  const { errors, waitedMs } = await produced([0], -1);
  expect(errors).toEqual(['REQUEST_TIMED_OUT']);
  expect(waitedMs).toBeGreaterThanOrEqual(WAIT_MS);
  expect(waitedMs).toBeLessThan(2 * WAIT_MS);
});

// Apache Kafka stores the last of its batches, and tells nothing of the others.
test('a partition that is named twice is written once, and the second time refused', async () => {
  const { errors, endOffset } = await produced([0, 0], 1);
  expect(errors).toEqual(['NONE', 'INVALID_REQUEST']);
  expect(endOffset).toBe(1);
});
