import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answerTo,
  apart,
  type BesideKafka,
  servedByBoth,
  startBesideKafka,
  withoutKafka,
} from './beside-kafka.ts';

/** Sends every version of every API that is about topics, from a client that may do everything. */
const from = '127.0.0.1';
const NOWHERE = { topic: 'nowhere', topicId: 'bm93aGVyZW5vd2hlcmUtLQ' };
/** From which version on: a request for metadata makes the topic before. */
const ABOUT_TOPICS: ReadonlyMap<string, number> = new Map(
  [
    ...['Produce', 'Fetch', 'ListOffsets', 'OffsetCommit', 'OffsetFetch', 'DeleteTopics', 'DeleteRecords'],
    ...['OffsetForLeaderEpoch', 'TxnOffsetCommit', 'DescribeConfigs', 'AlterConfigs', 'AlterReplicaLogDirs'],
    ...['CreatePartitions', 'ElectLeaders', 'IncrementalAlterConfigs', 'AlterPartitionReassignments'],
    ...['ListPartitionReassignments', 'OffsetDelete', 'DescribeProducers', 'DescribeTopicPartitions'],
    ...['AlterShareGroupOffsets', 'DeleteShareGroupOffsets'],
  ].map((name) => [name, 0]),
).set('Metadata', 4);
let both: BesideKafka;

beforeAll(async () => {
  if (!withoutKafka) both = await startBesideKafka();
});

afterAll(() => both?.stop());

describe.skipIf(withoutKafka)('a topic that does not exist', () => {
  test('is answered as by Apache Kafka, in every version of every API', async () => {
    const differing: Record<string, unknown> = {};
    let asked = 0;
    for (const one of await servedByBoth(both)) {
      if (one.version < (ABOUT_TOPICS.get(one.api.name) ?? Number.POSITIVE_INFINITY)) continue;
      asked++;
      const [here, there] = [
        worded(await answerTo(both.ours, one, { from, place: NOWHERE })),
        worded(await answerTo(both.theirs, one, { from, place: NOWHERE })),
      ];
      if (here !== there) differing[`${one.api.name} v${one.version}`] = apart(here, there);
    }
    expect(differing).toEqual({});
    expect(asked).toBeGreaterThan(90);
  });
});

/** Whether there is a message, and not what it says. */
function worded(answer: string): string {
  return answer.replace(/"errorMessage":"(?:[^"\\]|\\.)+"/g, '"errorMessage":"…"');
}
