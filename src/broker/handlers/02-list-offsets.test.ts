import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { errorCode } from '../../protocol/errors.ts';
import { listOffsets } from '../../protocol/messages/02-list-offsets.ts';
import { Partition } from '../../replication/partition.ts';
import { inSyncPartition } from '../../replication/testing/in-sync-partition.ts';
import { quietHost } from '../../replication/testing/quiet-host.ts';
import { openLog, put } from '../../storage/testing/log-bench.ts';
import { ask } from '../testing/three-brokers.ts';
import { listOffsetsHandler } from './02-list-offsets.ts';

/**
 * Timestamps that mean something else, and since when (Kafka's ReplicaManager.timestampMinSupportedVersion).
 */
const SINCE: readonly (readonly [number, number])[] = [
  [-1, 1],
  [-2, 1],
  [-3, 7],
  [-4, 8],
  [-5, 9],
  [-6, 11],
];
const VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/** As Kafka's ListOffsetsRequestTest, testResponseDefaultOffsetAndLeaderEpochForAllVersions, has it. */
test('a timestamp that a version does not know is refused as unsupported, with no offset', () => {
  const simulation = new Simulation(1);
  const { world } = simulation.host('broker-1');
  const log = openLog(world);
  put(log, 'a');
  const partition = new Partition(world, { topic: 't', topicId: TOPIC, index: 0, log, host: quietHost });
  partition.makeLeader(inSyncPartition([1]));
  const replicas = { lookup: () => partition };
  return simulation.run(async () => {
    for (const version of VERSIONS)
      for (const [timestamp, since] of [...SINCE, [-7, 99] as const]) {
        const request = {
          replicaId: -1,
          isolationLevel: 0,
          timeoutMs: 0,
          topics: [{ name: 't', partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }] }],
        };
        const answer = await ask(listOffsets, listOffsetsHandler, { replicas }, { version, request });
        const one = answer.topics[0]?.partitions[0];
        const asked = `${timestamp} in version ${version}`;
        if (version >= since) expect([asked, one?.errorCode]).toEqual([asked, 0]);
        else
          expect([asked, one?.errorCode, one?.offset]).toEqual([asked, errorCode('UNSUPPORTED_VERSION'), -1]);
      }
  });
});

const TOPIC = 'AAAAAAAAAAAAAAAAAAAAAQ';
